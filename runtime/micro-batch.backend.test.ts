import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  chain,
  dropout,
  fn,
  graph,
  meanSquaredLoss,
  type Net,
  parameter,
  randomNormal,
  relu,
} from "../dsl/index.js";
import { parametersOf } from "../dsl/parameters.js";
import { normals } from "../dsl/random.js";
import { backendsHere } from "../test/backends.js";
import { loadBackend } from "./backends/load.js";
import { TrainingError } from "./fault.js";
import { batchWithin, defaultMemoryLimit } from "./memory-limit.js";
import { sgd } from "./optimizers.js";
import { shardOf } from "./replica.js";
import { trainProgram } from "./train-program.js";
import { createTrainer } from "./trainer.js";
import type { TrainOptions, TrainResult } from "./training.js";

const n = 30;
const column = (width: number, seed: number) =>
  ({ shape: [n, width], dtype: "float32", data: normals(n * width, { seed }) }) as const;
const data = { x: column(3, 1), y: column(2, 2) };
/** Noise of its own for each example, within the net and within a layer. */
const net: Net = graph({
  inputs: { x: [3], y: [2] },
  nodes: {
    eps: randomNormal([3]),
    noisy: fn({ x: [3], eps: [3] }, ({ x, eps }) => x.add(eps)),
    model: chain([8, relu, dropout(0.3), 2]),
    loss: meanSquaredLoss(),
  },
  edges: { noisy: { x: "x", eps: "eps" }, model: "noisy", loss: ["model", "y"] },
  outputs: "loss",
});
const base: TrainOptions = { data, batchSize: 14, backend: "simd", seed: 3, until: { steps: 6 } };

async function finish(options: TrainOptions, of = net): Promise<TrainResult> {
  const trainer = await createTrainer(of, options);
  try {
    await trainer.run({ steps: 100 });
    return await trainer.result();
  } finally {
    trainer.dispose();
  }
}
const weights = (of: Net): number[] => Object.values(parametersOf(of)).flatMap((a) => [...a.data]);
const close = (got: ArrayLike<number>, want: ArrayLike<number>): void => {
  assert.is(got.length, want.length);
  Array.from(want).forEach((w, i) => {
    const g = got[i] as number;
    assert.ok(Math.abs(g - w) <= 2e-5 * (1 + Math.abs(w)), `[${i}] is ${g}, not ${w}`);
  });
};

for (const backend of backendsHere)
  test(`${backend}: gradients of micro-batches add up to that of the batch, the noise of every example the same`, async () => {
    const whole = await finish({ ...base, backend });
    for (const microBatch of [7, 5, 1]) {
      const parts = await finish({ ...base, backend, microBatch });
      close(parts.losses, whole.losses);
      close(weights(parts.net), weights(whole.net));
    }
    assert.equal((await finish({ ...base, backend, microBatch: 14 })).losses, whole.losses);
    assert.equal((await finish({ ...base, backend, microBatch: 99 })).losses, whole.losses);
  });

test("micro-batches go on from a checkpoint bit by bit", async () => {
  const options = { ...base, microBatch: 5 };
  const whole = await finish(options);
  const first = await createTrainer(net, options);
  await first.run({ steps: 2 });
  const from = await first.checkpoint();
  first.dispose();
  const rest = await finish({ ...options, from });
  assert.equal([...rest.losses], [...whole.losses.slice(2)]);
  assert.equal(weights(rest.net), weights(whole.net));
});

test("a step in micro-batches that is not finite names its node and keeps the weights", async () => {
  // ln w is NaN at the fifth step, by the gradient of one example only.
  const falling: Net = graph({
    inputs: { x: [] },
    nodes: {
      w: parameter([], { value: 1 }),
      curve: fn({ w: [], x: [] }, ({ w, x }) => w.log().mul(x).mul(1e-30).add(w)),
    },
    edges: { curve: { w: "w", x: "x" } },
    outputs: { loss: "curve" },
  });
  const trainer = await createTrainer(falling, {
    ...{ data: { x: Array.from({ length: 4 }, (_, i) => i) }, batchSize: 4, microBatch: 3 },
    ...{ backend: "simd", optimizer: sgd({ learningRate: 0.3 }), ema: false, until: { steps: 40 } },
  });
  try {
    const error = (await trainer.run({ steps: 40 }).catch((e: unknown) => e)) as TrainingError;
    assert.instance(error, TrainingError);
    assert.is(error.step, 5);
    assert.is(error.node, "curve");
    close(weights(error.net), [1 - 4 * 0.3]);
  } finally {
    trainer.dispose();
  }
});

test("a batch is halved until its plan fits the limit, down to one example", async () => {
  const simd = await loadBackend("simd");
  const tried: number[] = [];
  const build = (batch: number) => {
    tried.push(batch);
    return trainProgram(net, { columns: data, batchSize: batch, partial: true });
  };
  assert.is(batchWithin(defaultMemoryLimit, simd, 25, build).batch, 25);
  assert.equal(tried, [25]);
  const { batch } = batchWithin(4000, simd, 25, build);
  assert.ok(batch < 25, `${batch}`);
  assert.equal(tried.slice(1, 3), [25, 13]);
  assert.is(batchWithin(100, simd, 25, build).batch, 1);
  const small = await finish({ ...base, memoryLimit: 4000 });
  close(small.losses, (await finish(base)).losses);
});

test("the shards of replicas are the batch, cut as equally as can be", () => {
  for (const batchSize of [1, 5, 7, 64])
    for (let count = 1; count <= Math.min(5, batchSize); count++) {
      const shards = Array.from({ length: count }, (_, index) => shardOf(batchSize, { index, count }));
      assert.is(shards[0]?.[0], 0);
      assert.is(shards.at(-1)?.[1], batchSize);
      shards.slice(1).forEach(([from], i) => assert.is(from, shards[i]?.[1]));
      const sizes = shards.map(([from, to]) => to - from);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${sizes}`);
    }
});

test.run();
