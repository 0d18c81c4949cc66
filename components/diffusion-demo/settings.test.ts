import { test } from "uvu";
import * as assert from "uvu/assert";
import { parameterSpecs } from "../../dsl/parameters.js";
import { demos, denoisers, imageDemos, samplers, schedules } from "../../specs/index.js";
import { type ImagesSettings, type PointsSettings, type Raw, settingsOf } from "./settings.js";

const raw: Raw = {
  data: "gaussianMixture",
  points: null,
  pictures: null,
  model: null,
  schedule: null,
  steps: 200,
  sampler: null,
  hidden: null,
  batchSize: null,
  rate: null,
  seconds: null,
  seed: 0,
  backend: "auto",
};
const images = (given: Partial<Raw> = {}): ImagesSettings =>
  settingsOf({ ...raw, data: "strokes", ...given }) as ImagesSettings;
const refused = (wrong: Partial<Record<keyof Raw, unknown>>, words: string | RegExp): void =>
  assert.throws(
    () => settingsOf({ ...raw, ...wrong } as Raw),
    ({ message }: Error) => (typeof words === "string" ? message.includes(words) : words.test(message)),
  );

test("every data set, model and sampler of the specs can be named, in any spelling of its words", () => {
  for (const data of Object.keys(demos)) assert.ok(settingsOf({ ...raw, data }).dataSet);
  for (const model of Object.keys(denoisers)) assert.ok(settingsOf({ ...raw, model, hidden: "8x2" }).model);
  for (const sampler of Object.keys(samplers)) assert.ok(settingsOf({ ...raw, sampler }).sampler);
  assert.equal(settingsOf({ ...raw, data: "gaussian-mixture" }).dataSet, settingsOf(raw).dataSet);
  assert.equal(settingsOf({ ...raw, sampler: "ddpm beta tilde" }).sampler, samplers.ddpmBetaTilde);
});

test("what is not given comes from the data's demo", () => {
  const { nHidden, layers, batchSize, learningRate } = demos.spiral;
  const settings = settingsOf({ ...raw, data: "spiral" }) as PointsSettings;
  assert.equal(
    [settings.nHidden, settings.layers, settings.batchSize, settings.rate],
    [nHidden, layers, batchSize, learningRate],
  );
  assert.is(settings.nDim, 2);
  assert.is(settings.schedule.steps, 200);
});

test("hidden is a width of three layers, or a width and a number of layers", () => {
  const widths = (hidden: string | number): number[] =>
    Object.entries(parameterSpecs(settingsOf({ ...raw, hidden }).model))
      .filter(([path]) => path.endsWith("bias"))
      .map(([, { shape }]) => shape[0] as number);
  assert.equal(widths("16"), [16, 16, 16, 1]);
  assert.equal(widths(8), [8, 8, 8, 1]);
  assert.equal(widths("32x2"), [32, 32, 1]);
});

test("every schedule can be named; all but cosine take their two β", () => {
  for (const [word, make] of Object.entries(schedules)) {
    assert.equal(settingsOf({ ...raw, schedule: word, steps: 10 }).schedule, make(10));
    const given = { schedule: `${word} 0.0001 0.02`, steps: 10 };
    if (word === "cosine") refused(given, "schedule takes no β after cosine");
    else {
      const { kind, betas } = settingsOf({ ...raw, ...given }).schedule;
      assert.equal([kind, betas.length], [word, 10]);
      assert.ok((betas.at(-1) as number) < 0.0201 && (betas[0] as number) < 0.0002);
    }
  }
});

test("DDIM takes no more steps than the schedule has", () => {
  assert.equal(settingsOf({ ...raw, sampler: "ddim", steps: 30 }).sampler, { ...samplers.ddim, steps: 30 });
  assert.equal(settingsOf({ ...raw, sampler: "ddim 25", steps: 30 }).sampler, samplers.ddim25);
});

