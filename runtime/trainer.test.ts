import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  fn,
  graph,
  type Layer,
  linear,
  meanAbsoluteLoss,
  meanSquaredLoss,
  type Net,
  parameter,
  total,
} from "../dsl/index.js";
import { initialize, parametersOf, withParameters } from "../dsl/parameters.js";
import { normals } from "../dsl/random.js";
import { TrainingError } from "./fault.js";
import { gradients } from "./gradients.js";
import { adam, sgd } from "./optimizers.js";
import { createTrainer } from "./trainer.js";
import type { TrainOptions, TrainResult } from "./training.js";
import { emaDecay } from "./update-program.js";

const n = 20;
const x = { shape: [n, 3], dtype: "float32", data: normals(n * 3, { seed: 1 }) } as const;
const y = { shape: [n, 2], dtype: "float32", data: normals(n * 2, { seed: 2 }) } as const;
const data = { x, y };
const regression: Net = graph({
  inputs: { x: [3], y: [2] },
  nodes: { model: linear(2), loss: meanSquaredLoss() },
  edges: { model: "x", loss: ["model", "y"] },
  outputs: "loss",
});
const base: TrainOptions = { data, batchSize: 8, backend: "simd", seed: 3, until: { steps: 12 } };

async function finish(net: Net, options: TrainOptions): Promise<TrainResult> {
  const trainer = await createTrainer(net, options);
  try {
    while (!trainer.finished) await trainer.run({ milliseconds: 5 });
    return await trainer.result();
  } finally {
    trainer.dispose();
  }
}
const weights = (net: Net): number[] => Object.values(parametersOf(net)).flatMap((a) => [...a.data]);
const close = (got: readonly number[], want: readonly number[], tolerance = 1e-5): void => {
  assert.is(got.length, want.length);
  got.forEach((g, i) => {
    assert.ok(
      Math.abs(g - (want[i] as number)) <= tolerance * (1 + Math.abs(want[i] as number)),
      `[${i}] is ${g}, not ${want[i]}`,
    );
  });
};
async function refuses(options: Partial<TrainOptions>, message: RegExp, net = regression): Promise<void> {
  try {
    await createTrainer(net, { ...base, ...options });
  } catch (error) {
    assert.match((error as Error).message, message);
    return;
  }
  assert.unreachable(`no error like ${message}`);
}

test("the same seed gives the same losses and weights, another seed others", async () => {
  const [a, b, c] = [
    await finish(regression, base),
    await finish(regression, base),
    await finish(regression, { ...base, seed: 4 }),
  ];
  assert.equal(a.losses, b.losses);
  assert.equal(weights(a.net), weights(b.net));
  assert.not.equal(a.losses, c.losses);
  assert.is(a.losses.length, 12);
  assert.is(a.stopReason, "steps");
});

test("a run continued from a checkpoint is bit-equal to an unbroken one", async () => {
  const whole = await finish(regression, base);
  const first = await createTrainer(regression, base);
  await first.run({ steps: 5 });
  const checkpoint = structuredClone(await first.checkpoint());
  first.dispose();
  const rest = await finish(regression, { ...base, from: checkpoint });
  assert.equal([...rest.losses], [...whole.losses.slice(5)]);
  assert.equal(weights(rest.net), weights(whole.net));
});

test("the backends train alike", async () => {
  const [simd, cpu] = [await finish(regression, base), await finish(regression, { ...base, backend: "cpu" })];
  close([...cpu.losses], [...simd.losses]);
  close(weights(cpu.net), weights(simd.net));
});

/** Full batches, so that each step's gradient is that of all data. */
async function byHand(
  update: (w: number[], g: number[], step: number) => number[],
  steps: number,
): Promise<number[][]> {
  let net = initialize(regression, { seed: 3 });
  const history = [weights(net)];
  for (let step = 1; step <= steps; step++) {
    const { gradients: g } = await gradients(net, data, { backend: "cpu" });
    const next = update(
      weights(net),
      Object.values(g).flatMap((a) => [...a.data]),
      step,
    );
    history.push(next);
    net = withParameters(net, {
      "model.weight": { shape: [3, 2], dtype: "float32", data: Float32Array.from(next.slice(0, 6)) },
      "model.bias": { shape: [2], dtype: "float32", data: Float32Array.from(next.slice(6)) },
    });
  }
  return history;
}

