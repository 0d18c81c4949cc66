import { test } from "uvu";
import * as assert from "uvu/assert";
import { sizeOf } from "../dsl/array.js";
import { scalarOps } from "../dsl/expression.js";
import {
  append,
  attention,
  averagePool,
  batchNorm,
  chain,
  concat,
  conv2d,
  conv2dTranspose,
  crossEntropyLoss,
  depthwiseConv2d,
  downsample,
  dropout,
  embedding,
  flatten,
  fn,
  fold,
  graph,
  groupNorm,
  integer,
  layerNorm,
  linear,
  map,
  maxPool,
  mean,
  meanAbsoluteLoss,
  meanSquaredLoss,
  type Net,
  nest,
  type PortType,
  pad,
  parameter,
  part,
  plus,
  randomInteger,
  randomNormal,
  randomUniform,
  real,
  reshape,
  resize,
  rmsNorm,
  sinusoidalEmbedding,
  slice,
  softmax,
  table,
  tanh,
  thread,
  times,
  total,
  transpose,
  upsample,
} from "../dsl/index.js";
import { inferShapes } from "../dsl/infer.js";
import type { LayerName, Repeat, UnaryOp } from "../dsl/net.js";
import { initialize } from "../dsl/parameters.js";
import { integers, streamOf, uniforms } from "../dsl/random.js";
import { backendsHere } from "../test/backends.js";
import { interpret } from "../test/interpret.js";
import { lowerNet } from "./compile.js";
import { evaluate } from "./evaluate.js";
import { gradients } from "./gradients.js";
import { lossOf } from "./loss.js";
import { pack } from "./weights.js";

const batch = 3;
const seed = 5;
type Inputs = Record<string, PortType | readonly number[]>;
/** A net around one node `node`, with these inputs wired to its ports in order. */
const around = (node: Net, inputs: Inputs): Net =>
  graph({
    inputs,
    nodes: { node },
    edges: Object.keys(inputs).length > 1 ? { node: Object.keys(inputs) } : { node: Object.keys(inputs)[0] },
    outputs: "node",
  } as never) as Net;

/** A layer that draws, and a step of a recurrent net. */
const randomTimes = graph({
  inputs: { x: [2] },
  nodes: { n: randomNormal([2]), y: times() },
  edges: { y: ["x", "n"] },
  outputs: "y",
});
const cell = graph({
  inputs: { state: [2], input: [4] },
  nodes: { both: concat({ axis: 0 }), next: chain([2, tanh]) },
  edges: { both: ["state", "input"], next: "both" },
  outputs: "next",
});

