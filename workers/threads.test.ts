import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Net } from "../dsl/net.js";
import { spiral } from "../runtime/data/index.js";
import { ddpm, linearSchedule } from "../runtime/diffusion/index.js";
import { mlp, trainingNet } from "../specs/index.js";
import { closeWorkers, generate, train } from "./index.js";

const schedule = linearSchedule({ steps: 20 });
const net: Net = trainingNet({
  model: mlp({ nDim: 2, tMax: 20, nHidden: 16, layers: 2 }),
  schedule,
  nDim: 2,
});
const options = { data: { x0: spiral(500) }, batchSize: 50, backend: "simd", until: { steps: 20 } } as const;

test.after(() => closeWorkers());

test("in Node a thread trains, reports and draws samples while this one is free", async () => {
  const run = train(net, options);
  let steps = 0;
  for await (const report of run) steps += report.losses.length;
  const result = await run.result;
  assert.is(steps, 20);
  const { model } = (result.net as { readonly nodes: Record<string, Net> }).nodes;
  const samples = await generate(model as Net, { schedule, sampler: ddpm(), count: 5, backend: "simd" });
  assert.equal(samples.shape, [5, 2]);
});

test("errors of the thread come back with their names and words", async () => {
  const error: Error = await train({ ...net, edges: {} } as Net, options).result.catch((e) => e);
  assert.is(error.name, "NetError");
  assert.match(error.message, /receives nothing/);
});

test("a thread that is closed rejects what is under way", async () => {
  const run = train(net, { ...options, until: { seconds: 600 } });
  await run.pause();
  closeWorkers();
  const error: Error = await run.result.catch((e) => e);
  assert.is(error.name, "WorkerError");
});

test.run();
