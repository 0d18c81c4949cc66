import { test } from "uvu";
import * as assert from "uvu/assert";
import { formulaOf, inferShapes, information, parameterSpecs } from "../../dsl/index.js";
import { costWords, withCosts } from "./costs.js";
import { type Drawing, drawingOf } from "./drawing.js";
import { training } from "./fixtures.js";

const net = training("mlp");
const drawn = (open: readonly string[]): Drawing =>
  drawingOf(net, {
    shapes: inferShapes(net),
    parameters: parameterSpecs(net),
    open: new Set(open),
    formula: (body) => formulaOf(body),
    bound: new Set(),
  });

test("words for costs: milliseconds where they are measured, operations by thousands", () => {
  assert.equal(costWords(null), []);
  assert.equal(costWords({ flops: null }), []);
  assert.equal(costWords({ flops: 0, milliseconds: null }), ["0 flop"]);
  assert.equal(costWords({ flops: 999 }), ["999 flop"]);
  assert.equal(costWords({ flops: 14_450_688, milliseconds: 0.3123 }), ["0.31 ms", "14.5 Mflop"]);
});

test("every node but inputs and outputs bears its cost, an open net in its head", () => {
  const { byNode } = information(net);
  const { nodes } = withCosts(drawn(["model"]), byNode);
  for (const { kind, path, cost, caption, inside } of nodes) {
    const words = costWords(byNode[path] ?? null).join(", ");
    assert.is(cost, kind === "io" ? "" : words, path);
    assert.is(caption.includes(cost), !inside, path);
  }
  const inner = nodes.find(({ path }) => path === "model")?.inside?.nodes ?? [];
  assert.ok(inner.some(({ kind, caption }) => kind === "layer" && caption.endsWith("flop")));
});

test("a net without a cost of its own has the sum of what is in it", () => {
  const { nodes } = withCosts(drawn([]), {
    "model.a": { flops: 1000, milliseconds: 1 },
    "model.b": { flops: 500, milliseconds: 0.25 },
    models: { flops: 7 },
  });
  assert.is(nodes.find(({ path }) => path === "model")?.cost, "1.3 ms, 1.5 kflop");
  assert.is(nodes.find(({ path }) => path === "model")?.caption, "1.3 ms");
  assert.is(nodes.find(({ path }) => path === "loss")?.cost, "");
});

test.run();
