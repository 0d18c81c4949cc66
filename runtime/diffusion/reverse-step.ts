/** One step of a sampler, declared as a net: sampling is a fold of it over t = T … 1. */
import { table } from "../../dsl/expression.js";
import { fn } from "../../dsl/fn.js";
import { inferShapes } from "../../dsl/infer.js";
import { randomNormal } from "../../dsl/layers/sources.js";
import type { Graph, Net } from "../../dsl/net.js";
import { integer } from "../../dsl/ports.js";
import type { Ddpm, Sampler } from "./sampler.js";
import type { Schedule } from "./schedule.js";

/**
 * x_{t−1} = (x_t − β_t/√(1−ᾱ_t)·ε̂)/√(1−β_t) + σ_t·z, z ~ N(0, I), as a graph: inputs `x` (of the shape of the model's
 * port `xt`) and `t` (1 … T), output `x`. ε̂ is the model's output at x and t; σ₁ = 0, so the last step adds no noise.
 * Throws where the model has no ports t and xt, where t does not run to the schedule's T, or the model itself is at fault (`inferShapes`).
 * Ho et al. 2020, arXiv 2006.11239, algorithm 2.
 */
export function reverseStep(model: Net, schedule: Schedule, sampler: Sampler): Graph {
  const shape = shapeOf(model, schedule);
  const { steps, betas, alphaBars } = schedule;
  const beta = table("beta", betas);
  const sqrtOneMinusBeta = table(
    "sqrtOneMinusBeta",
    betas.map((b) => Math.sqrt(1 - b)),
  );
  const sqrtOneMinusAlphaBar = table(
    "sqrtOneMinusAlphaBar",
    alphaBars.map((alphaBar) => Math.sqrt(1 - alphaBar)),
  );
  const sigma = table("sigma", sigmas(schedule, sampler.variance));
  const t = integer(1, steps);
  const point = { dtype: "real", shape } as const;
  return {
    op: "graph",
    inputs: { x: point, t },
    nodes: {
      epsHat: model,
      z: randomNormal(shape),
      next: fn({ x: point, epsHat: point, z: point, t }, ({ x, epsHat, z, t }) =>
        x
          .sub(beta(t).div(sqrtOneMinusAlphaBar(t)).mul(epsHat))
          .div(sqrtOneMinusBeta(t))
          .add(sigma(t).mul(z)),
      ),
    },
    edges: { epsHat: { t: "t", xt: "x" }, next: { x: "x", epsHat: "epsHat", z: "z", t: "t" } },
    outputs: { x: "next" },
  };
}

/** σ_t for t = 1 … T: σ₁ = 0, else √β_t or √β̃_t with β̃_t = β_t(1−ᾱ_{t−1})/(1−ᾱ_t). */
export const sigmas = ({ betas, alphaBars }: Schedule, variance: Ddpm["variance"]): number[] =>
  betas.map((beta, i) => {
    if (i === 0) return 0;
    const ratio = (1 - (alphaBars[i - 1] as number)) / (1 - (alphaBars[i] as number));
    return Math.sqrt(variance === "beta" ? beta : beta * ratio);
  });

/** The shape of one point by the model's port xt. */
function shapeOf(model: Net, { steps }: Schedule): readonly number[] {
  const ports = inferShapes(model)[""]?.inputs ?? {};
  const { t, xt } = ports;
  if (!t || !xt?.shape)
    throw new Error(
      `reverseStep: takes a model with ports t and xt but receives one with ${Object.keys(ports).join(", ") || "none"}`,
    );
  if (t.dtype !== "integer" || t.min > 1 || t.max < steps)
    throw new Error(
      `reverseStep: takes a model whose port t reaches from 1 to the schedule's ${steps} but receives ${t.dtype === "integer" ? `${t.min} to ${t.max}` : "a real port"}`,
    );
  return xt.shape as readonly number[];
}