test("images have a UNet of so many channels and levels, and settings of their own", () => {
  const settings = images();
  assert.equal([settings.kind, settings.words.model, settings.schedule.kind], ["images", "unet", "cosine"]);
  assert.equal(
    [settings.shape, settings.count, settings.shown?.shape],
    [[28, 28, 1], 10_000, [25, 28, 28, 1]],
  );
  assert.is(settings.batchSize, imageDemos.strokes.batchSize);
  assert.is(settings.optimizer.clip, 1);
  assert.is(parameterSpecs(images({ hidden: "8x2" }).model)["down2.half.weight"]?.shape.at(-1), 8);
  assert.is(images({ data: "digits" }).dataSet, null);
});

test("images of the page have the settings of their size", () => {
  const of = (shape: readonly number[]) => ({
    pictures: { shape, dtype: "float32", data: new Float32Array(shape.reduce((a, b) => a * b)) } as const,
  });
  const settings = images(of([3, 16, 16, 3]));
  assert.equal([settings.count, settings.shape, settings.batchSize], [3, [16, 16, 3], 3]);
  assert.is(images(of([40, 7, 7])).layers, 1);
  refused(of([2, 8, 6, 1]), "pictures takes square images but receives images of 8 by 6 pixels");
  refused(of([2, 8]), /^pictures takes images \[n, height, width, 1 or 3\]/);
});

test("points of the page have the settings of their dimension and no fresh draws", () => {
  const settings = settingsOf({
    ...raw,
    points: [
      [0, 1],
      [2, 3],
      [4, 6],
    ],
  }) as PointsSettings;
  assert.is(settings.nDim, 2);
  assert.is(settings.again, null);
  refused(
    { points: [[1, 2, 3]] },
    "points: takes points of 1 to 2 numbers but receives an array of shape [1, 3]",
  );
});

test("a wrong attribute is refused with what it takes, and an unknown word with the nearest", () => {
  refused(
    { data: "spirl" },
    "data takes gaussianMixture, ramp, spiral, moons, circles, checkerboard, swissRoll, strokes or digits but receives “spirl”; did you mean spiral?",
  );
  refused(
    { sampler: "dpm" },
    /^sampler takes ddpm, ddpmBetaTilde, ddim or ddim25 but receives “dpm”; did you mean ddpm/,
  );
  refused({ backend: "wasm" }, /^backend takes auto, simd, webgpu, webgl or cpu but receives “wasm”/);
  refused(
    { schedule: "cosin" },
    /^schedule takes linear, cosine, scaledLinear or sigmoid but receives “cosin”/,
  );
  refused({ model: "unet" }, /^model takes mlp, sinusoidalMlp or residualMlp but receives “unet”/);
  refused({ data: "strokes", model: "mlp" }, /^model takes unet but receives “mlp”/);
  refused(
    { data: "strokes", hidden: "12x2" },
    /^hidden takes channels in eights .* as in 32x3, but receives “12x2”/,
  );
  refused({ data: "strokes", hidden: "8x4" }, /^hidden takes channels .* up to 3 levels/);
  refused({ schedule: "linear 0.1" }, /^schedule takes two β after linear/);
  refused({ schedule: "linear 0.1 7" }, /betaEnd takes a number between 0 and 1 but receives 7/);
  refused({ steps: "many" }, "steps takes a whole number from 2 to 4000 but receives “many”");
  refused({ steps: 1.5 }, /^steps takes .* receives 1.5/);
  refused({ batchSize: 0 }, /^batch-size takes a whole number from 1 to 65536 but receives 0/);
  refused({ batchSize: "" }, /^batch-size takes .* receives “”/);
  refused({ hidden: "128,128" }, /^hidden takes a width up to 2048/);
  refused({ hidden: 0 }, /^hidden takes/);
  refused({ rate: -1 }, "rate takes a positive number but receives -1");
  refused({ seconds: Number.POSITIVE_INFINITY }, /^seconds takes a positive number/);
  refused({ seed: -3 }, /^seed takes a whole number from 0/);
});

test("all that is wrong is told at once", () => {
  refused({ data: "x", steps: "y", seed: "z" }, /seed takes .*\ndata takes .*\nsteps takes /);
});

test.run();
