import { test } from "uvu";
import * as assert from "uvu/assert";
import { fn } from "../dsl/fn.js";
import type { Net } from "../dsl/net.js";
import { initialize, parametersOf, withParameters } from "../dsl/parameters.js";
import { integer } from "../dsl/ports.js";
import { normals } from "../dsl/random.js";
import { points, spiral } from "../runtime/data/index.js";
import { ddpm, linearSchedule } from "../runtime/diffusion/index.js";
import { inspect } from "../runtime/inspect.js";
import { adam } from "../runtime/optimizers.js";
import type { Progress, TrainOptions } from "../runtime/training.js";
import { mlp, trainingNet } from "../specs/index.js";
import { closeWorkers, generate, inspectNet, setWorkerFactory, train } from "./index.js";
import { serve } from "./session.js";

/** Workers without workers: a bare channel, both of whose ends are in this thread. */
const viaChannel = (): MessagePort => {
  const { port1, port2 } = new MessageChannel();
  serve(port2);
  return port1;
};
const schedule = linearSchedule({ steps: 20 });
const model = mlp({ nDim: 2, tMax: 20, nHidden: 16, layers: 2 });
const net: Net = trainingNet({ model, schedule, nDim: 2 });
const options: TrainOptions = {
  data: { x0: spiral(500, { seed: 1 }) },
  batchSize: 50,
  seed: 3,
  backend: "simd",
  until: { steps: 30 },
};
const forever = { ...options, until: { seconds: 600 } };
const rejects = async (promise: Promise<unknown>, words: RegExp): Promise<Error> => {
  const error = await promise.then(
    () => assert.unreachable("it should have been refused"),
    (e) => e,
  );
  assert.match((error as Error).message, words);
  return error as Error;
};

test.before.each(() => setWorkerFactory(viaChannel));
test.after.each(() => setWorkerFactory(undefined));

test("a run reports every step once, in order, and ends with a trained net", async () => {
  const run = train(net, options);
  const reports: Progress[] = [];
  for await (const report of run) reports.push(report);
  const result = await run.result;
  assert.is(result.steps, 30);
  assert.is(result.stopReason, "steps");
  assert.is(result.backend, "simd");
  const seen = reports.flatMap((report) => [...report.losses]);
  assert.equal(seen, [...result.losses]);
  assert.is(reports.at(-1)?.step, 30);
  assert.ok(Object.keys(parametersOf(result.net)).includes("model.model.1.weight"));
});

test("a run goes on when nobody reads it, and a late reader gets all losses in one report", async () => {
  const run = train(net, options);
  const { losses } = await run.result;
  const reports: Progress[] = [];
  for await (const report of run) reports.push(report);
  assert.is(reports.length, 1);
  assert.equal(reports[0]?.losses, losses);
});

test("the same seed gives the same weights, in the worker as anywhere", async () => {
  const [a, b] = await Promise.all([train(net, options).result, train(net, options).result]);
  assert.equal(parametersOf(a.net), parametersOf(b.net));
});

test("a paused run does no steps but those it is asked for, and then goes on", async () => {
  const run = train(net, forever);
  await run.pause();
  const before = (await run.checkpoint()).step;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.is((await run.checkpoint()).step, before);
  await run.step(7);
  assert.is((await run.checkpoint()).step, before + 7);
  await run.step();
  assert.is((await run.checkpoint()).step, before + 8);
  await run.resume();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await run.stop();
  const { stopReason, steps } = await run.result;
  assert.is(stopReason, "aborted");
  assert.ok(steps > before + 8);
});

test("stepping to the limit ends a paused run", async () => {
  const run = train(net, { ...options, until: { steps: 10_000 } });
  await run.pause();
  await run.step(10_000);
  assert.is((await run.result).stopReason, "steps");
});

test("an abort ends the run with the weights so far, before it began or later", async () => {
  const abort = new AbortController();
  const run = train(net, { ...forever, signal: abort.signal });
  setTimeout(() => abort.abort(), 100);
  const { stopReason, steps } = await run.result;
  assert.is(stopReason, "aborted");
  assert.ok(steps > 0);
  const none = await train(net, { ...forever, signal: AbortSignal.abort() }).result;
  assert.is(none.stopReason, "aborted");
  assert.ok(Object.keys(parametersOf(none.net)).length > 0);
});

