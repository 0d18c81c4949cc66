import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  apply,
  chain,
  embedding,
  fn,
  graph,
  integer,
  linear,
  meanSquaredLoss,
  randomUniform,
  real,
} from "../dsl/index.js";
import type { Step } from "../dsl/net.js";
import { streamOf, uniforms } from "../dsl/random.js";
import { backendsHere } from "../test/backends.js";
import { interpret } from "../test/interpret.js";
import { loadBackend } from "./backends/load.js";
import { constant, ProgramBuilder } from "./builder.js";
import { optimised } from "./compile.js";
import { evaluate } from "./evaluate.js";
import { gradients } from "./gradients.js";
import { sgd } from "./optimizers.js";
import type { Op, Value } from "./program.js";
import { createTrainer } from "./trainer.js";

const n = 21;
/** −2.5 … 2.5 by quarters: halves on both sides of 0. */
const xs = Float32Array.from({ length: n }, (_, i) => (i - 10) / 4);

/** Integers made of x, and what reads them: elementwise functions, lookups, a product. */
function program() {
  const b = new ProgramBuilder();
  const x = b.input("x", [n]);
  const whole = b.integer(x, -1, 2);
  b.outputs.whole = whole;
  b.outputs.after = b.apply("mul", b.apply("add", b.real(whole), constant(0.25)), constant(2));
  b.outputs.beside = b.apply("sub", x, whole);
  const table = b.constant(Float32Array.of(10, 20, 30, 40, 50, 60, 70, 80), [4, 2]);
  b.outputs.rows = b.gather(table, whole, -1);
  const product = b.matmul(b.reshape(x, [n, 1]), b.constant(Float32Array.of(1, 2, 3), [1, 3]));
  b.outputs.product = b.apply("add", product, b.reshape(whole, [n, 1]));
  // not rounded before: cut off towards 0
  const values = b.values as Value[];
  const cut = values.push({ dtype: "int32", shape: [n] }) - 1;
  const body: readonly Step[] = [{ op: "input", name: "0" }];
  (b.ops as Op[]).push({
    prim: "elementwise",
    attrs: { body, results: [0] },
    inputs: [x],
    outputs: [cut],
    node: "",
  });
  b.outputs.cut = cut;
  b.outputs.afterCut = b.apply("add", cut, constant(0.5));
  return b.program();
}

for (const name of backendsHere) {
  test(`${name}: an int32 result is truncated for all who read it`, async () => {
    const backend = await loadBackend(name);
    const made = optimised(program(), backend);
    const want = interpret(program(), { x: xs });
    const executable = await backend.prepare(made);
    executable.write("x", xs);
    executable.run();
    for (const [port, data] of Object.entries(want)) {
      const got = await executable.read(port);
      assert.is(got instanceof Int32Array, port === "whole" || port === "cut", port);
      assert.equal(
        [...got].map(Number),
        [...data].map((v) => v + 0),
        port,
      );
    }
    executable.dispose();
    const wholes = [...xs].map((x) => Math.max(-1, Math.min(2, Math.floor(x + 0.5))));
    assert.equal(
      [...(want.whole ?? [])].map((v) => v + 0),
      wholes.map((v) => v + 0),
    );
  });

  const drop = fn({ label: integer(0, 2), u: real }, ({ label, u }) => u.lt(0.5).select(3, label), {
    output: integer(0, 3),
  });
  /** The label, replaced by 3 at random, has a vector that is to be like y. */
  const net = graph({
    inputs: { label: integer(0, 2), y: [2] },
    nodes: {
      u: randomUniform([]),
      given: drop,
      model: chain([embedding(4), linear(2)]),
      loss: meanSquaredLoss(),
    },
    edges: { given: { label: "label", u: "u" }, model: "given", loss: ["model", "y"] },
    outputs: "loss",
  });
  const count = 12;
  const label = Array.from({ length: count }, (_, i) => i % 3);
  const y = label.map((k) => [2 * Math.cos(k), 2 * Math.sin(k)]);

  test(`${name}: labels replaced at random are those of the draw`, async () => {
    const replaced = graph({
      inputs: { label: integer(0, 2) },
      nodes: { u: randomUniform([]), given: drop },
      edges: { given: { label: "label", u: "u" } },
      outputs: "given",
    });
    const { given } = await evaluate(replaced, { label }, { backend: name, seed: 7 });
    const u = uniforms(count, { seed: 7, stream: streamOf("u") });
    assert.equal(given?.dtype, "int32");
    assert.equal([...(given?.data ?? [])], apply(drop, { label, u: [...u] }));
    assert.ok(given?.data.includes(3) && new Set(given.data).size > 1);
  });

  test(`${name}: they feed an embedding that trains, the row for none as well`, async () => {
    const trainer = await createTrainer(net, {
      data: { label, y },
      batchSize: count,
      optimizer: sgd({ learningRate: 0.1 }),
      backend: name,
      seed: 2,
      until: { steps: 40 },
    });
    const { losses } = await trainer.run({ steps: 40 });
    const trained = await trainer.net();
    trainer.dispose();
    const mean = (of: ArrayLike<number>): number => Array.from(of).reduce((sum, v) => sum + v, 0) / of.length;
    assert.ok(mean(losses.slice(-5)) < 0.7 * mean(losses.slice(0, 5)), `${losses}`);
    const result = await gradients(trained, { label, y }, { backend: name, seed: 3, of: ["model.0.weight"] });
    const rows = result.gradients["model.0.weight"]?.data ?? [];
    assert.is(rows.length, 4 * 4);
    assert.ok(
      [...rows.slice(12)].some((g) => Math.abs(g) > 1e-4),
      "none has a gradient",
    );
  });
}

test.run();
