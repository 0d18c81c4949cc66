/** Shapes by inference: forwards, both ways, and what is said where they do not fit. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  any,
  anything,
  append,
  chain,
  checkNet,
  concat,
  embedding,
  flatten,
  fn,
  type Graph,
  graph,
  inferShapes,
  integer,
  linear,
  meanSquaredLoss,
  type Net,
  NetError,
  type PortType,
  parameter,
  plus,
  relu,
  reshape,
  type Shape,
  softmax,
  thread,
} from "./index.js";
import { real } from "./ports.js";

const reals = (...shape: number[]): PortType => ({ dtype: "real", shape });
const messageOf = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    assert.instance(error, NetError);
    return (error as NetError).message;
  }
  throw new Error("nothing was thrown");
};

/** The shape that an open input gets when `nets`, one after the other, lead from it to a sum with `known`. */
const backThrough = (
  known: readonly number[],
  open: Shape | null,
  ...nets: Net[]
): Shape | null | undefined =>
  inferShapes(
    graph({
      inputs: { x: open ?? anything, known },
      nodes: { net: chain(nets), sum: plus() } as Record<string, Net>,
      edges: { net: "x", sum: ["net", "known"] },
      outputs: "sum",
    }),
  )[""]?.inputs.x?.shape;

test("sizes come from the other side of a loss", () => {
  const net = graph({
    inputs: { x: anything, target: [4, 5] },
    nodes: { loss: meanSquaredLoss() },
    edges: { loss: ["x", "target"] },
    outputs: "loss",
  });
  assert.equal(inferShapes(net)[""], {
    inputs: { x: reals(4, 5), target: reals(4, 5) },
    outputs: { loss: reals() },
  });
});

test("sizes go backwards through the layers", () => {
  assert.equal(backThrough([3, 4], null, relu, softmax()), [3, 4]);
  assert.equal(backThrough([3, 4], [any, 7], linear(4)), [3, 7]);
  assert.equal(backThrough([12], [any, 4], flatten()), [3, 4]);
  assert.equal(backThrough([2, 6], [any, 4], reshape([2, 6])), [3, 4]);
  assert.equal(
    backThrough(
      [5],
      null,
      fn({ x: anything }, ({ x }) => x.square()),
    ),
    [5],
  );
  assert.equal(
    backThrough(
      [5],
      null,
      thread((x) => x.exp()),
    ),
    [5],
  );
});

test("sizes go backwards through a join to the one part that is open", () => {
  const net = (join: Net): Graph =>
    graph({
      inputs: { a: [2, 3], b: [any, 3], known: [7, 3] },
      nodes: { join, sum: plus() } as Record<string, Net>,
      edges: { join: ["a", "b"], sum: ["join", "known"] },
      outputs: "sum",
    });
  for (const join of [append(), concat({ axis: 0 })])
    assert.equal(inferShapes(net(join))[""]?.inputs.b, reals(5, 3));
});

test("an open size travels through nested nets, to where a given port tells it", () => {
  const net = chain([relu, chain([linear(4), relu])]);
  const shapes = inferShapes(net, { input: reals(3) });
  assert.equal(Object.keys(shapes).sort(), ["", "0", "1", "1.0", "1.1"]);
  assert.equal(shapes["1.0"], { inputs: { input: reals(3) }, outputs: { output: reals(4) } });
});

test("interior values and second outputs can be read by their path", () => {
  const inner = graph({
    inputs: { x: [2] },
    nodes: { body: chain([5, relu, 3]), end: linear(1) },
    edges: { body: "x", end: "body" },
    outputs: { y: "end", z: "body" },
  });
  const shapes = inferShapes(
    graph({
      inputs: { x: [2] },
      nodes: { net: inner, a: relu, b: relu, c: relu },
      edges: { net: "x", a: "net.z", b: "net.body.0", c: "net.body.1.output" },
      outputs: ["net.y", "a", "b", "c"],
    }),
  );
  assert.equal(shapes[""]?.outputs, { y: reals(1), a: reals(3), b: reals(5), c: reals(5) });
});

test("integers are read as reals where reals are wanted, and stay integers in another shape", () => {
  const shapes = inferShapes(
    graph({
      inputs: { i: integer(0, 4) },
      nodes: { r: reshape([1]), e: embedding(3), s: relu },
      edges: { r: "i", e: "r", s: "i" },
      outputs: ["e", "s"],
    }),
  );
  assert.equal(shapes[""]?.outputs, { e: reals(1, 3), s: reals() });
});

test("nodes without edges, and nodes that nobody uses, are allowed", () => {
  const shapes = inferShapes(
    graph({
      inputs: { x: [2] },
      nodes: { w: parameter([2]), sum: plus(), unused: linear(9) },
      edges: { sum: ["x", "w"], unused: "x" },
      outputs: "sum",
    }),
  );
  assert.equal(shapes.unused?.outputs.output, reals(9));
});

// ---- what does not fit ---------------------------------------------------------------------------------------

/** A graph from its plain form, past the compiler. */
const plain = (g: Omit<Graph, "op">): Graph => ({ op: "graph", ...g });