test("a run that goes on from a checkpoint ends as an unbroken one, bit by bit", async () => {
  const unbroken = await train(net, options).result;
  const first = train(net, { ...options, until: { steps: 13 } });
  await first.result;
  const from = await first.checkpoint();
  assert.is(from.step, 13);
  const second = await train(net, { ...options, from }).result;
  assert.equal(parametersOf(second.net), parametersOf(unbroken.net));
});

test("after the end, the net and the checkpoint are still there and commands do nothing", async () => {
  const run = train(net, options);
  const { net: trained } = await run.result;
  assert.equal(await run.net(), trained);
  assert.is((await run.checkpoint()).step, 30);
  await run.pause();
  await run.resume();
  await run.step(3);
  await run.stop();
});

test("samples are drawn by count and seed, while a run trains", async () => {
  const run = train(net, forever);
  const trained = initialize(model, { seed: 5 });
  const ask = { schedule, sampler: ddpm(), count: 33, seed: 4, backend: "simd" as const };
  const samples = await generate(trained, ask);
  assert.equal(samples.shape, [33, 2]);
  assert.ok(samples.data.every(Number.isFinite));
  assert.equal(await generate(trained, ask), samples);
  assert.not.equal((await generate(trained, { ...ask, seed: 5 })).data, samples.data);
  await run.stop();
});

test("a trajectory goes from x_T to the samples, with the t of each frame", async () => {
  const trained = initialize(model, { seed: 5 });
  const initial = points([
    [1, 2],
    [3, 4],
  ]);
  const ask = { schedule, sampler: ddpm(), count: 2, initial, backend: "simd" as const };
  const { samples, trajectory, times } = await generate(trained, { ...ask, trajectory: { every: 8 } });
  assert.equal(times, [20, 12, 4, 0]);
  assert.equal(trajectory.shape, [4, 2, 2]);
  assert.equal([...trajectory.data.subarray(0, 4)], [1, 2, 3, 4]);
  assert.equal(trajectory.data.slice(-4), samples.data);
});

test("progress of sampling comes before the samples, up to 1", async () => {
  const shares: number[] = [];
  const trained = initialize(model, { seed: 5 });
  const ask = { schedule, sampler: ddpm(), count: 10, backend: "simd" as const };
  await generate(trained, { ...ask, onProgress: (share) => shares.push(share) });
  assert.is(shares.at(-1), 1);
});

test("several workers draw the same samples as one, with their ways and from given points", async () => {
  const trained = initialize(model, { seed: 5 });
  const ask = { schedule, sampler: ddpm(), count: 101, seed: 2, backend: "simd" as const };
  const one = await generate(trained, ask);
  assert.equal(await generate(trained, { ...ask, workers: 3 }), one);
  const last = await generate(trained, { ...ask, first: 81, count: 20 });
  assert.equal(last.data, one.data.slice(2 * 81));
  const initial = normals(202, { seed: 1 });
  const ways = {
    ...ask,
    initial: { shape: [101, 2], dtype: "float32", data: initial },
    trajectory: { every: 8 },
  } as const;
  const [whole, parts] = [await generate(trained, ways), await generate(trained, { ...ways, workers: 2 })];
  assert.equal(parts, whole);
  assert.equal(parts.trajectory.shape, [4, 101, 2]);
  assert.is(parts.backendReason, "asked for");
  assert.is((await generate(trained, { ...ask, count: 2, workers: 5 })).shape[0], 2);
  await rejects(generate(trained, { ...ask, workers: 0 }), /workers: takes a whole number/);
  await rejects(generate(trained, { ...ask, count: 0, workers: 2 }), /count: takes a whole number/);
  await rejects(generate(model, { ...ask, workers: 2 }), /the model has no model\.1\.weight/);
});

