import { test } from "uvu";
import * as assert from "uvu/assert";
import { formulaOf } from "../../dsl/formula.js";
import {
  attention,
  chain,
  conv2d,
  downsample,
  fold,
  graph,
  groupNorm,
  inferShapes,
  layerNorm,
  linear,
  map,
  type Net,
  nest,
  type PortType,
  plus,
  relu,
  residual,
  slice,
  thread,
  upsample,
} from "../../dsl/index.js";
import { parameterSpecs } from "../../dsl/parameters.js";
import { type Drawing, type DrawnNode, drawingOf, nestedPaths, shapeWords } from "./drawing.js";
import { randomNet, training } from "./fixtures.js";

const drawn = (
  net: Net,
  open: readonly string[] = [],
  given: Readonly<Record<string, PortType>> = {},
): Drawing =>
  drawingOf(net, {
    shapes: inferShapes(net, given),
    parameters: parameterSpecs(net, given),
    open: new Set(open),
    formula: (body, name) => formulaOf(body, name === null ? {} : { name }),
    bound: new Set(),
  });
const nodeAt = (drawing: Drawing, path: string): DrawnNode => {
  const find = ({ nodes }: Drawing): DrawnNode | undefined =>
    nodes.find((node) => node.path === path) ??
    nodes.flatMap(({ inside }) => (inside ? (find(inside) ?? []) : []))[0];
  const found = find(drawing);
  if (!found) throw new Error(`no node ${path}`);
  return found;
};

/** Every edge joins ports that are there, every input port has one edge, and no id is there twice. */
const check = ({ nodes, edges }: Drawing): void => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  assert.is(byId.size, nodes.length);
  for (const { from, fromPort, to, toPort } of edges) {
    assert.ok(Object.hasOwn(byId.get(from)?.outputs ?? {}, fromPort), `${from}.${fromPort}`);
    assert.ok(byId.get(to)?.inputs.includes(toPort), `${to}.${toPort}`);
  }
  for (const { id, inputs, inside } of nodes) {
    for (const port of inputs)
      assert.is(edges.filter(({ to, toPort }) => to === id && toPort === port).length, 1, `${id}.${port}`);
    if (inside) check(inside);
  }
};

test("each kind of node shows what it is", () => {
  const drawing = drawn(training(), ["model"]);
  const look = (path: string) => {
    const { kind, title, detail, caption, symbol } = nodeAt(drawing, path);
    return [kind, title, detail, caption, symbol && symbol.base + symbol.subscript];
  };
  assert.equal(look("x0"), ["io", "x0", "", "", "x0"]);
  assert.equal(look("eps"), ["random", "eps", "", "RandomNormal[2]", "ε"]);
  assert.equal(look("t"), ["random", "t", "", "RandomInteger(1, 200)", "t"]);
  assert.equal(look("model.tScale"), ["function", "tScale", "", "tScale", null]);
  assert.equal(look("model.model.1"), ["layer", "Linear", "16", "", null]);
  assert.equal(look("model.model.2"), ["activation", "ReLU", "", "ReLU", null]);
  assert.equal(look("loss").slice(0, 2), ["loss", "MeanSquaredLoss"]);
  assert.is(nodeAt(drawing, "xt").formula?.text, "xₜ = √ᾱₜ x₀ + √(1 − ᾱₜ) ε");
  assert.is(nodeAt(drawing, "model").parameters, 3 * 16 + 16 + 16 * 16 + 16 + 16 * 2 + 2);
  assert.is(nodeAt(drawing, "model").nodes, 7);
});

test("every node has a name to be heard, and says whether it is open", () => {
  for (const open of [[], ["model"]])
    for (const { label } of drawn(training(), open).nodes) assert.ok(label.length > 2);
  assert.match(nodeAt(drawn(training()), "model").label, "closed net of 7 nodes");
  assert.match(nodeAt(drawn(training(), ["model"]), "model").label, "open net of 7 nodes");
});

test("a chain is drawn as its list; one of more than twelve members is a net that opens", () => {
  const short = chain([linear(4), relu, layerNorm()]);
  const long = chain(Array.from({ length: 14 }, () => linear(4)));
  const net = graph({
    inputs: { x: [4] },
    nodes: { short, long },
    edges: { short: "x", long: "short" },
    outputs: "long",
  } as never);
  assert.equal(nestedPaths(net), ["long"]);
  const names = (drawing: Drawing): string[] => drawing.nodes.map(({ id }) => id);
  assert.equal(names(drawn(net)), ["<x", "short.0", "short.1", "short.2", "long", ">long"]);
  assert.is(nodeAt(drawn(net, ["long"]), "long").inside?.nodes.length, 16);
});

