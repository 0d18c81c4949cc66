/**
 * `npm run evaluate -- --images FILE --labels FILE [--checkpoint FILE] [--count N] [--guidance W] [--steps N] [--json]`: draws
 * digits with a checkpoint and judges them by a small classifier that is trained on real images 0 … 8,999. Images 9,000 … 9,999
 * are for measuring only.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { library } from "./bundle.mjs";

const { values: asked } = parseArgs({
  options: {
    images: { type: "string" },
    labels: { type: "string" },
    checkpoint: { type: "string", default: "demo/digits/digits.json" },
    count: { type: "string", default: "1000" },
    steps: { type: "string", default: "1500" },
    guidance: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
if (!asked.images || !asked.labels) throw new Error("evaluate takes --images and --labels, two IDX files");
const gf = await library();
const [count, seed] = [Number(asked.count), Number(asked.seed)];
const classes = 10;

const real = await gf.mnist({ images: asked.images, labels: asked.labels });
const [, size, , channels] = real.images.shape;
const width = size * size * channels;
/** Images or labels from `from` to before `to`. */
const part = (array, from, to) => {
  const each = array.data.length / array.shape[0];
  return {
    ...array,
    shape: [to - from, ...array.shape.slice(1)],
    data: array.data.slice(from * each, to * each),
  };
};
const heldOut = part(real.images, 9000, 10_000);
const training = part(real.images, 0, 9000);

async function trainClassifier() {
  const trainer = await gf.createTrainer(gf.classifierTrainingNet({ size, channels, classes }), {
    data: { image: training, label: part(real.labels, 0, 9000) },
    batchSize: 64,
    optimizer: gf.adam({
      learningRate: gf.cosineDecay(2e-3, {
        steps: Number(asked.steps),
        warmUp: Math.min(50, Number(asked.steps) / 10),
      }),
    }),
    ema: false,
    until: { steps: Number(asked.steps) },
    seed,
    backend: "simd",
  });
  try {
    while (!trainer.finished) await trainer.run({ milliseconds: 1000 });
    return gf.extract(await trainer.net(), "model");
  } finally {
    trainer.dispose();
  }
}

/** The classifier's word on images: features, classes and how sure it is. */
async function judge(model, images) {
  const { logits, features } = await gf.evaluate(model, { image: images }, { of: ["logits", "features"] });
  const labels = [];
  const confidence = [];
  for (let i = 0; i < images.shape[0]; i++) {
    const row = [...logits.data.subarray(i * classes, (i + 1) * classes)];
    const most = Math.max(...row);
    labels.push(row.indexOf(most));
    confidence.push(1 / row.reduce((sum, x) => sum + Math.exp(x - most), 0));
  }
  return { features, labels, confidence: mean(confidence) };
}

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const share = (a, b) => mean(a.map((x, i) => Number(x === b[i])));

const checkpoint = gf.fromJSON(readFileSync(asked.checkpoint, "utf8"));
/** The class that each digit is asked to be, in turn; none of a model that takes no label. */
const wanted = checkpoint.inputs.label && Array.from({ length: count }, (_, i) => i % classes);
const weight = Number(asked.guidance);

async function draw() {
  const generator = await gf.createGenerator(checkpoint, {
    ...gf.digits().sampling,
    ...(wanted && { inputs: { label: wanted }, guidance: { weight, inputs: { label: classes } } }),
    sampler: gf.ddpm(),
    count,
    seed,
    backend: "simd",
  });
  try {
    while (!(await generator.run(1000)));
    return generator.result().samples;
  } finally {
    generator.dispose();
  }
}

/** Each pixel the mean of the three by three around it. */
function blurred(images) {
  const data = images.data.map((_, at) => {
    const [pixel, first] = [Math.floor((at % width) / channels), at - (at % width)];
    const [row, column] = [Math.floor(pixel / size), pixel % size];
    let sum = 0;
    for (let i = -1; i <= 1; i++)
      for (let j = -1; j <= 1; j++) {
        const [r, c] = [
          Math.min(size - 1, Math.max(0, row + i)),
          Math.min(size - 1, Math.max(0, column + j)),
        ];
        sum += images.data[first + (r * size + c) * channels + (at % channels)];
      }
    return sum / 9;
  });
  return { ...images, data };
}
const noisy = (images) => {
  const z = gf.normals(images.data.length, { seed });
  return { ...images, data: images.data.map((x, i) => x + 0.5 * z[i]) };
};

const model = await trainClassifier();
const samples = await draw();
const [made, fresh] = [await judge(model, samples), await judge(model, heldOut)];
const distanceTo = async (images) =>
  gf.frechetDistance((await judge(model, images)).features, fresh.features);
const halves = [part(heldOut, 0, 500), part(heldOut, 500, 1000)];
const [a, b] = [await judge(model, halves[0]), await judge(model, halves[1])];
const spread = Array.from({ length: classes }, (_, c) =>
  mean(made.labels.map((label) => Number(label === c))),
);
const flat = (images) => ({ ...images, shape: [images.shape[0], width] });
const near = (images) => gf.nearestDistances(flat(images), flat(training));
const [nearMade, nearHeldOut] = [near(samples), near(heldOut)];
const closest = nearHeldOut.toSorted()[Math.floor(nearHeldOut.length / 100)];

const report = {
  digits: count,
  classifierAccuracy: share(fresh.labels, [...part(real.labels, 9000, 10_000).data]),
  ...(wanted && { ofTheClassAskedFor: share(made.labels, wanted) }),
  confidence: made.confidence,
  confidenceOnReal: fresh.confidence,
  spread,
  frechet: gf.frechetDistance(made.features, fresh.features),
  frechetOfTrainingImages: await distanceTo(part(real.images, 8000, 9000)),
  frechetOfHalves: gf.frechetDistance(a.features, b.features),
  frechetOfBlurred: await distanceTo(blurred(heldOut)),
  frechetOfNoisy: await distanceTo(noisy(heldOut)),
  nearerThanHeldOut: mean([...nearMade].map((d) => Number(d < closest))),
  memorisation: gf.nearerShare(nearMade, nearHeldOut),
};
if (asked.json) console.log(JSON.stringify(report));
else {
  const percent = (x) => `${(100 * x).toFixed(1)} %`;
  console.log(
    `classifier: ${percent(report.classifierAccuracy)} of the 1,000 held-out images are named right`,
  );
  console.log(
    `confidence: ${percent(report.confidence)} on ${count} drawn digits, ${percent(report.confidenceOnReal)} on held-out ones`,
  );
  if (wanted)
    console.log(`of the class asked for: ${percent(report.ofTheClassAskedFor)} (guidance weight ${weight})`);
  console.log(`spread over 0 … 9: ${spread.map(percent).join(", ")}`);
  console.log(`Fréchet distance to the held-out images: ${report.frechet.toFixed(2)}`);
  console.log(`  of training images 8,000 … 8,999: ${report.frechetOfTrainingImages.toFixed(2)}`);
  console.log(`  between the two halves of the held-out images: ${report.frechetOfHalves.toFixed(2)}`);
  console.log(
    `  of blurred held-out images: ${report.frechetOfBlurred.toFixed(2)}; of noisy ones: ${report.frechetOfNoisy.toFixed(2)}`,
  );
  console.log(
    `copying: ${percent(report.nearerThanHeldOut)} are nearer to a training image than all but 1 % of held-out ones; a digit is nearer than a held-out one with chance ${report.memorisation.toFixed(3)} (0.5: as near)`,
  );
}
process.exit(0);