test("what the model is told of each sample goes to the worker that draws it, and guidance to all", async () => {
  const told = fn({ t: integer(1, 20), xt: [2], label: integer(0, 3) }, ({ xt, label }) =>
    xt.mul(0.1).add(label),
  );
  const label = Array.from({ length: 25 }, (_, i) => i % 3);
  const guidance = { weight: 0.5, inputs: { label: 3 } };
  const ask = { schedule, sampler: ddpm(), count: 25, backend: "simd", inputs: { label }, guidance } as const;
  const one = await generate(told, ask);
  assert.equal(await generate(told, { ...ask, workers: 3 }), one);
  assert.not.equal(await generate(told, { ...ask, guidance: { ...guidance, weight: 0 } }), one);
  await rejects(generate(told, { ...ask, inputs: { label: 1 as never } }), /inputs.label: takes an array/);
  await rejects(
    generate(told, { ...ask, guidance: { weight: 1, inputs: { label: "3" as never } } }),
    /guidance.inputs.label: /,
  );
});

test("what happens inside a net is told port by port", async () => {
  const inputs = {
    x0: [
      [1, 2],
      [3, -4],
    ],
  };
  const ports = await inspectNet(net, inputs, { seed: 7, mode: "train" });
  assert.equal(ports, await inspect(net, inputs, { seed: 7, mode: "train" }));
  assert.equal(ports.x0, { shape: [2], mean: 0.5, sd: Math.sqrt(7.25), min: -4, max: 3, first: [1, 2] });
  assert.ok("model.model.1" in ports && "loss" in ports, Object.keys(ports).join());
  assert.equal(ports["model.model.1"]?.shape, [16]);
  assert.is(ports["model.model.1"]?.first.length, 4);
  assert.ok((ports["model.model.2"]?.min ?? -1) >= 0, "a rectifier gives nothing negative");
  await rejects(inspectNet(net, { x0: [[1, 2, 3]] }), /input x0: takes \[n, 2\]/);
  await rejects(inspectNet(net, inputs, { mood: "train" } as never), /inspect: Unrecognized key/);
});

test("an abort ends sampling with the signal's reason", async () => {
  const trained = initialize(model, { seed: 5 });
  const ask = { schedule, sampler: ddpm(), count: 1e6, backend: "simd" as const };
  await rejects(generate(trained, { ...ask, signal: AbortSignal.abort() }), /abort/);
  const error = await rejects(generate(trained, { ...ask, signal: AbortSignal.timeout(50) }), /time/);
  assert.is(error.name, "TimeoutError");
});

test("what is malformed is refused on the promise and on the iterable, with its place", async () => {
  const refuses = (wrong: object, words: RegExp) =>
    rejects(train(net, { ...options, ...wrong } as TrainOptions).result, words);
  await refuses(
    { data: { x0: { kind: "spirl", n: 10, seed: 1 } } },
    /train: data\.x0\.kind: there is no data set spirl; did you mean spiral\?/,
  );
  await refuses({ data: { x0: [[0, Number.NaN]] } }, /NaN in row 0/);
  await refuses({ until: { second: 3 } }, /train: until/);
  await refuses({ batchSize: 501 }, /at most the 500 examples of the data but receives 501/);
  await refuses({ backend: "gpu" }, /backend: there is no "gpu"/);
  await rejects(train({} as Net, options).result, /takes|op/);
  const run = train(net, { ...options, batchSize: 501 });
  await rejects(
    (async () => {
      for await (const _ of run) assert.unreachable();
    })(),
    /at most the 500/,
  );
  await rejects(run.net(), /at most the 500/);
  const noWeights = generate(model, { schedule, sampler: ddpm(), count: 2, backend: "simd" });
  await rejects(noWeights, /the model has no model\.1\.weight/);
});

test("a loss that becomes NaN ends the run with its step, its node and the last good net", async () => {
  const run = train(net, { ...forever, optimizer: adam({ learningRate: 1e30 }) });
  const error = (await rejects(run.result, /not finite/)) as Error & { step: number; node: string; net: Net };
  assert.is(error.name, "TrainingError");
  assert.ok(error.step >= 1);
  assert.ok(error.node.length > 0);
  const weights = Object.values(parametersOf(error.net));
  assert.ok(weights.length > 0 && weights.every(({ data }) => data.every(Number.isFinite)));
});

