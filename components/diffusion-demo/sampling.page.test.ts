import { test } from "uvu";
import * as assert from "uvu/assert";
import { initialize } from "../../dsl/index.js";
import { trainingNet } from "../../specs/index.js";
import { closeWorkers } from "../../workers/index.js";
import { affordable, most, sample } from "./sampling.js";
import { type PointsSettings, settingsOf } from "./settings.js";

const settings = settingsOf({
  data: "spiral",
  points: null,
  pictures: null,
  model: "mlp",
  schedule: "linear",
  steps: 20,
  sampler: "ddpm",
  hidden: "8x1",
  batchSize: null,
  rate: null,
  seconds: null,
  seed: 0,
  backend: "simd",
}) as PointsSettings;
const net = initialize(trainingNet({ model: settings.model, schedule: settings.schedule, nDim: 2 }), {
  seed: 1,
});
const signal = new AbortController().signal;

test("two halves are the samples of their two seeds, one after the other", async () => {
  const options = { signal, onProgress: () => {} };
  const both = await sample(net, settings, { ...options, count: 7, seed: 3, halves: true });
  const first = await sample(net, settings, { ...options, count: 4, seed: 3, halves: false });
  const second = await sample(net, settings, { ...options, count: 3, seed: 4, halves: false });
  assert.equal(both.samples.shape, [7, 2]);
  assert.equal([...both.samples.data], [...first.samples.data, ...second.samples.data]);
  assert.equal(both.trajectory.shape, [21, 4, 2]);
  assert.equal([...both.trajectory.data.subarray(-8)], [...first.samples.data]);
  assert.equal([both.times[0], both.times.at(-1)], [20, 0]);
});

test("the shares ascend to 1 over both halves", async () => {
  const shares: number[] = [];
  await sample(net, settings, {
    count: 4000,
    seed: 0,
    halves: true,
    signal,
    onProgress: (share) => shares.push(share),
  });
  shares.slice(1).forEach((share, i) => assert.ok(share >= (shares[i] as number) && share <= 1));
});

test("a look takes as many samples as the speed allows, within its numbers", () => {
  assert.is(affordable(settings, 1000, 4), 5000);
  assert.is(affordable(settings, 1000, 1), 1000);
  assert.is(affordable(settings, 1, 4), 250);
  assert.is(affordable(settings, 1e6, 4), most);
  const large = { ...settings, nHidden: 256, layers: 4, schedule: { ...settings.schedule, steps: 200 } };
  assert.ok(affordable(large, null, 1) < affordable(settings, null, 1));
});

test.after(closeWorkers);
test.run();
