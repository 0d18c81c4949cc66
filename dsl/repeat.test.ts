/** Nets used many times: their ports, arrays, faults, files and surgery. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  any,
  anything,
  batchNorm,
  chain,
  concat,
  conv2d,
  embedding,
  extract,
  flattenNet,
  fn,
  fold,
  freeze,
  fromJSON,
  graph,
  inferShapes,
  initialize,
  integer,
  linear,
  map,
  mean,
  type Net,
  NetError,
  nest,
  type PortType,
  parameterSpecs,
  parametersOf,
  parseNet,
  plus,
  randomNormal,
  relu,
  rename,
  replace,
  residual,
  share,
  toJSON,
  withParameters,
} from "./index.js";
import { walk } from "./walk.js";

const reals = (...shape: (number | null)[]): PortType => ({ dtype: "real", shape });
const outputOf = (net: Net, given: Readonly<Record<string, PortType>>): unknown =>
  inferShapes(net, given)[""]?.outputs;
const faultsOf = (net: Net, given: Readonly<Record<string, PortType>> = {}): string => {
  try {
    inferShapes(net, given);
  } catch (error) {
    assert.instance(error, NetError);
    return (error as NetError).message;
  }
  return "nothing";
};

const cell = graph({
  inputs: { state: [4], input: [any] },
  nodes: { both: concat(), next: chain([linear(4), relu]) },
  edges: { both: ["state", "input"], next: "both" },
  outputs: "next",
});
const whole = graph({
  inputs: { xs: [5, 3], s: [4] },
  nodes: {
    rows: map(chain([linear(2), relu])),
    run: fold(cell, { all: true }),
    deep: nest(residual(linear(4)), 3),
  },
  edges: { rows: "xs", run: { state: "s", input: "rows" }, deep: "run" },
  outputs: ["deep", "rows"],
});

test("map, nest and fold have the shapes that their member has", () => {
  const [row] = [{ input: reals(5, 2, 3) }];
  assert.equal(outputOf(map(linear(7)), row), { output: reals(5, 2, 7) });
  assert.equal(outputOf(map(mean()), row), { output: reals(5) });
  assert.equal(outputOf(map(plus()), { 0: reals(5, 2), 1: reals(5, 2) }), { output: reals(5, 2) });
  assert.equal(outputOf(map(embedding(7)), { input: { dtype: "integer", shape: [5], min: 0, max: 9 } }), {
    output: reals(5, 7),
  });
  assert.equal(outputOf(nest(residual(conv2d(3, 3)), 4), { input: reals(8, 8, 3) }), {
    output: reals(8, 8, 3),
  });
  assert.equal(outputOf(fold(cell), { state: reals(4), input: reals(9, 2) }), { output: reals(4) });
  assert.equal(outputOf(fold(cell, { all: true }), { state: reals(4), input: reals(9, 2) }), {
    output: reals(9, 4),
  });
  const shapes = inferShapes(whole);
  assert.equal(shapes[""]?.outputs, { deep: reals(5, 4), rows: reals(5, 2) });
  assert.equal(shapes["rows.net.0"]?.inputs, { input: reals(3) });
  assert.equal(shapes["run.net.both"]?.outputs, { output: reals(6) });
  assert.equal(shapes["deep.net.net"]?.outputs, { output: reals(5, 4) });
});

test("sizes are found backwards through them", () => {
  const net = graph({
    inputs: { xs: anything, ys: [5, any], s: anything, v: [3] },
    nodes: {
      all: map(fn({ x: anything }, ({ x }) => x.square())),
      same: nest(relu, 2),
      run: fold(fn({ state: anything, input: anything }, ({ state, input }) => state.add(input))),
      sum: plus(),
      end: plus(),
    },
    edges: { all: "xs", same: "all", run: ["s", "ys"], sum: ["same", "ys"], end: ["run", "v"] },
    outputs: ["sum", "end"],
  });
  const found = { xs: reals(5, 3), ys: reals(5, 3), s: reals(3), v: reals(3) };
  assert.equal(inferShapes(net)[""]?.inputs, found);
});

test("what they cannot repeat is a fault at its place", () => {
  assert.is(faultsOf(map(linear(2)), { input: reals() }), "map takes [?, ...] but receives real");
  assert.is(
    faultsOf(map(plus()), { 0: reals(5, 2), 1: reals(4, 2) }),
    "map takes [5, ...] but receives [4, 2]",
  );
  assert.is(
    faultsOf(nest(linear(2), 3), { input: reals(3) }),
    "nest takes a net that gives [3] but receives one that gives [2]",
  );
  assert.is(
    faultsOf(nest(plus(), 3), { 0: reals(3), 1: reals(3) }),
    "nest takes a net of one input but receives one of 2",
  );
  assert.is(
    faultsOf(fold(linear(2)), { state: reals(2), input: reals(4, 2) }),
    "fold takes a net of the ports state and input but receives one of input",
  );
  assert.is(
    faultsOf(fold(cell), { state: reals(4), input: reals() }),
    "fold takes [?, ...] but receives real",
  );
  assert.is(
    faultsOf(fold(cell), { state: reals(5), input: reals(9, 2) }),
    "net: port state takes [4] but receives [5]",
  );
  const two = graph({ inputs: { x: [2] }, nodes: {}, edges: {}, outputs: { a: "x", b: "x" } });
  assert.is(faultsOf(map(two), { x: reals(5, 2) }), "net has the outputs a, b; one of them must be named");
  const within = { ...whole, outputs: { y: "rows.net.0" } };
  assert.is(faultsOf(within), "output y comes from rows.net.0, which is no input or node");
  assert.is(
    faultsOf(nest(nest(relu, 1000), 11), { input: reals(2) }),
    "net: nest takes at most 10000 times in all but receives 11000",
  );
  const counted = nest(
    fn({ t: integer(0, 3) }, ({ t }) => t.mul(2)),
    2,
  );
  assert.is(
    faultsOf(counted, { t: { dtype: "integer", shape: [], min: 0, max: 3 } }),
    "net: port t takes integer(0, 3) but receives real",
  );
});

test("they have the arrays of one, at the path net", () => {
  const specs = parameterSpecs(whole);
  assert.equal(
    Object.entries(specs).map(([path, { shape }]) => `${path} ${shape.join("×")}`),
    [
      ...["rows.net.0.weight 3×2", "rows.net.0.bias 2"],
      ...["run.net.next.0.weight 6×4", "run.net.next.0.bias 4"],
      ...["deep.net.net.weight 4×4", "deep.net.net.bias 4"],
    ],
  );
  const net = initialize(whole, { seed: 3 });
  assert.equal(Object.keys(parametersOf(net)), Object.keys(specs));
  const other = withParameters(whole, parametersOf(net));
  assert.equal(other, net);
  assert.equal(Object.keys(parametersOf(extract(net, "deep.net.net"))), ["weight", "bias"]);
});

test("files and messages bring them back, and are checked", () => {
  const net = initialize(whole, { seed: 3 });
  assert.equal(fromJSON(toJSON(net)), net);
  assert.equal(parseNet(structuredClone(net)), net);
  const file = (inner: unknown): object => ({ format: "graffusion", version: 1, net: inner });
  assert.equal(fromJSON(file(map(randomNormal([2])))), map(randomNormal([2])));
  assert.throws(() => fromJSON(file({ ...nest(relu, 2), times: 0 })), "net.times: ");
  assert.throws(() => fromJSON(file({ op: "fold", net: relu, all: false })), "net.all: ");
  assert.throws(() => fromJSON(file({ op: "mapp", net: relu })), "there is no layer mapp; did you mean map?");
  assert.throws(
    () => fromJSON(file(fold(relu))),
    "fold takes a net of the ports state and input but receives one of input",
  );
});

test("surgery reaches the member", () => {
  assert.equal(extract(whole, "run.net.next"), chain([linear(4), relu]));
  const wide = replace(whole, "rows.net", chain([linear(8), relu, linear(3)]));
  assert.equal(inferShapes(wide)[""]?.outputs.rows, reals(5, 3));
  assert.throws(() => replace(whole, "deep.net", linear(5)), "nest takes a net that gives");
  assert.throws(() => extract(whole, "run.nett"), "there is no node nett in a fold; it has net");
  assert.equal(
    [...walk(whole)].map(([path]) => path).filter((path) => path.startsWith("deep")),
    ["deep", "deep.net", "deep.net.net", "deep.net.plus"],
  );
  const frozen = freeze(whole, "deep");
  assert.equal(
    Object.entries(parameterSpecs(frozen)).flatMap(([path, { trainable }]) => (trainable ? [] : [path])),
    ["deep.net.net.weight", "deep.net.net.bias"],
  );
  const both = graph({
    inputs: { x: [4], xs: [6, 4] },
    nodes: { a: linear(4), b: map(linear(4)) },
    edges: { a: "x", b: "xs" },
    outputs: ["a", "b"],
  });
  const shared = initialize(share(both, ["a", "b.net"]));
  assert.equal(Object.keys(parametersOf(shared)), ["a.weight", "a.bias"]);
});

test("names inside change, and a port with its input, but not those that fold has by name", () => {
  const mapped = graph({
    inputs: { xs: [5, 2] },
    nodes: { rows: map(graph({ inputs: { x: [2] }, nodes: { y: relu }, edges: { y: "x" }, outputs: "y" })) },
    edges: { rows: { x: "xs" } },
    outputs: "rows",
  });
  const renamed = rename(mapped, "rows.net.x", "row");
  assert.equal(renamed.op === "graph" && renamed.edges.rows, { row: "xs" });
  assert.equal(inferShapes(renamed)[""]?.outputs.rows, reals(5, 2));
  assert.equal(inferShapes(rename(whole, "run.net.both", "joined"))["run.net.joined"]?.outputs, {
    output: reals(6),
  });
  assert.throws(
    () => rename(whole, "run.net.state", "h"),
    "the ports of a fold's net are state and input, not h",
  );
});

test("flattening leaves the member whole", () => {
  const flat = flattenNet(
    initialize(chain([chain([linear(4)]), nest(residual(linear(4)), 3)]), {
      given: { input: reals(2) },
    }),
  );
  assert.equal(Object.keys(flat.nodes).sort(), ["0_0", "1"]);
  assert.equal(flat.nodes["1"]?.op, "nest");
  assert.equal(inferShapes(flat, { input: reals(2) })[""]?.outputs, { output: reals(4) });
});

test("statistics are arrays that are not trained, begin anew only if asked, and stay where frozen", () => {
  const net = chain([linear(2), batchNorm()]);
  const given = { input: reals(3) };
  const kinds = Object.entries(parameterSpecs(net, given)).map(([path, { trainable, statistic }]) => [
    path,
    trainable,
    statistic,
  ]);
  assert.equal(kinds, [
    ["0.weight", true, undefined],
    ["0.bias", true, undefined],
    ["1.weight", true, undefined],
    ["1.bias", true, undefined],
    ["1.mean", false, true],
    ["1.variance", false, true],
  ]);
  const begun = initialize(net, { given });
  assert.equal([...(parametersOf(begun)["1.variance"]?.data ?? [])], [1, 1]);
  const moved = withParameters(begun, {
    "1.mean": { shape: [2], dtype: "float32", data: Float32Array.of(5, 6) },
  });
  const meanOf = (of: Net): readonly number[] => [...(parametersOf(of)["1.mean"]?.data ?? [])];
  assert.equal(meanOf(initialize(moved, { given })), [5, 6]);
  assert.equal(meanOf(initialize(moved, { given, all: true })), [0, 0]);
  assert.equal(meanOf(initialize(freeze(moved), { given, all: true })), [5, 6]);
});

test.run();
