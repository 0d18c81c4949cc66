import { test } from "uvu";
import * as assert from "uvu/assert";
import { parameterSpecs } from "../../dsl/parameters.js";
import { demos, denoisers, samplers } from "../../specs/index.js";
import { type Raw, settingsOf } from "./settings.js";

const raw: Raw = {
  data: "gaussianMixture",
  points: null,
  model: "mlp",
  schedule: "linear",
  steps: 200,
  sampler: "ddpm",
  hidden: null,
  batchSize: null,
  rate: null,
  seconds: null,
  seed: 0,
  backend: "auto",
};
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
  const settings = settingsOf({ ...raw, data: "spiral" });
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

test("linear takes its two β", () => {
  const { betas } = settingsOf({ ...raw, schedule: "linear 0.0001 0.02", steps: 10 }).schedule;
  assert.equal([betas[0], betas.at(-1), betas.length], [0.0001, 0.02, 10]);
});

test("points of the page have the settings of their dimension and no fresh draws", () => {
  const settings = settingsOf({
    ...raw,
    points: [
      [0, 1],
      [2, 3],
      [4, 6],
    ],
  });
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
    "data takes gaussianMixture, ramp, spiral, moons, circles, checkerboard or swissRoll but receives “spirl”; did you mean spiral?",
  );
  refused({ sampler: "ddim" }, /^sampler takes ddpm or ddpmBetaTilde but receives “ddim”/);
  refused({ backend: "wasm" }, /^backend takes auto, simd, webgl or cpu but receives “wasm”/);
  refused({ schedule: "cosine" }, /^schedule takes linear but receives “cosine”/);
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
  refused({ data: "x", steps: "y", seed: "z" }, /data takes .*\nsteps takes .*\nseed takes /);
});

test.run();