/** Each layer in a few forms; `Record` so that a new layer without a test does not compile. */
const cases: Record<LayerName | "fn" | "chain" | Repeat["op"], readonly Net[]> = {
  linear: [around(linear(4), { x: [3] }), around(linear(2, { bias: false }), { x: [2, 3] })],
  elementwise: (Object.keys(scalarOps) as UnaryOp[])
    .filter((f) => scalarOps[f].arity === 1)
    .map((f) => around({ op: "elementwise", options: { f } }, { x: [3] })),
  append: [
    around(append(), { x: [3], y: real }),
    around(append(), { x: [3], y: integer(2, 5) }),
    around(append(), { x: [2, 3], y: [3] }),
  ],
  concat: [
    around(concat(), { x: [2, 3], y: [2, 1] }),
    around(concat({ axis: 0 }), { x: [2, 3], y: [1, 3], z: [1, 3] }),
  ],
  reshape: [around(reshape([3, 2]), { x: [6] })],
  flatten: [around(flatten(), { x: [2, 3] })],
  thread: [
    around(
      thread((x, y) => x.mul(y).sin()),
      { x: [3], y: [3] },
    ),
    around(
      thread((x, y) => x.mul(y).add(x), { broadcast: "trailing" }),
      { x: [2, 3], y: [3] },
    ),
    around(
      thread((x, y) => x.mul(y).add(x), { broadcast: "leading" }),
      { x: [2, 3], y: [2] },
    ),
  ],
  plus: [around(plus(), { x: [2], y: [2], z: [2] })],
  times: [around(times(), { x: [2], y: [2], z: [2] })],
  parameter: [
    graph({
      inputs: { x: [2, 3] },
      nodes: { p: parameter([2, 3]), y: times() },
      edges: { y: ["x", "p"] },
      outputs: "y",
    }),
  ],
  randomNormal: [
    graph({
      inputs: { x: [2] },
      nodes: { n: randomNormal([2], { mean: 1, std: 2 }), y: times() },
      edges: { y: ["x", "n"] },
      outputs: "y",
    }),
  ],
  randomUniform: [
    graph({
      inputs: { x: [2] },
      nodes: { n: randomUniform([2], { min: -1, max: 3 }), y: times() },
      edges: { y: ["x", "n"] },
      outputs: "y",
    }),
  ],
  randomInteger: [
    graph({
      inputs: { x: [2] },
      nodes: { t: randomInteger(1, 5), y: fn({ t: integer(1, 5), x: [2] }, ({ t, x }) => x.mul(t)) },
      edges: { y: { t: "t", x: "x" } },
      outputs: "y",
    }),
  ],
  embedding: [around(embedding(4), { x: integer(2, 6) })],
  sinusoidalEmbedding: [
    around(sinusoidalEmbedding(6), { x: real }),
    around(sinusoidalEmbedding(6), { x: integer(1, 9) }),
  ],
  softmax: [around(softmax(), { x: [4] }), around(softmax(), { x: [2, 3] })],
  layerNorm: [around(layerNorm(), { x: [4] }), around(layerNorm({ epsilon: 0.1 }), { x: [2, 3] })],
  rmsNorm: [around(rmsNorm(), { x: [4] }), around(rmsNorm({ epsilon: 0.1 }), { x: [2, 3] })],
  groupNorm: [
    around(groupNorm(2, { epsilon: 0.1 }), { x: [2, 3, 4] }),
    around(groupNorm(3, { epsilon: 0.1 }), { x: [6] }),
    around(groupNorm(1), { x: [3, 2] }),
  ],
  batchNorm: [
    around(batchNorm({ epsilon: 0.1 }), { x: [2, 2, 3] }),
    around(batchNorm({ epsilon: 0.1 }), { x: [4] }),
    around({ ...batchNorm(), frozen: true } as Net, { x: [2, 3] }),
  ],
  dropout: [around(dropout(0.4), { x: [5] })],
  conv2d: [
    around(conv2d(3, 3), { x: [4, 5, 2] }),
    around(conv2d(2, [3, 2], { stride: 2, bias: false }), { x: [5, 4, 3] }),
    around(conv2d(4, 2, { padding: "valid", dilation: [2, 1], groups: 2 }), { x: [4, 3, 4] }),
    around(conv2d(3, 1), { x: [2, 3, 4] }),
  ],
  depthwiseConv2d: [
    around(depthwiseConv2d(3), { x: [3, 4, 3] }),
    around(depthwiseConv2d([2, 3], { multiplier: 2, stride: 2 }), { x: [4, 4, 2] }),
  ],
  conv2dTranspose: [
    around(conv2dTranspose(2, 3, { stride: 2 }), { x: [2, 3, 2] }),
    around(conv2dTranspose(3, 2, { stride: [2, 3], padding: "valid", bias: false }), { x: [2, 2, 2] }),
  ],
  averagePool: [
    around(averagePool(2), { x: [4, 6, 2] }),
    around(averagePool(3, { stride: 2, padding: "same" }), { x: [4, 5, 2] }),
  ],
  maxPool: [
    around(maxPool(2), { x: [4, 4, 2] }),
    around(maxPool(3, { stride: [2, 1], padding: "same" }), { x: [4, 3, 2] }),
  ],
  upsample: [
    around(upsample(), { x: [2, 3, 2] }),
    around(upsample([2, 3], { method: "bilinear" }), { x: [2, 3, 2] }),
  ],
  downsample: [
    around(downsample(), { x: [4, 2, 3] }),
    around(downsample([3, 2], { method: "nearest" }), { x: [6, 4, 2] }),
    around(downsample(2, { method: "bilinear" }), { x: [4, 4, 2] }),
  ],
  resize: [
    around(resize([3, 5]), { x: [4, 3, 2] }),
    around(resize([5, 2], { method: "nearest" }), { x: [3, 3, 2] }),
  ],
  transpose: [around(transpose([2, 0, 1]), { x: [2, 3, 4] }), around(transpose([1, 0]), { x: [4, 3] })],
  part: [around(part(1), { x: [3, 2] }), around(part(-1, { axis: -1 }), { x: [2, 3] })],
  slice: [around(slice(1), { x: [3, 2] }), around(slice(-3, -1, { axis: 1 }), { x: [2, 4] })],
  pad: [around(pad([1, 0], [0, 2]), { x: [2, 3] }), around(pad([1], [1], { value: 2 }), { x: [3] })],
  attention: [
    around(attention(), { x: [3, 4] }),
    around(attention({ heads: 2, causal: true, bias: false }), { x: [4, 4] }),
    around(attention({ heads: 2 }), { x: [2, 2, 4] }),
    around(attention({ heads: 2, cross: true }), { x: [2, 2, 4], y: [3, 5] }),
  ],
  map: [
    around(map(chain([3, tanh])), { x: [4, 2] }),
    around(map(randomTimes), { x: [3, 2] }),
    around(map(append()), { x: [2, 3], y: [2] }),
  ],
  nest: [around(nest(chain([2, tanh]), 3), { x: [2] }), around(nest(randomTimes, 2), { x: [2] })],
  fold: [around(fold(cell), { x: [2], y: [3, 4] }), around(fold(cell, { all: true }), { x: [2], y: [3, 4] })],
  total: [around(total(), { x: [2, 3] }), around(total({ axes: [1] }), { x: [2, 3] })],
  mean: [around(mean(), { x: [2, 3] }), around(mean({ axes: [-2] }), { x: [2, 3] })],
  meanSquaredLoss: [
    around(meanSquaredLoss(), { x: [2, 3], y: [2, 3] }),
    around(meanSquaredLoss(), { x: real, y: real }),
  ],
  meanAbsoluteLoss: [around(meanAbsoluteLoss(), { x: [4], y: [4] })],
  crossEntropyLoss: [
    around(crossEntropyLoss(), { x: [4], y: integer(2, 5) }),
    graph({
      inputs: { x: [4], y: [4] },
      nodes: { p: softmax(), q: softmax(), loss: crossEntropyLoss({ from: "probabilities" }) },
      edges: { p: "x", q: "y", loss: { input: "p", target: "q" } },
      outputs: "loss",
    }),
  ],
  fn: [
    around(
      fn({ t: integer(1, 4), x: [3], y: [3] }, ({ t, x, y }) =>
        table("a", [0.1, 0.4, 0.6, 0.9])(t).mul(x).add(y.square().mul(t)),
      ),
      { t: integer(1, 4), x: [3], y: [3] },
    ),
  ],
  chain: [
    around(chain([append(), 5, { op: "elementwise", options: { f: "tanh" } } as Net, 2]), {
      x: [3],
      y: real,
    }),
  ],
};

