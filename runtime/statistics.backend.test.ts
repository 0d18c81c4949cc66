import { test } from "uvu";
import * as assert from "uvu/assert";
import { batchNorm, chain, graph, meanSquaredLoss, type Net } from "../dsl/index.js";
import { parametersOf } from "../dsl/parameters.js";
import { normals } from "../dsl/random.js";
import { backendsHere } from "../test/backends.js";
import { TrainingError } from "./fault.js";
import { sgd } from "./optimizers.js";
import { createTrainer } from "./trainer.js";
import type { TrainOptions, TrainResult } from "./training.js";

const n = 24;
const x = normals(n * 3, { seed: 1 }).map((value) => 5 + 2 * value);
const data = {
  x: { shape: [n, 3], dtype: "float32", data: x },
  y: { shape: [n, 2], dtype: "float32", data: normals(n * 2, { seed: 2 }) },
} as const;
const net: Net = graph({
  inputs: { x: [3], y: [2] },
  nodes: { model: chain([batchNorm(), 2]), loss: meanSquaredLoss() },
  edges: { model: "x", loss: ["model", "y"] },
  outputs: "loss",
});
const options: TrainOptions = { data, batchSize: n, backend: "simd", seed: 3, until: { steps: 60 } };

async function finish(more: Partial<TrainOptions> = {}): Promise<TrainResult> {
  const trainer = await createTrainer(net, { ...options, ...more });
  try {
    await trainer.run({ steps: 100 });
    return await trainer.result();
  } finally {
    trainer.dispose();
  }
}
const statistics = (of: Net) => {
  const { "model.0.mean": mean, "model.0.variance": variance } = parametersOf(of);
  return { mean: mean?.data as Float32Array, variance: variance?.data as Float32Array };
};

for (const backend of backendsHere)
  test(`${backend}: training gathers the mean and the variance of the data`, async () => {
    const { mean, variance } = statistics((await finish({ backend, until: { steps: 400 } })).net);
    for (let column = 0; column < 3; column++) {
      const values = Array.from({ length: n }, (_, i) => x[3 * i + column] as number);
      const m = values.reduce((a, b) => a + b) / n;
      const v = values.reduce((sum, value) => sum + (value - m) ** 2, 0) / n;
      assert.ok(Math.abs((mean[column] as number) - m) < 0.2, `mean ${mean[column]}, not ${m}`);
      assert.ok(Math.abs((variance[column] as number) - v) < 0.4, `variance ${variance[column]}, not ${v}`);
    }
  });

test("a run goes on from a checkpoint bit by bit, statistics and all", async () => {
  for (const microBatch of [n, 10]) {
    const whole = await finish({ microBatch });
    const first = await createTrainer(net, { ...options, microBatch });
    await first.run({ steps: 20 });
    const from = structuredClone(await first.checkpoint());
    first.dispose();
    const rest = await finish({ microBatch, from });
    assert.equal([...rest.losses], [...whole.losses.slice(20)]);
    assert.equal(parametersOf(rest.net), parametersOf(whole.net));
  }
});

test("a step that is not finite leaves the statistics of the step before", async () => {
  const trainer = await createTrainer(net, {
    ...options,
    optimizer: sgd({ learningRate: 1e25 }),
    until: { steps: 20 },
  });
  const error = (await trainer.run({ steps: 20 }).catch((e: unknown) => e)) as TrainingError;
  trainer.dispose();
  assert.instance(error, TrainingError);
  const { mean, variance } = statistics(error.net);
  assert.ok([...mean, ...variance].every(Number.isFinite), `${mean} ${variance}`);
  const good = await finish({ optimizer: sgd({ learningRate: 1e25 }), until: { steps: error.step - 1 } });
  assert.equal(statistics(good.net), { mean, variance });
});

test.run();