test("all faults come at once, each with its path, each once", () => {
  const inner = plain({
    inputs: { x: reals(2) },
    nodes: { h: linear(4), s: plus() },
    edges: { h: { input: "x" }, s: { 0: "h", 1: "x" }, hh: { input: "x" } },
    outputs: { s: "s", t: "hs" },
  });
  const net = plain({
    inputs: { x: reals(2), y: reals(3) },
    nodes: { model: inner, after: relu, loss: meanSquaredLoss(), p: relu, q: relu },
    edges: {
      model: { x: "x", z: "x" },
      after: { input: "model.s" },
      loss: { input: "x", target: "y" },
      p: { input: "q" },
      q: { input: "p" },
    },
    outputs: { loss: "los" },
  });
  assert.equal(messageOf(() => inferShapes(net)).split("\n"), [
    "cycle: p -> q -> p",
    "model: there is no port z",
    "loss: meanSquaredLoss takes [2] but receives [3]",
    "output loss comes from los, which is no input or node; did you mean loss?",
  ]);
  const { model: _, ...edges } = net.edges;
  assert.equal(messageOf(() => inferShapes({ ...net, edges: { ...edges, model: { x: "x" } } })).split("\n"), [
    "cycle: p -> q -> p",
    "model.hh: there is no node of this name; did you mean h?",
    "model.s: plus takes [4] but receives [2]",
    "model: output t comes from hs, which is no input or node; did you mean h?",
    "loss: meanSquaredLoss takes [2] but receives [3]",
    "output loss comes from los, which is no input or node; did you mean loss?",
  ]);
});

test("a size that nothing tells is a fault, and marked as open", () => {
  const { faults } = checkNet(chain([linear(3), relu]));
  assert.equal(faults, [{ path: "", message: "port input stays [...]: nothing tells its size", open: true }]);
});

test("sizes that contradict each other across a layer are told in the layer", () => {
  assert.is(
    messageOf(() => backThrough([5], [any], linear(4))),
    "sum: plus takes [4] but receives [5]",
  );
  assert.is(
    messageOf(() => inferShapes(chain([fn({ a: [2], b: real }, ({ a, b }) => a.mul(b))]), { a: reals(3) })),
    "0: port a takes [2] but receives [3]",
  );
});

test("given ports are checked against the declared ones", () => {
  const net = graph({ inputs: { x: [any, 2] }, nodes: { y: relu }, edges: { y: "x" }, outputs: "y" });
  assert.equal(inferShapes(net, { x: reals(3, 2) })[""]?.outputs.y, reals(3, 2));
  assert.is(
    messageOf(() => inferShapes(net, { x: reals(3, 3) })),
    "port x takes [?, 2] but receives [3, 3]",
  );
  assert.is(messageOf(() => inferShapes(net, { z: reals(2) })).split("\n")[0], "there is no port z");
});

test("names that objects have by birth are no nodes", () => {
  const net = plain({
    inputs: { x: reals(2) },
    nodes: { y: relu },
    edges: { y: { input: "constructor" } },
    outputs: { y: "toString.y" },
  });
  assert.equal(messageOf(() => inferShapes(net)).split("\n"), [
    "y: port input comes from constructor, which is no input or node",
    "output y comes from toString.y, which is no input or node",
  ]);
  const foreign = { op: "valueOf", options: {} } as unknown as Net;
  assert.match(
    messageOf(() => inferShapes(foreign)),
    "there is no layer valueOf",
  );
});

test("options that came past the builders are checked", () => {
  const net: Net = { op: "linear", options: { nOut: -1 } };
  assert.match(
    messageOf(() => inferShapes(net, { input: reals(2) })),
    "linear: nOut",
  );
});

// ---- time ----------------------------------------------------------------------------------------------------

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
/** A row of `count` nodes, each of which reads the one before it. */
const row = (count: number, source: (i: number) => string, node: (i: number) => Net): Graph =>
  plain({
    inputs: { x: { dtype: "real", shape: [any] } },
    nodes: Object.fromEntries(range(count).map((i) => [`n${i}`, node(i)])),
    edges: Object.fromEntries(range(count).map((i) => [`n${i}`, { input: source(i) }])),
    outputs: { y: `n${count - 1}` },
  });
const milliseconds = (f: () => unknown): number => {
  const start = performance.now();
  f();
  return performance.now() - start;
};

test("240 nodes take less than 20 ms", () => {
  const net = row(
    240,
    (i) => (i ? `n${i - 1}` : "x"),
    (i) => (i % 2 ? relu : linear(8)),
  );
  const times = range(9).map(() => milliseconds(() => inferShapes(net, { x: reals(4) })));
  assert.ok(Math.min(...times) < 20, `${Math.min(...times)} ms`);
});

test("nets made to be slow are refused quickly", () => {
  const count = 5000;
  const wrong = row(
    count,
    (i) => `m${i}`,
    () => relu,
  );
  const backwards = plain({
    ...row(
      count,
      (i) => (i < count - 1 ? `n${i + 1}` : "x"),
      () => relu,
    ),
    outputs: { y: "n0" },
  });
  const ring = row(
    count,
    (i) => `n${(i + 1) % count}`,
    () => relu,
  );
  let deep: Net = relu;
  for (let i = 0; i < 1000; i++) deep = { op: "chain", layers: [deep] };
  const doubling = plain({
    ...row(
      100,
      () => "x",
      () => concat(),
    ),
    edges: Object.fromEntries(
      range(100).map((i) => [`n${i}`, i ? { 0: `n${i - 1}`, 1: `n${i - 1}` } : { 0: "x" }]),
    ),
  });
  for (const net of [wrong, ring, deep, doubling])
    assert.ok(
      milliseconds(() => messageOf(() => inferShapes(net, net === deep ? {} : { x: reals(3) }))) < 3000,
    );
  assert.ok(milliseconds(() => inferShapes(backwards, { x: reals(3) })) < 3000);
});

test.run();