/** Numbers for a port: positive where a function of the net needs them, and away from kinks. */
function numbersFor(name: string, type: PortType, positive: boolean): Float32Array | Int32Array {
  const count = batch * sizeOf((type.shape ?? []) as number[]);
  const stream = streamOf(name);
  if (type.dtype === "integer") return integers(count, type.min, type.max, { seed, stream });
  return uniforms(count, { seed, stream }).map((u) => (positive ? u + 0.3 : u < 0.5 ? u - 1.05 : u + 0.05));
}
const needsPositive = (net: Net): boolean => /"f":"(sqrt|rsqrt|log|reciprocal)"/.test(JSON.stringify(net));

/** A net whose outputs are summed up to one loss with fixed weights, so that every layer has a gradient. */
const withLoss = (net: Net, outputs: readonly number[]): Net =>
  graph({
    inputs: (net as Extract<Net, { op: "graph" }>).inputs,
    nodes: {
      net,
      weights: parameter(outputs, { value: uniforms(sizeOf(outputs), { seed: 9 }), trainable: false }),
      product: times(),
      loss: total(),
    },
    edges: {
      net: Object.fromEntries(Object.keys((net as Extract<Net, { op: "graph" }>).inputs).map((n) => [n, n])),
      product: ["net", "weights"],
      loss: "product",
    },
    outputs: "loss",
  } as never) as Net;

