/** The net that trains a denoiser. */
import { type Graph, graph, meanSquaredLoss, type Net, randomInteger, randomNormal } from "../dsl/index.js";
import { forwardProcess, type Schedule } from "../runtime/diffusion/index.js";

/**
 * E‖ε − ε̂(√ᾱ_t·x₀ + √(1−ᾱ_t)·ε, t)‖²/nDim over t uniform in 1 … T and ε normal: input x0 [nDim], output `loss`.
 * The denoiser is its node `model`. Ho et al. 2020, arXiv 2006.11239, algorithm 1.
 */
export const trainingNet = ({
  model,
  schedule,
  nDim,
}: {
  /** A net with ports t (1 … T) and xt [nDim]. */
  readonly model: Net;
  readonly schedule: Schedule;
  readonly nDim: number;
}): Graph =>
  graph({
    inputs: { x0: [nDim] },
    nodes: {
      t: randomInteger(1, schedule.steps),
      eps: randomNormal([nDim]),
      xt: forwardProcess(schedule),
      model,
      loss: meanSquaredLoss(),
    },
    edges: { xt: { t: "t", x0: "x0", eps: "eps" }, model: { t: "t", xt: "xt" }, loss: ["model", "eps"] },
    outputs: "loss",
  });
