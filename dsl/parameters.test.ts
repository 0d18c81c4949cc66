import { test } from "uvu";
import * as assert from "uvu/assert";
import { type NDArray, sizeOf } from "./array.js";
import { chain } from "./chain.js";
import { table } from "./expression.js";
import { fn } from "./fn.js";
import { graph } from "./graph.js";
import { relu } from "./layers/elementwise.js";
import { embedding } from "./layers/embedding.js";
import { append } from "./layers/join.js";
import { linear } from "./layers/linear.js";
import { meanSquaredLoss } from "./layers/losses.js";
import { layerNorm } from "./layers/normalize.js";
import { parameter, randomNormal } from "./layers/sources.js";
import { NetError } from "./message.js";
import type { Net } from "./net.js";
import { initialize, parameterSpecs, parametersOf, withParameters } from "./parameters.js";
import { integer } from "./ports.js";
import { mapLayers } from "./walk.js";

const denoiser = graph({
  inputs: { t: integer(1, 200), xt: [2] },
  nodes: {
    tScale: fn({ t: integer(1, 200) }, ({ t }) => t.sub(1).div(199).sub(0.5)),
    model: chain([append(), linear(8), relu, layerNorm(), linear(2, { bias: false })]),
  },
  edges: { tScale: "t", model: ["xt", "tScale"] },
  outputs: "model",
});
const sqrtAlphaBar = table(
  "sqrtAlphaBar",
  Array.from({ length: 200 }, (_, i) => 1 - i / 400),
);
const trainingNet = graph({
  inputs: { t: integer(1, 200), x0: [2] },
  nodes: {
    eps: randomNormal([2]),
    xt: fn({ t: integer(1, 200), x0: [2], eps: [2] }, ({ t, x0, eps }) => sqrtAlphaBar(t).mul(x0).add(eps)),
    model: denoiser,
    loss: meanSquaredLoss(),
  },
  edges: { xt: ["t", "x0", "eps"], model: { t: "t", xt: "xt" }, loss: ["model", "eps"] },
  outputs: "loss",
});

const faults = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    assert.instance(error, NetError);
    return (error as NetError).message;
  }
  return "no error";
};
const array = (shape: readonly number[], value = 1): NDArray => ({
  shape,
  dtype: "float32",
  data: new Float32Array(sizeOf(shape)).fill(value),
});

test("paths are names and positions, then the field; shapes come from the wiring", () => {
  const shapes = Object.entries(parameterSpecs(trainingNet)).map(([path, { shape }]) => [path, shape]);
  assert.equal(shapes, [
    ["model.model.1.weight", [3, 8]],
    ["model.model.1.bias", [8]],
    ["model.model.3.weight", [8]],
    ["model.model.3.bias", [8]],
    ["model.model.4.weight", [8, 2]],
  ]);
  const bound = 1 / Math.sqrt(3);
  assert.equal(parameterSpecs(trainingNet)["model.model.1.weight"], {
    shape: [3, 8],
    init: { kind: "uniform", bound },
    trainable: true,
  });
});

test("initialized arrays have the shapes of the specs and the spread of their init", () => {
  const wide = graph({ inputs: { x: [100] }, nodes: { y: linear(300) }, edges: { y: "x" }, outputs: "y" });
  const weight = parametersOf(initialize(wide, { seed: 3 }))["y.weight"] as NDArray;
  assert.equal(weight.shape, [100, 300]);
  assert.ok(weight.data.every((w) => Math.abs(w) <= 0.1));
  const meanSquare = Float32Array.from(weight.data).reduce((sum, w) => sum + w * w, 0) / weight.data.length;
  assert.ok(Math.abs(meanSquare / (0.01 / 3) - 1) < 0.03, `${meanSquare}`);
  const specs = parameterSpecs(trainingNet);
  const arrays = parametersOf(initialize(trainingNet, { seed: 1 }));
  assert.equal(Object.keys(arrays), Object.keys(specs));
  for (const [path, { shape }] of Object.entries(specs)) assert.equal(arrays[path]?.shape, shape);
});

test("what is drawn for a path depends on the seed and the path alone", () => {
  const draw = (nodes: Record<string, Net>, seed = 1): Readonly<Record<string, NDArray>> =>
    parametersOf(
      initialize(
        graph({ inputs: { x: [4] }, nodes, edges: { a: "x", b: "x" }, outputs: { a: "a", b: "b" } }),
        { seed },
      ),
    );
  const [ab, ba] = [draw({ a: linear(5), b: linear(5) }), draw({ b: linear(5), a: linear(5) })];
  for (const path of Object.keys(ab)) assert.equal(ab[path], ba[path]);
  assert.not.equal(ab["a.weight"], ab["b.weight"]);
  assert.not.equal(ab["a.weight"], draw({ a: linear(5), b: linear(5) }, 2)["a.weight"]);
  assert.equal(initialize(trainingNet, { seed: 5 }), initialize(trainingNet, { seed: 5 }));
});