for (const [name, nets] of Object.entries(cases))
  nets.forEach((bare, k) => {
    for (const backend of backendsHere)
      test(`${name} ${k} on ${backend}: values as in float64, gradients as central differences`, async () => {
        const out = (inferShapes(bare)[""]?.outputs ?? {}) as Record<string, PortType>;
        const shape = (Object.values(out)[0]?.shape ?? []) as number[];
        const net = initialize(withLoss(bare, shape), { seed });
        const ports = inferShapes(net)[""]?.inputs ?? {};
        const data = Object.fromEntries(
          Object.entries(ports).map(([port, type]) => [port, numbersFor(port, type, needsPositive(bare))]),
        );
        const columns = Object.fromEntries(
          Object.entries(data).map(([port, numbers]) => [
            port,
            {
              shape: [batch, ...((ports[port]?.shape ?? []) as number[])],
              dtype: numbers instanceof Int32Array ? ("int32" as const) : ("float32" as const),
              data: numbers,
            },
          ]),
        );
        // the loss in float64, as a function of inputs and weights
        const lowering = lowerNet(net, { batch, mode: "train" });
        const { b, layout } = lowering;
        b.outputs.value = lowering.value("net");
        b.outputs.loss = lossOf(lowering).loss;
        const program = b.program();
        const given: Record<string, ArrayLike<number>> = {
          ...data,
          parameters: pack(net, layout.parameters),
          frozen: pack(net, layout.frozen),
          statistics: pack(net, layout.statistics),
        };
        for (const key of Object.keys(program.inputs)) if (key.startsWith("#key")) given[key] = [seed, 0, 0];
        const lossAt = (changed: Record<string, ArrayLike<number>>): number =>
          interpret(program, changed).loss?.[0] as number;

        const { net: value } = await evaluate(net, columns, { backend, seed, mode: "train", of: ["net"] });
        const want = interpret(program, given).value as Float64Array;
        want.forEach((v, i) => {
          assert.ok(
            Math.abs((value?.data[i] ?? Number.NaN) - v) <= 2e-5 * (1 + Math.abs(v)),
            `value ${i} is ${value?.data[i]}, not ${v}`,
          );
        });

        const real = Object.keys(data).filter((port) => ports[port]?.dtype === "real");
        const paths = layout.parameters.parts.map((part) => part.path);
        const result = await gradients(net, columns, { backend, seed, of: [...real, ...paths] });
        const close = (got: number | undefined, expected: number, what: string): void =>
          assert.ok(
            Math.abs((got ?? Number.NaN) - expected) <= 1e-3 * (1 + Math.abs(expected)),
            `${what} is ${got}, not ${expected}`,
          );
        close(result.loss, lossAt(given), "loss");
        const h = 1e-4;
        const slope = (state: string, i: number): number => {
          const at = (d: number): Record<string, ArrayLike<number>> => {
            const moved = Float64Array.from(given[state] as ArrayLike<number>);
            moved[i] = (moved[i] as number) + d;
            return { ...given, [state]: moved };
          };
          return (lossAt(at(h)) - lossAt(at(-h))) / (2 * h);
        };
        for (const port of real)
          result.gradients[port]?.data.forEach((g, i) => {
            close(g, slope(port, i), `d/d${port}[${i}]`);
          });
        for (const { path, offset } of layout.parameters.parts)
          result.gradients[path]?.data.forEach((g, i) => {
            close(g, slope("parameters", offset + i), `d/d${path}[${i}]`);
          });
      });
  });

test("a bare layer takes the sizes of what it receives", async () => {
  const { output } = await evaluate(linear(4), { input: [[1, 2, 3]] }, { backend: "simd" });
  assert.equal(output?.shape, [1, 4]);
  const { output: sum } = await evaluate(plus(), { 0: [[1, 2]], 1: [[10, 20]] }, { backend: "simd" });
  assert.equal([...(sum?.data ?? [])], [11, 22]);
});

test("dropout is the identity in evaluation", async () => {
  const x = [[1, 2, 3]];
  const { output } = await evaluate(chain([dropout(0.5)]), { input: x }, { backend: "simd" });
  assert.equal([...(output?.data ?? [])], [1, 2, 3]);
});

test.run();