test("adam is algorithm 1 of Kingma and Ba", async () => {
  const [rate, beta1, beta2, epsilon] = [0.05, 0.8, 0.95, 1e-6];
  let m: number[] = Array(8).fill(0);
  let v: number[] = Array(8).fill(0);
  const history = await byHand((w, g, t) => {
    m = m.map((mi, i) => beta1 * mi + (1 - beta1) * (g[i] as number));
    v = v.map((vi, i) => beta2 * vi + (1 - beta2) * (g[i] as number) ** 2);
    return w.map(
      (wi, i) =>
        wi -
        (rate * ((m[i] as number) / (1 - beta1 ** t))) /
          (Math.sqrt((v[i] as number) / (1 - beta2 ** t)) + epsilon),
    );
  }, 6);
  const { net } = await finish(regression, {
    ...base,
    batchSize: n,
    ema: false,
    until: { steps: 6 },
    optimizer: adam({ learningRate: rate, beta1, beta2, epsilon }),
  });
  close(weights(net), history[6] as number[], 1e-4);
});

test("sgd with momentum adds up the gradients, and the average of the weights is warmed up", async () => {
  let u: number[] = Array(8).fill(0);
  const history = await byHand((w, g) => {
    u = u.map((ui, i) => 0.9 * ui + (g[i] as number));
    return w.map((wi, i) => wi - 0.1 * (u[i] as number));
  }, 5);
  const options = {
    ...base,
    batchSize: n,
    until: { steps: 5 },
    optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
  };
  close(weights((await finish(regression, { ...options, ema: false })).net), history[5] as number[], 1e-4);
  const average = history.reduce((a, w, step) => {
    const d = emaDecay(0.3, step);
    return a.map((ai, i) => d * ai + (1 - d) * (w[i] as number));
  });
  close(weights((await finish(regression, { ...options, ema: 0.3 })).net), average, 1e-4);
});

test("the decay of the average is min(0.999, (1 + n)/(10 + n))", () => {
  assert.is(emaDecay(0.999, 1), 2 / 11);
  assert.is(emaDecay(0.999, 1e6), 0.999);
});

test("a run stops at the first of its limits", async () => {
  assert.is((await finish(regression, { ...base, until: { rounds: 2, steps: 100 } })).steps, 5);
  assert.is((await finish(regression, { ...base, until: { rounds: 2, steps: 3 } })).stopReason, "steps");
  const timed = await finish(regression, { ...base, until: { seconds: 0.2 } });
  assert.is(timed.stopReason, "seconds");
  assert.ok(timed.seconds >= 0.2 && timed.seconds < 2, `${timed.seconds} s`);
});

test("every example is met once a round", async () => {
  // Each example is its own number; the loss of a batch is their mean.
  const values = Float32Array.from({ length: 12 }, (_, i) => 2 ** i);
  const net: Net = graph({
    inputs: { x: [1] },
    nodes: {
      still: parameter([1], { value: [0] }),
      loss: fn({ x: [1], w: [1] }, ({ x, w }) => x.add(w.mul(0))),
      sum: total(),
    },
    edges: { loss: { x: "x", w: "still" }, sum: "loss" },
    outputs: "sum",
  });
  const { losses } = await finish(net, {
    ...base,
    data: { x: { shape: [12, 1], dtype: "float32", data: values } },
    batchSize: 3,
    until: { rounds: 3 },
  });
  for (const round of [0, 1, 2])
    close([losses.slice(4 * round, 4 * round + 4).reduce((a, b) => a + b) * 3], [4095], 1e-6);
});

