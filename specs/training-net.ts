/** The net that trains a denoiser. */
import {
  type Fn,
  fn,
  type Graph,
  graph,
  integer,
  meanSquaredLoss,
  type Net,
  type PortSpec,
  randomInteger,
  randomNormal,
  randomUniform,
  real,
  type Wires,
} from "../dsl/index.js";
import { forwardProcess, type Prediction, type Schedule, targetOf } from "../runtime/diffusion/index.js";

/** What the denoiser is told beside x_t and t. */
export interface LabelOptions {
  /** The labels are 0 … classes − 1; `classes` itself stands for none. */
  readonly classes: number;
  /** How likely a label is replaced by none, from 0 to below 1; default 0.1. */
  readonly dropout?: number;
}

export interface TrainingNetOptions {
  /** A net with ports t (1 … T) and xt of the shape nDim and, with `label`, label (0 … classes). */
  readonly model: Net;
  readonly schedule: Schedule;
  /** The numbers of one point, or the shape of one image. */
  readonly nDim: number | readonly number[];
  /** What the denoiser learns to say: the noise (default), the data, or v between the two (`targetOf`). */
  readonly predicts?: Prediction;
  /** Trains a denoiser of labelled data, and one of all data within it, for guidance. Default: no labels. */
  readonly label?: LabelOptions;
}

/**
 * E‖ε − ε̂(√ᾱ_t·x₀ + √(1−ᾱ_t)·ε, t)‖²/nDim over t uniform in 1 … T and ε normal: input x0 of the shape nDim, output `loss`.
 * The denoiser is its node `model`. Ho et al. 2020, arXiv 2006.11239, algorithm 1; with `predicts` x₀ or v in ε's place.
 *
 * With `label` there is an input `label` (0 … classes − 1), which the denoiser receives, but for a share `dropout` of the
 * examples: those have the label `classes`, none (Ho and Salimans 2022, arXiv 2207.12598, algorithm 1).
 * Errors: a denoiser without these ports, a dropout that is no such share.
 */
export function trainingNet({ model, schedule, nDim, predicts = "eps", label }: TrainingNetOptions): Graph {
  const shape = typeof nDim === "number" ? [nDim] : nDim;
  const inputs: Record<string, PortSpec> = { x0: shape };
  const nodes: Record<string, Net> = {
    t: randomInteger(1, schedule.steps),
    eps: randomNormal(shape),
    xt: forwardProcess(schedule),
    model,
    loss: meanSquaredLoss(),
  };
  const mix = { t: "t", x0: "x0", eps: "eps" };
  const edges: Record<string, Wires> = {
    xt: mix,
    model: { t: "t", xt: "xt", ...(label && { label: "given" }) },
    loss: ["model", predicts],
  };
  if (predicts === "v") {
    nodes.v = targetOf("v", schedule);
    edges.v = mix;
  }
  if (label) {
    inputs.label = integer(0, label.classes - 1);
    nodes.u = randomUniform([]);
    nodes.given = dropped(label);
    edges.given = { label: "label", u: "u" };
  }
  return graph({ inputs, nodes, edges, outputs: "loss" });
}

/** The label, or `classes` in its place where u, uniform in 0 … 1, is less than `dropout`. */
function dropped({ classes, dropout = 0.1 }: LabelOptions): Fn {
  if (!(dropout >= 0 && dropout < 1))
    throw new RangeError(
      `trainingNet: label.dropout takes a number from 0 to below 1 but receives ${dropout}`,
    );
  return fn(
    { label: integer(0, classes - 1), u: real },
    ({ label, u }) => u.lt(dropout).select(classes, label),
    { output: integer(0, classes) },
  );
}
