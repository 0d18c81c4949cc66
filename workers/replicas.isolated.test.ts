import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Net } from "../dsl/net.js";
import { parametersOf } from "../dsl/parameters.js";
import { spiral } from "../runtime/data/index.js";
import { linearSchedule } from "../runtime/diffusion/index.js";
import type { TrainOptions } from "../runtime/training.js";
import { mlp, trainingNet } from "../specs/index.js";
import { closeWorkers, train } from "./index.js";

const schedule = linearSchedule({ steps: 50 });
const net: Net = trainingNet({
  model: mlp({ nDim: 2, tMax: 50, nHidden: 32, layers: 2 }),
  schedule,
  nDim: 2,
});
const options: TrainOptions = {
  ...{ data: { x0: spiral(1000) }, batchSize: 101, seed: 3 },
  ...{ backend: "simd", until: { steps: 25 } },
};

test.after(() => closeWorkers());

test("replicas that share memory give what one gives, to rounding, and the same bits each time", async () => {
  assert.ok(globalThis.crossOriginIsolated !== false);
  const one = await train(net, options).result;
  for (const replicas of [2, 3]) {
    const [first, again] = [
      await train(net, { ...options, replicas }).result,
      await train(net, { ...options, replicas }).result,
    ];
    assert.equal(again.losses, first.losses);
    assert.equal(parametersOf(again.net), parametersOf(first.net));
    first.losses.forEach((loss, i) => {
      const want = one.losses[i] as number;
      assert.ok(Math.abs(loss - want) < 1e-4, `${replicas} replicas, step ${i + 1}: ${loss}, not ${want}`);
    });
  }
});

test("replicas go on from a checkpoint bit by bit, and end with a worker that is closed", async () => {
  const shared = { ...options, replicas: 2 };
  const run = train(net, shared);
  await run.pause();
  await run.step(3);
  const from = await run.checkpoint();
  await run.resume();
  const { losses } = await run.result;
  const rest = await train(net, { ...shared, from }).result;
  assert.equal([...rest.losses], [...losses.slice(from.step)]);
  const endless = train(net, { ...shared, until: { seconds: 600 } });
  await endless.pause();
  await endless.resume();
  closeWorkers();
  const error: Error = await endless.result.catch((e) => e);
  assert.is(error.name, "WorkerError");
});

test.run();
