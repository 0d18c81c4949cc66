/** The net that trains a denoiser. */
import { type Graph, graph, meanSquaredLoss, type Net, randomInteger, randomNormal } from "../dsl/index.js";
import { forwardProcess, type Schedule } from "../runtime/diffusion/index.js";

/**
 * E‖ε − ε̂(√ᾱ_t·x₀ + √(1−ᾱ_t)·ε, t)‖²/nDim over t uniform in 1 … T and ε normal: input x0 of the shape nDim, output `loss`.
 * The denoiser is its node `model`. Ho et al. 2020, arXiv 2006.11239, algorithm 1.
 */
export const trainingNet = ({
  model,
  schedule,
  nDim,
}: {
  /** A net with ports t (1 … T) and xt of the shape nDim. */
  readonly model: Net;
  readonly schedule: Schedule;
  /** The numbers of one point, or the shape of one image. */
  readonly nDim: number | readonly number[];
}): Graph => {
  const shape = typeof nDim === "number" ? [nDim] : nDim;
  return graph({
    inputs: { x0: shape },
    nodes: {
      t: randomInteger(1, schedule.steps),
      eps: randomNormal(shape),
      xt: forwardProcess(schedule),
      model,
      loss: meanSquaredLoss(),
    },
    edges: { xt: { t: "t", x0: "x0", eps: "eps" }, model: { t: "t", xt: "xt" }, loss: ["model", "eps"] },
    outputs: "loss",
  });
};