test("only what has no array is filled, unless all is asked for; what is frozen stays even then", () => {
  const once = initialize(trainingNet, { seed: 1 });
  assert.equal(initialize(once, { seed: 2 }), once);
  assert.equal(initialize(once, { seed: 2, all: true }), initialize(trainingNet, { seed: 2 }));
  const constant = graph({
    inputs: {},
    nodes: { c: parameter([2], { value: [3, 4], trainable: false }), w: parameter([2]) },
    edges: {},
    outputs: { c: "c", w: "w" },
  });
  const arrays = parametersOf(initialize(constant, { all: true }));
  assert.equal([...(arrays["c.value"] as NDArray).data], [3, 4]);
  assert.is(parameterSpecs(constant)["c.value"]?.trainable, false);
  const half = withParameters(trainingNet, { "model.model.1.bias": array([8], 7) });
  assert.equal([...(parametersOf(initialize(half))["model.model.1.bias"] as NDArray).data], Array(8).fill(7));
});

test("withParameters of parametersOf is the net itself, whether or not its sizes are known", () => {
  const net = initialize(trainingNet, { seed: 1 });
  assert.equal(withParameters(net, parametersOf(net)), net);
  assert.equal(withParameters(net, {}), net);
  const alone = mapLayers(chain([linear(3), linear(2)]), (layer) => ({
    ...layer,
    arrays:
      layer.options.nOut === 3
        ? { weight: array([5, 3]), bias: array([3]) }
        : { weight: array([3, 2]), bias: array([2]) },
  }));
  assert.equal(withParameters(alone, parametersOf(alone)), alone);
  assert.equal(initialize(alone), alone);
});

test("the given net is never changed", () => {
  const before = structuredClone(trainingNet);
  initialize(trainingNet);
  assert.equal(trainingNet, before);
});

test("arrays that do not fit are refused, all at once, each with its path", () => {
  const nan = array([8]);
  nan.data[3] = Number.NaN;
  const message = faults(() =>
    withParameters(trainingNet, {
      "model.model.1.wieght": array([3, 8]),
      "model.model.1.weight": array([8, 3]),
      "model.model.1.bias": nan,
      "model.model.3.weight": { shape: [8], dtype: "int32", data: new Int32Array(8) },
      "model.model.4.weight": { shape: [8, 2], dtype: "float32", data: new Float32Array(3) },
      nothing: array([1]),
    }),
  );
  assert.equal(message.split("\n"), [
    "model.model.1.wieght: there is no parameter of this path; did you mean model.model.1.weight?",
    "model.model.1.weight: weight takes [3, 8] but receives [8, 3]",
    "model.model.1.bias: bias takes finite numbers but receives NaN at 3",
    "model.model.3.weight: weight takes float32 numbers but receives int32 in Int32Array",
    "model.model.4.weight: weight takes 16 numbers but receives 3",
    "nothing: there is no parameter of this path",
  ]);
});

test("an array that the net holds, of a shape that its wiring forbids, is a fault", () => {
  const net = mapLayers(initialize(trainingNet), (layer, path) =>
    path === "model.model.1" ? { ...layer, arrays: { weight: array([5, 8]), gain: array([8]) } } : layer,
  );
  assert.is(
    faults(() => withParameters(net, {})),
    "model.model.1: weight takes [3, 8] but receives [5, 8]\nmodel.model.1: there is no array gain",
  );
});

test("layers that share have one array, under the first path", () => {
  const shared = (nOut: number): Net => ({ ...linear(nOut), shared: "w" });
  const net = initialize(twins(shared(4), shared(4)), { seed: 2 });
  assert.equal(Object.keys(parametersOf(net)), ["a.weight", "a.bias"]);
  assert.equal(parameterSpecs(net)["a.weight"]?.shared, "w");
  assert.equal(net.op === "graph" && net.nodes.a, net.op === "graph" && net.nodes.b);
  assert.equal(withParameters(net, parametersOf(net)), net);
  assert.is(
    faults(() => withParameters(net, { "b.bias": array([4]) })),
    "b.bias: it is shared, and given as a.bias",
  );
  assert.match(
    faults(() => initialize(twins(shared(4), shared(3)))),
    /^b: weight takes \[4, 3\] but receives \[4, 4\] from w/,
  );
});
const twins = (a: Net, b: Net): Net =>
  graph({ inputs: { x: [4] }, nodes: { a, b }, edges: { a: "x", b: "x" }, outputs: { a: "a", b: "b" } });

test("a net of unknown size cannot be initialized, and says where", () => {
  assert.match(
    faults(() => initialize(chain([linear(3), relu]))),
    /nothing tells its size/,
  );
  assert.match(
    faults(() => parameterSpecs(linear(3))),
    /nothing tells its size/,
  );
});

test("tables of classes", () => {
  const net = graph({
    inputs: { k: integer(0, 9) },
    nodes: { e: embedding(4) },
    edges: { e: "k" },
    outputs: "e",
  });
  assert.equal(parameterSpecs(net)["e.weight"]?.shape, [10, 4]);
});

test.run();