test("a worker that dies rejects all that is under way, and the next run gets a new one", async () => {
  const run = train(net, forever);
  await run.pause();
  const waiting = run[Symbol.asyncIterator]();
  for (let report = await waiting.next(); (await run.checkpoint()).step !== report.value?.step; )
    report = await waiting.next();
  const next = waiting.next();
  closeWorkers();
  await rejects(next, /was closed/);
  const error = await rejects(run.result, /was closed/);
  assert.is(error.name, "WorkerError");
  await rejects(run.net(), /was closed/);
  assert.is((await train(net, options).result).steps, 30);
});

test("replicas give what one worker gives, to rounding, and the same bits each time", async () => {
  const one = await train(net, options).result;
  const two = await train(net, { ...options, replicas: 2 }).result;
  const again = await train(net, { ...options, replicas: 2 }).result;
  assert.equal(again.losses, two.losses);
  assert.equal(parametersOf(again.net), parametersOf(two.net));
  assert.is(two.steps, 30);
  two.losses.forEach((loss, i) => {
    assert.ok(
      Math.abs(loss - (one.losses[i] as number)) < 1e-4,
      `step ${i + 1}: ${loss}, not ${one.losses[i]}`,
    );
  });
});

test("a run of replicas is paused, stepped, continued from its checkpoint and stopped as one", async () => {
  const shared = { ...options, replicas: 3 };
  const run = train(net, shared);
  await run.pause();
  const before = (await run.checkpoint()).step;
  await run.step(2);
  const checkpoint = await run.checkpoint();
  assert.is(checkpoint.step, Math.min(30, before + 2));
  await run.resume();
  const whole = await run.result;
  const rest = await train(net, { ...shared, from: checkpoint }).result;
  assert.equal([...rest.losses], [...whole.losses.slice(checkpoint.step)]);
  assert.equal(parametersOf(rest.net), parametersOf(whole.net));
  const endless = train(net, { ...forever, replicas: 2 });
  await endless.stop();
  assert.is((await endless.result).stopReason, "aborted");
});

test("replicas end together: by NaN, by an option that does not fit, by the death of any", async () => {
  const nan = train(net, { ...forever, replicas: 2, optimizer: adam({ learningRate: 1e30 }) });
  const error = (await rejects(nan.result, /not finite/)) as Error & { node: string };
  assert.is(error.name, "TrainingError");
  assert.ok(error.node.length > 0);
  await rejects(train(net, { ...options, replicas: 51 }).result, /replicas: takes at most the 50 examples/);
  await rejects(train(net, { ...options, replicas: 0 }).result, /replicas: takes a whole number/);
  const ports: MessagePort[] = [];
  setWorkerFactory(() => {
    const port = viaChannel();
    ports.push(port);
    return port;
  });
  const run = train(net, { ...forever, replicas: 2 });
  await run.pause();
  await run.resume();
  ports[1]?.dispatchEvent(Object.assign(new Event("error"), { message: "fell over" }));
  const death = await rejects(run.result, /one that fell over/);
  assert.is(death.name, "WorkerError");
  assert.is((await train(net, { ...options, replicas: 2 }).result).steps, 30);
});

test("two sessions run at once on two workers, and idle workers are used again", async () => {
  let made = 0;
  setWorkerFactory(() => {
    made++;
    return viaChannel();
  });
  const [a, b] = [train(net, forever), train(net, forever)];
  await Promise.all([a.pause(), b.pause()]);
  assert.is(made, 2);
  await Promise.all([a.stop(), b.stop()]);
  await train(net, options).result;
  assert.is(made, 2);
});

test("a trained net can be trained further", async () => {
  const { net: trained } = await train(net, options).result;
  const again = await train(trained, { ...options, seed: 9 }).result;
  assert.not.equal(parametersOf(again.net), parametersOf(trained));
  assert.equal(withParameters(net, parametersOf(again.net)), again.net);
});

test.run();
