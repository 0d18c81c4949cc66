import { test } from "uvu";
import * as assert from "uvu/assert";
import { graph, integer, meanSquaredLoss } from "../dsl/index.js";
import { adam, createTrainer } from "../runtime/index.js";
import { backendsHere } from "../test/backends.js";
import { unet } from "./index.js";

const net = graph({
  inputs: { t: integer(1, 10), xt: [8, 8, 1], eps: [8, 8, 1] },
  nodes: {
    model: unet({ size: 8, channels: 1, tMax: 10, c: 8, nTime: 4, depth: 2, heads: 1 }),
    loss: meanSquaredLoss(),
  },
  edges: { model: { t: "t", xt: "xt" }, loss: ["model", "eps"] },
  outputs: "loss",
});
const image = (phase: number): number[][][] =>
  Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (_, j) => [Math.sin(i + 2 * j + phase)]));
const batch = [0, 1, 2, 3];
const data = { t: [1, 4, 7, 10], xt: batch.map(image), eps: batch.map((i) => image(i + 1)) };

let reference: readonly number[] | undefined;
for (const backend of backendsHere)
  test(`${backend}: steps of a tiny UNet lower its loss, as on the others`, async () => {
    const optimizer = adam({ learningRate: 3e-3 });
    const until = { steps: 4 };
    const trainer = await createTrainer(net, { data, batchSize: 4, optimizer, backend, until, seed: 1 });
    const run = await trainer.run({ steps: 4 });
    trainer.dispose();
    const falls = run.losses.every((loss, i) => i === 0 || loss < (run.losses[i - 1] as number));
    assert.ok(falls, `${run.losses}`);
    reference ??= [...run.losses];
    run.losses.forEach((loss, i) => {
      assert.ok(Math.abs(loss / (reference?.[i] ?? 0) - 1) < 2e-3, `${run.losses} beside ${reference}`);
    });
  });

test.run();
