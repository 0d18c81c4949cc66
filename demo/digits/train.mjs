/**
 * `npm run train:digits -- --images FILE --labels FILE [--steps N] [--batch N] [--count N] [--seed N] [--threads N]
 * [--out FILE]`: trains the UNet on the first `count` images of two IDX files and writes the averaged weights. The same
 * command and seed on one machine give the same losses.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { library } from "./bundle.mjs";

const { values: asked } = parseArgs({
  options: {
    images: { type: "string" },
    labels: { type: "string" },
    count: { type: "string", default: "9000" },
    steps: { type: "string", default: "12000" },
    batch: { type: "string", default: "64" },
    rate: { type: "string", default: "0.001" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: `${Math.min(8, cpus().length)}` },
    out: { type: "string", default: "demo/digits/digits.json" },
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
const { images } = await graffusion.mnist({ images: asked.images, labels: asked.labels });
const [, size, , channels] = images.shape;
const count = Math.min(number("count"), images.shape[0]);
const x0 = {
  shape: [count, size, size, channels],
  dtype: "float32",
  data: images.data.slice(0, count * size * size * channels),
};
const schedule = graffusion.cosineSchedule({ steps: 200 });
const net = graffusion.trainingNet({
  model: graffusion.unet({ size, channels, tMax: schedule.steps }),
  schedule,
  nDim: [size, size, channels],
});
const steps = number("steps");
const trainer = await graffusion.createTrainer(net, {
  data: { x0 },
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
const save = async () =>
  writeFileSync(asked.out, graffusion.toJSON(graffusion.extract(await trainer.net(), "model")));
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
