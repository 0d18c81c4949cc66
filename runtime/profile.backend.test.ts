import { test } from "uvu";
import * as assert from "uvu/assert";
import { chain, graph, linear, meanSquaredLoss, relu } from "../dsl/index.js";
import { backendsHere } from "../test/backends.js";
import { createTrainer, profile } from "./index.js";

const net = graph({
  inputs: { x: [8], y: [4] },
  nodes: { model: chain([linear(64), relu, linear(64), relu, linear(4)]), loss: meanSquaredLoss() },
  edges: { model: "x", loss: ["model", "y"] },
  outputs: "loss",
});
const rows = (count: number, width: number) =>
  Array.from({ length: count }, (_, i) => Array.from({ length: width }, (_, j) => Math.sin(i * width + j)));
const data = { x: rows(64, 8), y: rows(64, 4) };
const sum = (numbers: readonly (number | null)[]): number =>
  numbers.reduce<number>((a, b) => a + (b ?? 0), 0);
const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.abs(b);

for (const backend of backendsHere)
  test(`${backend}: the figures of a step are the sums over its operations, and over the nodes`, async () => {
    const p = await profile(net, { data, batchSize: 64, backend, runs: 2 });
    for (const parts of [p.steps, Object.values(p.byNode)])
      for (const key of ["flops", "bytes", "milliseconds"] as const)
        assert.ok(near(sum(parts.map((part) => part[key])), p[key] ?? 0), key);
    // Forward, weights' and inputs' gradients of three products, the first without the inputs'.
    const products = 2 * 64 * (8 * 64 * 2 + (64 * 64 + 64 * 4) * 3);
    assert.ok(p.flops > products && p.flops < 1.5 * products, `${p.flops} beside ${products}`);
    assert.ok(p.memory.planned > 0 && p.memory.planned <= p.memory.values);
    for (const path of ["model.0", "model.4", "loss", "update"]) assert.ok(path in p.byNode, path);
    assert.is(p.milliseconds === null, backend === "webgpu");
  });

test("without runs everything is counted and nothing measured", async () => {
  const p = await profile(net, { data, batchSize: 64, runs: 0 });
  assert.is(p.milliseconds, null);
  assert.ok(p.flops > 0 && p.steps.every(({ milliseconds }) => milliseconds === null));
});

test("micro-batches count as often as they run", async () => {
  const whole = await profile(net, { data, batchSize: 64, runs: 0 });
  const parts = await profile(net, { data, batchSize: 64, microBatch: 16, runs: 0 });
  assert.is(parts.microBatch, 16);
  const flops = (p: typeof whole): number =>
    sum(p.steps.filter((s) => s.prim === "matmul").map((s) => s.flops));
  assert.is(flops(parts), flops(whole));
  assert.ok(parts.memory.planned < whole.memory.planned);
});

test("the milliseconds of the operations add up to about a step", async () => {
  const wide = { x: rows(1024, 8), y: rows(1024, 4) };
  const options = { data: wide, batchSize: 1024, backend: "simd", threads: 1 } as const;
  const trainer = await createTrainer(net, { ...options, ema: false, until: { steps: 1000 } });
  // Other work on the machine slows some of the turns: the quickest of each count.
  let [alone, profiled] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  await trainer.run({ steps: 20 });
  for (let turn = 0; turn < 10; turn++) {
    const start = performance.now();
    await trainer.run({ steps: 20 });
    alone = Math.min(alone, (performance.now() - start) / 20);
    const { milliseconds } = await profile(net, { ...options, runs: 20 });
    profiled = Math.min(profiled, milliseconds ?? Number.POSITIVE_INFINITY);
  }
  trainer.dispose();
  assert.ok(profiled > 0.5 * alone && profiled < 2 * alone, `${profiled} ms beside ${alone} ms`);
});

test.run();
