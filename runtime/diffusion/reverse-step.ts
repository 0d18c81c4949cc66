/** One step of a sampler, declared as a net: sampling is a fold of it over the rows of its table. */
import { table } from "../../dsl/expression.js";
import { fn } from "../../dsl/fn.js";
import { inferShapes } from "../../dsl/infer.js";
import { randomNormal } from "../../dsl/layers/sources.js";
import type { Graph, Net } from "../../dsl/net.js";
import { integer } from "../../dsl/ports.js";
import { type Prediction, x0HatOf } from "./prediction.js";
import type { Sampler } from "./sampler.js";
import { type SamplerTable, samplerTable } from "./sampler-table.js";
import type { Schedule } from "./schedule.js";

export interface ReverseStepOptions {
  /** What the model says; default "eps". */
  readonly predicts?: Prediction;
  /** Keeps x̂₀ within ±clip; default: it is left as it is. */
  readonly clip?: number;
}

/**
 * x ← a_i x + b_i x̂₀ + σ_i z, z ~ N(0, I), as a graph: inputs `x` (of the shape of the model's port `xt`), `t` (1 … T, the
 * time that the model is asked at) and `i` (1 … rows of the sampler's table), output `x`. x̂₀ follows from what the
 * model says of x at t. Throws where the model has no ports t and xt, where t does not run to the schedule's T, or the model
 * itself is at fault (`inferShapes`).
 */
export function reverseStep(
  model: Net,
  schedule: Schedule,
  sampler: Sampler,
  { predicts = "eps", clip }: ReverseStepOptions = {},
): Graph {
  const shape = shapeOf(model, schedule);
  const { rows } = samplerTable(sampler, schedule);
  const t = integer(1, schedule.steps);
  const i = integer(1, rows.length);
  const point = { dtype: "real", shape } as const;
  const [a, b, sigma] = coefficients(rows);
  const noisy = rows.some((row) => row[2] !== 0);
  return {
    op: "graph",
    inputs: { x: point, t, i },
    nodes: {
      said: model,
      x0Hat: x0HatOf(predicts, schedule, { shape, clip }),
      ...(noisy && { z: randomNormal(shape) }),
      next: noisy
        ? fn({ x: point, x0Hat: point, z: point, i }, ({ x, x0Hat, z, i }) =>
            a(i).mul(x).add(b(i).mul(x0Hat)).add(sigma(i).mul(z)),
          )
        : fn({ x: point, x0Hat: point, i }, ({ x, x0Hat, i }) => a(i).mul(x).add(b(i).mul(x0Hat))),
    },
    edges: {
      said: { t: "t", xt: "x" },
      x0Hat: { t: "t", xt: "x", said: "said" },
      next: { x: "x", x0Hat: "x0Hat", ...(noisy && { z: "z" }), i: "i" },
    },
    outputs: { x: "next" },
  };
}

/** The three columns of the table as functions of its row. */
const coefficients = (rows: SamplerTable["rows"]) =>
  (["a", "b", "sigma"] as const).map((name, k) =>
    table(
      name,
      rows.map((row) => row[k] as number),
    ),
  ) as [ReturnType<typeof table>, ReturnType<typeof table>, ReturnType<typeof table>];

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
