/** One step of a sampler, declared as a net: sampling is a fold of it over the rows of its table. */
import { table } from "../../dsl/expression.js";
import { fn } from "../../dsl/fn.js";
import { inferShapes } from "../../dsl/infer.js";
import { randomNormal } from "../../dsl/layers/sources.js";
import { hint } from "../../dsl/message.js";
import type { Fn, Graph, Net, PortType } from "../../dsl/net.js";
import { parameterSpecs } from "../../dsl/parameters.js";
import { integer } from "../../dsl/ports.js";
import { share } from "../../dsl/surgery.js";
import { type Prediction, x0HatOf } from "./prediction.js";
import type { Sampler } from "./sampler.js";
import { type SamplerTable, samplerTable } from "./sampler-table.js";
import type { Schedule } from "./schedule.js";

/**
 * Classifier-free guidance: the model says (1 + w)·m(x, t, given) − w·m(x, t, others), where `inputs` are what the others
 * receive in place of what is given (Ho and Salimans 2022, arXiv 2207.12598, equation 6).
 */
export interface Guidance {
  /** w; 0 is no guidance, −1 the others alone. */
  readonly weight: number;
  /** Numbers by port of the model, the same for every example: `{ label: 10 }`, the label that stands for none. */
  readonly inputs: Readonly<Record<string, number>>;
}

export interface ReverseStepOptions {
  /** What the model says; default "eps". */
  readonly predicts?: Prediction;
  /** Keeps x̂₀ within ±clip; default: it is left as it is. */
  readonly clip?: number;
  /** Default: none. */
  readonly guidance?: Guidance;
}

/**
 * x ← a_i x + b_i x̂₀ + σ_i z, z ~ N(0, I), as a graph: inputs `x` (of the shape of the model's port `xt`), `t` (1 … T, the
 * time that the model is asked at), `i` (1 … rows of the sampler's table) and the model's further ports by their names;
 * output `x`. x̂₀ follows from what the model says of x at t. With `guidance` of a weight other than 0 the model is there
 * twice, as `given` and `others`, with one set of weights. Throws where the model has no ports t and xt, where t does not run
 * to the schedule's T, where guidance does not fit its ports, or the model itself is at fault (`inferShapes`).
 */
export function reverseStep(
  model: Net,
  schedule: Schedule,
  sampler: Sampler,
  { predicts = "eps", clip, guidance }: ReverseStepOptions = {},
): Graph {
  const { shape, further } = portsOf(model, schedule);
  const { rows } = samplerTable(sampler, schedule);
  const t = integer(1, schedule.steps);
  const i = integer(1, rows.length);
  const point = { dtype: "real", shape } as const;
  const [a, b, sigma] = coefficients(rows);
  const noisy = rows.some((row) => row[2] !== 0);
  const asked = guidance ? guided(model, point, further, guidance) : plain(model, further);
  const step: Graph = {
    op: "graph",
    inputs: { x: point, t, i, ...further },
    nodes: {
      ...asked.nodes,
      x0Hat: x0HatOf(predicts, schedule, { shape, clip }),
      ...(noisy && { z: randomNormal(shape) }),
      next: noisy
        ? fn({ x: point, x0Hat: point, z: point, i }, ({ x, x0Hat, z, i }) =>
            a(i).mul(x).add(b(i).mul(x0Hat)).add(sigma(i).mul(z)),
          )
        : fn({ x: point, x0Hat: point, i }, ({ x, x0Hat, i }) => a(i).mul(x).add(b(i).mul(x0Hat))),
    },
    edges: {
      ...asked.edges,
      x0Hat: { t: "t", xt: "x", said: "said" },
      next: { x: "x", x0Hat: "x0Hat", ...(noisy && { z: "z" }), i: "i" },
    },
    outputs: { x: "next" },
  };
  const taken = Object.keys(further).find((name) => ["x", "i"].includes(name) || name in step.nodes);
  if (taken !== undefined)
    throw new Error(
      `reverseStep: takes a model whose ports have names of their own but receives one with ${taken}`,
    );
  const twice = "others" in step.nodes && Object.keys(parameterSpecs(model)).length > 0;
  return twice ? (share(step, ["given", "others"]) as Graph) : step;
}

type Asked = Pick<Graph, "nodes" | "edges">;
type Ports = Readonly<Record<string, PortType>>;

const edgesOf = (further: Ports): Readonly<Record<string, string>> => ({
  t: "t",
  xt: "x",
  ...Object.fromEntries(Object.keys(further).map((name) => [name, name])),
});
const plain = (model: Net, further: Ports): Asked => ({
  nodes: { said: model },
  edges: { said: edgesOf(further) },
});

/** The model twice; with no weight once, but for the same errors. */
function guided(model: Net, point: PortType, further: Ports, { weight, inputs }: Guidance): Asked {
  if (!Number.isFinite(weight))
    throw new Error(`guidance: weight takes a finite number but receives ${weight}`);
  const constants = Object.entries(inputs).map(([port, value]) => ({
    port,
    node: `other${port.slice(0, 1).toUpperCase()}${port.slice(1)}`,
    net: constantLike(port, further, value),
  }));
  if (weight === 0) return plain(model, further);
  const sources = Object.fromEntries(constants.map(({ port, node }) => [port, node]));
  return {
    nodes: {
      given: model,
      ...Object.fromEntries(constants.map(({ node, net }) => [node, net])),
      others: model,
      said: fn({ given: point, others: point }, ({ given, others }) =>
        given.mul(1 + weight).sub(others.mul(weight)),
      ),
    },
    edges: {
      given: edgesOf(further),
      ...Object.fromEntries(constants.map(({ port, node }) => [node, { [port]: port }])),
      others: { ...edgesOf(further), ...sources },
      said: { given: "given", others: "others" },
    },
  };
}

/** A number in place of what such a port receives. */
function constantLike(name: string, further: Ports, value: number): Fn {
  const port = Object.hasOwn(further, name) ? further[name] : undefined;
  if (!port)
    throw new Error(`guidance: the model has no further port "${name}"${hint(name, Object.keys(further))}`);
  const { dtype } = port;
  const fits =
    dtype === "real"
      ? Number.isFinite(value)
      : Number.isInteger(value) && port.min <= value && value <= port.max;
  if (!fits)
    throw new Error(
      `guidance: ${name} takes ${dtype === "real" ? "a finite number" : `a whole number from ${port.min} to ${port.max}`} but receives ${value}`,
    );
  return {
    op: "fn",
    inputs: { [name]: port },
    body: [{ op: "constant", value }],
    ...(dtype === "integer" && { output: { ...port, shape: [] } }),
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

/** The shape of one point by the model's port xt, and the ports beside xt and t. */
function portsOf(
  model: Net,
  { steps }: Schedule,
): { readonly shape: readonly number[]; readonly further: Ports } {
  const ports = inferShapes(model)[""]?.inputs ?? {};
  const { t, xt, ...further } = ports;
  if (!t || !xt?.shape)
    throw new Error(
      `reverseStep: takes a model with ports t and xt but receives one with ${Object.keys(ports).join(", ") || "none"}`,
    );
  if (t.dtype !== "integer" || t.min > 1 || t.max < steps)
    throw new Error(
      `reverseStep: takes a model whose port t reaches from 1 to the schedule's ${steps} but receives ${t.dtype === "integer" ? `${t.min} to ${t.max}` : "a real port"}`,
    );
  return { shape: xt.shape as readonly number[], further };
}
