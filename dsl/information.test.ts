import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  attention,
  averagePool,
  chain,
  conv2d,
  conv2dTranspose,
  depthwiseConv2d,
  graph,
  groupNorm,
  information,
  linear,
  type Net,
  nest,
  plus,
  relu,
  softmax,
} from "./index.js";

const shape = [8, 6, 4];
const on = (net: Net, size: readonly number[] = shape) =>
  information(graph({ inputs: { x: size }, nodes: { net }, edges: { net: "x" }, outputs: "net" }) as Net);

test("products count two for each number of a filter at each place", () => {
  assert.is(on(conv2d(5, 3)).flops, 2 * 9 * 4 * 5 * 48);
  assert.is(on(conv2d(6, 3, { stride: 2, groups: 2 })).flops, 2 * 9 * 2 * 6 * 12);
  assert.is(on(depthwiseConv2d(3)).flops, 2 * 9 * 4 * 48);
  assert.is(on(conv2dTranspose(5, 2, { stride: 2 })).flops, 2 * 4 * 4 * 5 * 48);
  assert.is(on(linear(7), [3]).flops, 2 * 3 * 7);
  assert.is(on(attention({ heads: 2 })).flops, 4 * 2 * 16 * 48 + 4 * 48 * 48 * 4);
});

test("other layers count by their formulas", () => {
  assert.is(on(averagePool(2)).flops, 4 * 3 * 4 * 4);
  assert.is(on(groupNorm(2)).flops, 7 * 192);
  assert.is(on(softmax(), [3]).flops, 15);
  assert.is(on(relu).flops, 192);
});

test("bytes are those of inputs, arrays and outputs", () => {
  assert.is(on(linear(7), [3]).bytes, 4 * (3 + 3 * 7 + 7 + 7));
  assert.is(on(plus(), [3]).bytes, 4 * (3 + 3));
});

test("a net's figures are the sums of its members', and a repeated one's so many times", () => {
  const inner = chain([linear(4), relu]);
  const { byNode, flops, bytes, parameters } = on(nest(inner, 3), [4]);
  assert.equal(Object.keys(byNode), ["", "net", "net.net", "net.net.0", "net.net.1"]);
  assert.equal(byNode["net.net.0"], { parameters: 20, flops: 32, bytes: 4 * (4 + 20 + 4) });
  assert.is(byNode["net.net"]?.flops, 36);
  assert.is(flops, 3 * 36);
  assert.is(bytes, byNode.net?.bytes);
  assert.is(byNode[""]?.parameters, parameters.total);
  const { byNode: open } = information(chain([linear(3), relu]));
  assert.equal(open["0"], { parameters: 0, flops: null, bytes: null });
});

test.run();
