/** What `graph` and `chain` make of what is written: plain nets, their edges and outputs as records. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  append,
  chain,
  concat,
  fn,
  graph,
  inputPortsOf,
  integer,
  linear,
  meanSquaredLoss,
  outputPortsOf,
  parameter,
  plus,
  randomNormal,
  real,
  relu,
  thread,
} from "./index.js";

const inner = graph({
  inputs: { t: integer(1, 9), x: [2] },
  nodes: { scaled: fn({ t: integer(1, 9), x: [2] }, ({ t, x }) => x.mul(t)), out: linear(2) },
  edges: { scaled: ["t", "x"], out: "scaled" },
  outputs: "out",
});

test("a net is plain data", () => {
  assert.equal(structuredClone(inner), inner);
  assert.equal(relu, { op: "elementwise", options: { f: "relu" } });
});

test("edges are records by port, whichever way they are written", () => {
  const { edges } = graph({
    inputs: { t: integer(1, 9), x: [2] },
    nodes: { a: inner, b: inner, both: append(), all: concat(), loss: meanSquaredLoss(), one: relu },
    edges: {
      a: ["t", "x"],
      b: { x: "a", t: "t" },
      both: ["b", "t"],
      all: ["a", "b", "both"],
      loss: ["a", "b"],
      one: "a",
    },
    outputs: "loss",
  });
  assert.equal(edges, {
    a: { t: "t", x: "x" },
    b: { x: "a", t: "t" },
    both: { 0: "b", 1: "t" },
    all: { 0: "a", 1: "b", 2: "both" },
    loss: { input: "a", target: "b" },
    one: { input: "a" },
  });
});

test("a single output is named after the last word of its source, or the node where that is output", () => {
  const outputsOf = (outputs: string | readonly string[]): unknown =>
    graph({
      inputs: { t: integer(1, 9), x: [2] },
      nodes: { a: inner },
      edges: { a: ["t", "x"] },
      outputs: outputs as string,
    }).outputs;
  assert.equal(outputsOf("a"), { a: "a" });
  assert.equal(outputsOf("a.out"), { out: "a.out" });
  assert.equal(outputsOf("a.scaled"), { scaled: "a.scaled" });
  assert.equal(outputsOf("a.scaled.output"), { scaled: "a.scaled.output" });
  assert.equal(outputsOf(["a", "x"]), { a: "a", x: "x" });
  assert.throws(() => outputsOf(["a.out", "out"]), /different names but receives out twice/);
});

test("ports have an order: that of a graph's inputs, of a fn's, of a chain's first member", () => {
  assert.equal(inputPortsOf(inner), ["t", "x"]);
  assert.equal(inputPortsOf(chain([inner, relu])), ["t", "x"]);
  assert.equal(inputPortsOf(append()), ["0", "1"]);
  assert.equal(inputPortsOf(thread((a, b, c) => a.mul(b).add(c))), ["0", "1", "2"]);
  assert.equal(inputPortsOf(meanSquaredLoss()), ["input", "target"]);
  assert.equal(inputPortsOf(randomNormal([2])), []);
  assert.equal(inputPortsOf(plus()), []);
  assert.equal(outputPortsOf(inner), ["out"]);
  assert.equal(outputPortsOf(chain([inner])), ["output"]);
});

test("a bare number in a chain is linear", () => {
  assert.equal(chain([3, relu]), chain([linear(3), relu]));
});

test("real, integers and shapes are ports", () => {
  const { inputs } = graph({
    inputs: { a: real, b: integer(0, 3), c: [2, 3] },
    nodes: {},
    edges: {},
    outputs: { a: "a" },
  });
  assert.equal(inputs, {
    a: { dtype: "real", shape: [] },
    b: { dtype: "integer", shape: [], min: 0, max: 3 },
    c: { dtype: "real", shape: [2, 3] },
  });
  assert.throws(() => integer(3, 2), /min <= max but receives 3 and 2/);
});

test("options are checked where they are written", () => {
  assert.throws(() => linear(0), /linear: nOut/);
  assert.throws(() => linear(2.5), /linear: nOut/);
  assert.throws(
    () => parameter([2], { value: [1, 2, 3] }),
    "parameter takes 2 numbers for [2] but receives 3",
  );
  assert.throws(() => concat({ axis: 0.5 }), /concat: axis/);
});

test("a constant array is a frozen parameter that holds its numbers", () => {
  const constant = parameter([2, 2], {
    value: [
      [1, 2],
      [3, 4],
    ],
    trainable: false,
  });
  assert.is(constant.frozen, true);
  assert.equal(constant.arrays?.value, {
    shape: [2, 2],
    dtype: "float32",
    data: Float32Array.of(1, 2, 3, 4),
  });
  assert.equal(parameter([3], { init: "zeros" }), {
    op: "parameter",
    options: { shape: [3], init: "zeros" },
  });
});

test.run();
