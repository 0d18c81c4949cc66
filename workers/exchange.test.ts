import { test } from "uvu";
import * as assert from "uvu/assert";
import { batchNorm, chain, dropout, graph, meanSquaredLoss, type Net, relu } from "../dsl/index.js";
import { parametersOf } from "../dsl/parameters.js";
import { normals } from "../dsl/random.js";
import { BatchOrder } from "../runtime/batch-order.js";
import { createTrainer } from "../runtime/trainer.js";
import type { TrainOptions, TrainResult } from "../runtime/training.js";
import { addUp, ExchangeClosed, FirstReplica, OtherReplica } from "./exchange.js";

const n = 30;
const column = (width: number, seed: number) =>
  ({ shape: [n, width], dtype: "float32", data: normals(n * width, { seed }) }) as const;
const trainingNet = (model: Net): Net =>
  graph({
    inputs: { x: [3], y: [2] },
    nodes: { model, loss: meanSquaredLoss() },
    edges: { model: "x", loss: ["model", "y"] },
    outputs: "loss",
  });
const net = trainingNet(chain([8, relu, dropout(0.3), 2]));
const x = column(3, 1);
const options: TrainOptions = {
  ...{ data: { x, y: column(2, 2) }, batchSize: 13 },
  ...{ backend: "simd", seed: 3, until: { steps: 8 } },
};

const team = (count: number, share: boolean): [FirstReplica, OtherReplica[]] => {
  const channels = Array.from({ length: count - 1 }, () => new MessageChannel());
  const first = new FirstReplica(
    channels.map(({ port1 }) => port1),
    share,
  );
  return [first, channels.map(({ port2 }, i) => new OtherReplica(port2, i + 1, count))];
};

/** A run of so many replicas, all in this thread; each but the first waits a while before each of its sums. */
async function shared(
  count: number,
  share: boolean,
  delay = (_: number) => 0,
  of = net,
): Promise<TrainResult> {
  const [first, others] = team(count, share);
  const following = others.map(async (other) => {
    await other.agreed();
    const sum = other.sum.bind(other);
    other.sum = () => new Promise((done) => setTimeout(() => done(sum()), delay(other.index)));
    const trainer = await createTrainer(of, { ...options, until: { steps: 1e9 } }, other);
    try {
      await trainer.follow();
    } catch (error) {
      assert.instance(error, ExchangeClosed);
    } finally {
      trainer.dispose();
    }
  });
  const trainer = await createTrainer(of, options, first);
  while (!trainer.finished) await trainer.run({ steps: 3 });
  const result = await trainer.result();
  first.close();
  trainer.dispose();
  await Promise.all(following);
  return result;
}
const weights = (of: Net): number[] => Object.values(parametersOf(of)).flatMap((a) => [...a.data]);

test("replicas do what one does to rounding, in shared memory and by transfer bit by bit the same", async () => {
  const alone = await createTrainer(net, options);
  await alone.run({ steps: 8 });
  const one = await alone.result();
  alone.dispose();
  for (const count of [2, 3, 13]) {
    const runs = [
      await shared(count, true),
      await shared(count, false),
      await shared(count, true, (i) => 2 * i),
    ];
    for (const run of runs) {
      assert.equal(run.losses, runs[0]?.losses);
      assert.equal(weights(run.net), weights((runs[0] as TrainResult).net));
    }
    const want = weights(one.net);
    weights((runs[0] as TrainResult).net).forEach((w, i) => {
      assert.ok(
        Math.abs(w - (want[i] as number)) < 2e-5,
        `${count} replicas: [${i}] is ${w}, not ${want[i]}`,
      );
    });
  }
});

test("the running statistics of replicas are the mean of theirs", async () => {
  const normalised = trainingNet(chain([batchNorm({ momentum: 0 }), 2]));
  const runs = [await shared(2, true, undefined, normalised), await shared(2, false, undefined, normalised)];
  const [a, b] = runs.map((run) => parametersOf(run.net));
  assert.equal(a, b);
  // Without momentum they are those of the last batch: of its first 6 examples, and of its last 7.
  const index = new BatchOrder(n, 3).fill(new Int32Array(13), 7);
  for (let column = 0; column < 3; column++) {
    const mean = (from: number, to: number): number =>
      index.slice(from, to).reduce((sum, i) => sum + (x.data[3 * i + column] as number), 0) / (to - from);
    const want = (mean(0, 6) + mean(6, 13)) / 2;
    const got = a?.["model.0.mean"]?.data[column] as number;
    assert.ok(Math.abs(got - want) < 1e-5, `${got}, not ${want}`);
  }
});

test("sums are those of float32 in the order of the replicas", () => {
  const parts = [Float32Array.of(1e8, 1), Float32Array.of(1, 2), Float32Array.of(-1e8, 3)];
  assert.equal([...addUp(parts, new Float32Array(2))], [0, 6]);
  assert.equal([...addUp(parts, parts[0] as Float32Array)], [0, 6]);
});

for (const share of [true, false])
  test(`whoever waits for a sum is told when the run ends or fails (${share ? "shared" : "transferred"})`, async () => {
    const [first, others] = team(3, share);
    first.agree({ backend: "simd", length: 4 });
    const waiting = others.map(async (other) => {
      assert.equal(await other.agreed(), { backend: "simd", length: 4 });
      other.part().fill(other.index);
      return other.sum().catch((error: Error) => error);
    });
    first.part().fill(1);
    assert.equal([...(await first.sum())], [4, 4, 4, 4]);
    for (const sum of await Promise.all(waiting)) assert.equal(sum, Float32Array.of(4, 4, 4, 4));
    const again = others.map((other) => other.sum().catch((error: Error) => error));
    first.close();
    for (const error of await Promise.all(again)) assert.instance(error, ExchangeClosed);
    const [lonely, silent] = team(2, share);
    lonely.agree({ backend: "simd", length: 1 });
    const sum = lonely.sum().catch((error: Error) => error);
    lonely.close(new Error("gone"));
    assert.match(((await sum) as Error).message, /gone/);
    silent[0]?.close();
  });

test.run();
