import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Net } from "../dsl/net.js";
import { spiral } from "../runtime/data/index.js";
import { ddpm, linearSchedule } from "../runtime/diffusion/index.js";
import { mlp, trainingNet } from "../specs/index.js";
import { closeWorkers, generate, setWorkerFactory, train } from "./index.js";
import { workerFromAfar } from "./spawn.js";

const schedule = linearSchedule({ steps: 50 });
const model = mlp({ nDim: 2, tMax: 50, nHidden: 64, layers: 3 });
const net: Net = trainingNet({ model, schedule, nDim: 2 });
const options = {
  data: { x0: spiral(5000) },
  batchSize: 256,
  backend: "simd",
  until: { steps: 200 },
} as const;
const modelOf = (trained: Net): Net =>
  (trained as { readonly nodes: Record<string, Net> }).nodes.model as Net;

test.after.each(() => setWorkerFactory(undefined));

test("a worker trains and draws samples while the page has no task of 50 ms", async () => {
  const long: number[] = [];
  const watch = new PerformanceObserver((list) => long.push(...list.getEntries().map((e) => e.duration)));
  const run = train(net, options);
  await run.pause(); // the worker has been made
  watch.observe({ type: "longtask" });
  await run.resume();
  let reports = 0;
  for await (const { backend } of run) {
    reports++;
    assert.is(backend, "simd");
  }
  const { losses, net: trained } = await run.result;
  const samples = await generate(modelOf(trained), {
    schedule,
    sampler: ddpm(),
    count: 2000,
    backend: "simd",
  });
  watch.disconnect();
  assert.is(losses.length, 200);
  assert.ok(reports >= 1);
  assert.equal(samples.shape, [2000, 2]);
  assert.equal(long, []);
});

test("the backend of choice is found in a worker, and what came of each is told", async () => {
  const ask = { ...options, backend: "auto", until: { steps: 5 } } as const;
  const { backend, backendReason, steps } = await train(net, ask).result;
  assert.ok(["simd", "webgl", "webgpu"].includes(backend), backend);
  assert.match(backendReason, /simd: [\d.]+ ms a step/);
  assert.match(backendReason, /webgl: (software rendering, not tried|not here|[\d.]+ ms a step)/);
  assert.is(steps, 5);
});

test("replicas that may not share memory give what one worker gives, to rounding, and the same bits each time", async () => {
  const ask = { ...options, batchSize: 101, until: { steps: 20 } };
  const [one, two, again] = [
    await train(net, ask).result,
    await train(net, { ...ask, replicas: 2 }).result,
    await train(net, { ...ask, replicas: 2 }).result,
  ];
  assert.is(crossOriginIsolated, false);
  assert.equal(again.losses, two.losses);
  two.losses.forEach((loss, i) => {
    assert.ok(
      Math.abs(loss - (one.losses[i] as number)) < 1e-4,
      `step ${i + 1}: ${loss}, not ${one.losses[i]}`,
    );
  });
});

test("webgl trains in a worker", async () => {
  const { backend, steps } = await train(net, { ...options, backend: "webgl", until: { steps: 5 } }).result;
  assert.is(backend, "webgl");
  assert.is(steps, 5);
});

test("a worker of another origin is reached through a Blob", async () => {
  setWorkerFactory(() => workerFromAfar(new URL("./session.worker.js", import.meta.url).href));
  assert.is((await train(net, { ...options, until: { steps: 3 } }).result).steps, 3);
});

for (const [what, make] of [
  ["is not there", () => new Worker("/nothing.js", { type: "module" })],
  ["imports what is not there", () => workerFromAfar(new URL("/nothing.js", location.href).href)],
  [
    "the page's policy forbids",
    () => {
      throw new Error("forbidden");
    },
  ],
] as const)
  test(`a worker's script that ${what} rejects everything at once`, async () => {
    setWorkerFactory(make);
    const run = train(net, options);
    const read = async (): Promise<void> => {
      for await (const _ of run) assert.unreachable();
    };
    for (const promise of [run.result, read(), run.pause(), run.net()]) {
      const message = await promise.then(
        () => "it went well",
        (error: Error) => error.message,
      );
      assert.match(message, /takes a live worker but receives one that|forbidden/);
    }
  });

test("a worker that is closed in the middle rejects, and the next run gets a new one", async () => {
  const run = train(net, { ...options, until: { seconds: 600 } });
  await run.pause();
  closeWorkers();
  assert.is((await run.result.catch((e: Error) => e.name)) as unknown, "WorkerError");
  assert.is((await train(net, { ...options, until: { steps: 2 } }).result).steps, 2);
});

test.run();