test("every edge joins an output port to an input port of nodes that are there, and every input port has one edge", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const net = randomNet(20, seed);
    check(drawn(net));
    check(drawn(net, nestedPaths(net)));
  }
  for (const net of [linear(3), chain([linear(3), relu])] as Net[])
    check(drawn(graph({ inputs: { x: [2] }, nodes: { net }, edges: { net: "x" }, outputs: "net" } as never)));
});

/** A chain inside a map, a graph inside a nest, a graph with named ports inside a fold, a nest inside a map. */
const repeated = graph({
  inputs: { xs: [5, 8], s: [4] },
  nodes: {
    rows: map(chain([linear(4), relu])),
    deep: nest(residual(linear(4)), 4),
    run: fold(
      graph({
        inputs: { state: [4], input: [4] },
        nodes: { next: plus() },
        edges: { next: ["state", "input"] },
        outputs: "next",
      }),
      { all: true },
    ),
    both: map(nest(relu, 2)),
  },
  edges: { rows: "xs", deep: "rows", run: { state: "s", input: "deep" }, both: "run" },
  outputs: "both",
});

test("a repeated net is a frame that says how it repeats, with what it repeats inside", () => {
  const paths = nestedPaths(repeated);
  assert.equal(paths, ["rows", "deep", "run", "both", "both.net"]);
  const drawing = drawn(repeated, paths);
  check(drawing);
  check(drawn(repeated));
  const titles = ["rows", "deep", "run", "both", "both.net"].map((path) => nodeAt(drawing, path).title);
  assert.equal(titles, ["rows · map", "deep · nest × 4", "run · fold", "both · map", "nest × 2"]);
  const inside = (path: string): readonly string[] =>
    (nodeAt(drawing, path).inside?.nodes ?? []).map(({ id }) => id);
  assert.equal(inside("rows"), ["<rows.input", "rows.net.0", "rows.net.1", ">rows.output"]);
  assert.equal(inside("deep"), ["<deep.input", "deep.net.net", "deep.net.plus", ">deep.output"]);
  assert.equal(inside("run"), ["<run.state", "<run.input", "run.net.next", ">run.output"]);
  assert.equal(nodeAt(drawing, "rows.input").outputs, { output: "8" });
  assert.equal(nodeAt(drawing, "rows").outputs, { output: "5×4" });
  assert.is(nodeAt(drawing, "deep").parameters, 4 * 4 + 4);
  check(drawn(nest(residual(linear(4)), 4), [], { input: { dtype: "real", shape: [4] } }));
});

test("layers of images show what they are known by", () => {
  const look = (net: Net): readonly string[] => {
    const whole = graph({
      inputs: { x: [8, 8, 4] },
      nodes: { net },
      edges: { net: "x" },
      outputs: "net",
    } as never);
    const { kind, title, detail } = nodeAt(drawn(whole), "net");
    return [kind, title, detail];
  };
  assert.equal(look(conv2d(16, 3)), ["layer", "Conv", "16, 3×3"]);
  assert.equal(look(conv2d(16, [3, 1], { stride: 2 })), ["layer", "Conv", "16, 3×1 / 2"]);
  assert.equal(look(upsample([1, 2])), ["function", "Upsample", "× 1×2"]);
  assert.equal(look(downsample()), ["function", "Downsample", "÷ 2"]);
  assert.equal(look(groupNorm(2)), ["norm", "GroupNorm", "2"]);
  assert.equal(look(attention({ heads: 4 })), ["layer", "Attention", "4 heads"]);
  assert.equal(look(slice(1, -1)), ["function", "Slice", "1 … -1"]);
});

test("an elementwise function of several inputs is drawn as its formula", () => {
  const product = thread((a, b) => a.mul(b));
  const net = graph({
    inputs: { a: [2], b: [2] },
    nodes: { product },
    edges: { product: ["a", "b"] },
    outputs: "product",
  } as never);
  const { kind, formula } = nodeAt(drawn(net), "product");
  assert.is(kind, "function");
  assert.ok(formula && formula.text.length > 0);
});

test("shapes are words: scalars by their kind, vectors by their length", () => {
  assert.equal(
    [
      shapeWords({ dtype: "real", shape: [] }),
      shapeWords({ dtype: "integer", shape: [], min: 1, max: 9 }),
      shapeWords({ dtype: "real", shape: [256] }),
      shapeWords({ dtype: "real", shape: [28, null, 1] }),
      shapeWords({ dtype: "real", shape: null }),
    ],
    ["real", "int", "256", "28×?×1", ""],
  );
});

test.run();
