import { test } from "uvu";
import * as assert from "uvu/assert";
import { fn, fromJSON, type Graph, inferShapes, initialize, integer, toJSON } from "../dsl/index.js";
import { linearSchedule, type Prediction } from "../runtime/diffusion/index.js";
import { evaluate } from "../runtime/evaluate.js";
import { trainingNet, unet } from "./index.js";

const schedule = linearSchedule({ steps: 20 });
const { alphaBars } = schedule;
const n = 400;
const x0 = Array.from({ length: n }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
const halved = fn({ t: integer(1, 20), xt: [2] }, ({ xt }) => xt.div(2));

const targets: {
  readonly [P in Prediction]: (signal: number, noise: number, x: number, eps: number) => number;
} = {
  eps: (_, __, ___, eps) => eps,
  x0: (_, __, x) => x,
  v: (signal, noise, x, eps) => signal * eps - noise * x,
};
for (const [predicts, target] of Object.entries(targets) as [Prediction, typeof targets.v][])
  test(`the loss is that of ${predicts}`, async () => {
    const net = trainingNet({ model: halved, schedule, nDim: 2, predicts });
    const of = ["t", "eps", "xt", "loss"];
    const { t, eps, xt, loss } = await evaluate(net, { x0 }, { backend: "cpu", of, seed: 4 });
    let sum = 0;
    for (let i = 0; i < 2 * n; i++) {
      const alphaBar = alphaBars[(t?.data[i >> 1] as number) - 1] as number;
      const [signal, noise] = [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)];
      const x = x0[i >> 1]?.[i % 2] as number;
      sum += ((xt?.data[i] as number) / 2 - target(signal, noise, x, eps?.data[i] as number)) ** 2;
    }
    const losses = [...(loss?.data ?? [])];
    const mean = losses.reduce((total, v) => total + v, 0) / losses.length;
    assert.ok(Math.abs(mean - sum / (2 * n)) < 1e-5 * (sum / (2 * n)), `${mean} is not ${sum / (2 * n)}`);
  });

const labelled = fn({ t: integer(1, 20), xt: [2], label: integer(0, 10) }, ({ xt, label }) => xt.mul(label));
const label = Array.from({ length: n }, (_, i) => i % 10);
const withLabels = (dropout?: number): Graph =>
  trainingNet({
    model: labelled,
    schedule,
    nDim: 2,
    label: { classes: 10, ...(dropout !== undefined && { dropout }) },
  });

test("labels are those given, but for a share that is none", async () => {
  for (const [dropout, least, most] of [
    [undefined, 0.06, 0.14],
    [0, 0, 0],
    [0.5, 0.42, 0.58],
  ] as const) {
    const { given } = await evaluate(withLabels(dropout), { x0, label }, { backend: "cpu", of: ["given"] });
    const seen = [...(given?.data ?? [])];
    const none = seen.filter((k) => k === 10).length / n;
    assert.ok(none >= least && none <= most, `${none} of the labels are none`);
    assert.ok(seen.every((k, i) => k === 10 || k === label[i]));
  }
});

test("the label is a port of the net, its dropout a share, and the denoiser must know of none", () => {
  assert.equal(inferShapes(withLabels())[""]?.inputs.label, integer(0, 9));
  assert.throws(() => withLabels(1), /label.dropout takes a number from 0 to below 1 but receives 1/);
  const narrow = fn({ t: integer(1, 20), xt: [2], label: integer(0, 9) }, ({ xt }) => xt);
  const net = trainingNet({ model: narrow, schedule, nDim: 2, label: { classes: 10 } });
  assert.throws(
    () => inferShapes(net),
    /model: port label takes integer\(0, 9\) but receives integer\(0, 10\)/,
  );
});

test("without options it is the net that it was, and with them it survives JSON", () => {
  const plain = trainingNet({ model: halved, schedule, nDim: 2 });
  assert.equal(Object.keys(plain.nodes).sort(), ["eps", "loss", "model", "t", "xt"]);
  assert.equal(plain.edges.loss, { input: "model", target: "eps" });
  const model = unet({ size: 8, channels: 1, tMax: 20, c: 8, nTime: 4, depth: 2, classes: 10 });
  const net = trainingNet({ model, schedule, nDim: [8, 8, 1], predicts: "v", label: { classes: 10 } });
  const ready = initialize(net, { seed: 1 });
  assert.equal(fromJSON(toJSON(ready)), ready);
});

test.run();
