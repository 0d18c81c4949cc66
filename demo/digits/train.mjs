/**
 * `npm run train:digits -- --images FILE --labels FILE [--classes N] [--steps N] [--batch N] [--count N] [--rate X]
 * [--seed N] [--threads N] [--out FILE] [--precision float16]`: trains the UNet of `specs/digits.ts` on the first `count`
 * images of two IDX files and writes the averaged weights, in half precision if asked. With `classes` it learns the labels
 * 0 … N − 1 as well, so that one can be asked for. The same command and seed on one machine give the same losses.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { library } from "./bundle.mjs";

const { values: asked } = parseArgs({
  options: {
    images: { type: "string" },
    labels: { type: "string" },
    classes: { type: "string" },
    count: { type: "string", default: "9000" },
    steps: { type: "string", default: "12000" },
    batch: { type: "string", default: "64" },
    rate: { type: "string", default: "0.001" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: `${Math.min(8, cpus().length)}` },
    out: { type: "string", default: "demo/digits/digits.json" },
    precision: { type: "string", default: "float32" },
  },
});
if (!asked.images || !asked.labels)
  throw new Error("train:digits takes --images and --labels, two IDX files");
const number = (name) => {
  const value = Number(asked[name]);
  if (!(value > 0))
    throw new Error(`train:digits: --${name} takes a positive number but receives ${asked[name]}`);
  return value;
};

const graffusion = await library();
const { images, labels } = await graffusion.mnist({ images: asked.images, labels: asked.labels });
const [all, size, , channels] = images.shape;
const count = Math.min(number("count"), all);
/** The first `count` examples. */
const first = (array) => ({
  ...array,
  shape: [count, ...array.shape.slice(1)],
  data: array.data.slice(0, (count * array.data.length) / all),
});
const classes = asked.classes === undefined ? 0 : number("classes");
const net = graffusion.digits({ size, channels, classes }).trainingNet;
const write = (model) => graffusion.toJSON(model, { precision: asked.precision });
write(net); // a precision that there is not is told now
const steps = number("steps");
const trainer = await graffusion.createTrainer(net, {
  data: { x0: first(images), ...(classes > 0 && { label: first(labels) }) },
  batchSize: number("batch"),
  optimizer: graffusion.adam({
    learningRate: graffusion.cosineDecay(number("rate"), { steps, warmUp: Math.min(500, steps / 10) }),
    clip: 1,
  }),
  ema: 0.999,
  until: { steps },
  seed: number("seed"),
  threads: number("threads"),
  backend: "simd",
});
const save = async () => writeFileSync(asked.out, write(graffusion.extract(await trainer.net(), "model")));
const began = Date.now();
let sum = 0;
let since = 0;
let saved = 0;
while (!trainer.finished) {
  const { step, losses, stepsPerSecond } = await trainer.run({ steps: 50 });
  for (const loss of losses) sum += loss;
  since += losses.length;
  if (since < 250 && !trainer.finished) continue;
  const minutes = (Date.now() - began) / 60_000;
  console.log(
    `step ${step}  loss ${(sum / since).toFixed(5)}  ${minutes.toFixed(1)} min  ${stepsPerSecond.toFixed(2)} steps/s  ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`,
  );
  [sum, since] = [0, 0];
  if (minutes - saved < 5) continue;
  saved = minutes;
  await save();
}
await save();
console.log(`${asked.out}: ${((Date.now() - began) / 60_000).toFixed(1)} minutes`);
trainer.dispose();
process.exit(0);