test("several losses are weighted, and reported by name", async () => {
  const net: Net = graph({
    inputs: { x: [3], y: [2] },
    nodes: { model: linear(2), square: meanSquaredLoss(), distance: meanAbsoluteLoss() },
    edges: { model: "x", square: ["model", "y"], distance: ["model", "y"] },
    outputs: ["square", "distance"],
  });
  const trainer = await createTrainer(net, { ...base, losses: { square: 2, distance: 0.5 } });
  const { loss, parts } = await trainer.run({ steps: 3 });
  trainer.dispose();
  assert.equal(Object.keys(parts), ["square", "distance"]);
  close([loss], [2 * (parts.square as number) + 0.5 * (parts.distance as number)]);
  await refuses({ losses: { squares: 1 } }, /no scalar output "squares"; did you mean square\?/, net);
});

test("frozen arrays stay as they are", async () => {
  const before = initialize(regression, { seed: 3 }) as Extract<Net, { op: "graph" }>;
  const frozen = {
    ...before,
    nodes: {
      ...before.nodes,
      model: { ...(before.nodes.model as unknown as Layer), frozen: true },
      more: linear(2),
    },
    edges: { ...before.edges, more: { input: "model" }, loss: { input: "more", target: "y" } },
  } as Net;
  const { net } = await finish(frozen, base);
  assert.equal(parametersOf(net)["model.weight"], parametersOf(before)["model.weight"]);
  assert.not.equal(parametersOf(net)["more.weight"], undefined);
});

test("a loss that stops being finite ends the run, names step and node, and keeps the last good weights", async () => {
  // w falls by 0.3 a step from 1: log of it is NaN at the fifth.
  const net: Net = graph({
    inputs: {},
    nodes: { w: parameter([], { value: 1 }), curve: fn({ w: [] }, ({ w }) => w.log().mul(1e-30).add(w)) },
    edges: { curve: { w: "w" } },
    outputs: { loss: "curve" },
  });
  const options: TrainOptions = {
    data: {},
    batchSize: 1,
    backend: "simd",
    optimizer: sgd({ learningRate: 0.3 }),
    ema: false,
    until: { steps: 40 },
  };
  const trainer = await createTrainer(net, options);
  let caught: unknown;
  try {
    await trainer.run({ steps: 40 });
  } catch (error) {
    caught = error;
  }
  assert.instance(caught, TrainingError);
  const { step, node, message, net: good } = caught as TrainingError;
  assert.is(step, 5);
  assert.is(node, "curve");
  assert.match(message, /step 5: curve/);
  close(weights(good), [1 - 4 * 0.3]);
  const result = await trainer.result();
  assert.is(result.losses.length, 4);
  assert.ok(result.losses.every(Number.isFinite));
  trainer.dispose();
});

test("bad options and data are refused in words", async () => {
  await refuses({ batchSize: 21 }, /batchSize: takes at most the 20 examples of the data but receives 21/);
  await refuses({ batchSize: 0 }, /batchSize: takes a whole number/);
  await refuses({ backend: "simdd" as "simd" }, /no "simdd"; did you mean simd\?/);
  await refuses({ data: { x } }, /the net takes "y"/);
  await refuses({ data: { x, y, z: x } }, /no input port "z"/);
  await refuses({ data: { x, y: [[1, 2]] } }, /input y: takes 20 examples/);
  await refuses(
    { data: { x, y: { ...y, shape: [10, 4] } } },
    /input y: takes \[n, 2\] but receives \[10, 4\]/,
  );
  await refuses(
    { data: { x: { ...x, data: x.data.with(7, Number.NaN) }, y } },
    /input x: takes finite numbers but receives NaN in row 2/,
  );
  await refuses({ until: {} }, /until: takes seconds, steps or rounds/);
  await refuses({ until: { steps: -1 } }, /until: steps takes a positive number/);
  await refuses({ ema: 1 }, /ema: takes false or a decay/);
  await refuses({ optimizer: adam({ learningRate: 0 }) }, /learningRate takes a positive number/);
});

test.run();
