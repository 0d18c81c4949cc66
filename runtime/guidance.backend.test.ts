import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  chain,
  embedding,
  fn,
  graph,
  integer,
  linear,
  parameterSpecs,
  plus,
  relu,
  sinusoidalEmbedding,
} from "../dsl/index.js";
import type { Net } from "../dsl/net.js";
import { initialize } from "../dsl/parameters.js";
import { backendsHere } from "../test/backends.js";
import { ddim, ddpm, linearSchedule, reverseStep, samplerTable } from "./diffusion/index.js";
import { createGenerator, type GenerateOptions } from "./generator.js";

const T = 12;
const schedule = linearSchedule({ steps: T, betaEnd: 0.2 });
const sampler = ddim({ steps: 6 });
const count = 9;
const label = Array.from({ length: count }, (_, i) => i % 3);
const initial = Array.from({ length: count }, (_, i) => [Math.sin(i + 1), Math.cos(2 * i)]);

/** What is said is known for every x, t and label. */
const formula = (t: number, x: number, k: number): number => 0.1 * x + 0.02 * t * (k - 1);
const closed = fn({ t: integer(1, T), xt: [2], label: integer(0, 3) }, ({ t, xt, label }) =>
  xt.mul(0.1).add(t.mul(0.02).mul(label.sub(1))),
);
/** A denoiser with weights, of labels 0 … 2 and 3 for none. */
const learned = initialize(
  graph({
    inputs: { t: integer(1, T), xt: [2], label: integer(0, 3) },
    nodes: {
      time: chain([sinusoidalEmbedding(8), linear(8)]),
      class: embedding(8),
      point: linear(8),
      sum: plus(),
      out: chain([relu, linear(2)]),
    },
    edges: { time: "t", class: "label", point: "xt", sum: ["time", "class", "point"], out: "sum" },
    outputs: "out",
  }),
  { seed: 3 },
);

const base = { schedule, sampler, count, seed: 2, inputs: { label } } satisfies Partial<GenerateOptions>;
async function draw(model: Net, options: Partial<GenerateOptions>): Promise<number[]> {
  const generator = await createGenerator(model, { ...base, ...options } as GenerateOptions);
  try {
    while (!(await generator.run(20)));
    return [...generator.result().samples.data];
  } finally {
    generator.dispose();
  }
}

/** The deterministic sampler on the closed form, in float64. */
function sampled(weight: number): number[] {
  const { rows, times } = samplerTable(sampler, schedule);
  return initial.flatMap((point, i) =>
    point.map((start) => {
      let x = start;
      rows.forEach(([a, b], row) => {
        const t = times[row] as number;
        const alphaBar = schedule.alphaBars[t - 1] as number;
        const said = (1 + weight) * formula(t, x, label[i] as number) - weight * formula(t, x, 3);
        x = a * x + (b * (x - Math.sqrt(1 - alphaBar) * said)) / Math.sqrt(alphaBar);
      });
      return x;
    }),
  );
}

for (const backend of backendsHere) {
  test(`${backend}: guided samples of a closed form are the formula's`, async () => {
    for (const weight of [0, 1.5, -1]) {
      const got = await draw(closed, { backend, initial, guidance: { weight, inputs: { label: 3 } } });
      sampled(weight).forEach((want, i) => {
        const error = Math.abs((got[i] as number) - want);
        assert.ok(error <= 1e-4 * (1 + Math.abs(want)), `w = ${weight}: [${i}] is ${got[i]}, not ${want}`);
      });
    }
  });

  test(`${backend}: no weight is no guidance, bit for bit; some is`, async () => {
    const guidance = (weight: number) => ({ guidance: { weight, inputs: { label: 3 } } });
    const ours = { backend, sampler: ddpm() };
    const plain = await draw(learned, ours);
    assert.equal(await draw(learned, { ...ours, ...guidance(0) }), plain);
    assert.not.equal(await draw(learned, { ...ours, ...guidance(2) }), plain);
    const others = await draw(learned, { ...ours, inputs: { label: label.map(() => 3) } });
    const only = await draw(learned, { ...ours, ...guidance(-1) });
    only.forEach((v, i) => {
      assert.ok(Math.abs(v - (others[i] as number)) <= 1e-4 * (1 + Math.abs(v)), `[${i}]`);
    });
  });

  test(`${backend}: labels go with their samples, whatever the batches and the first`, async () => {
    const options = { backend, sampler: ddpm(), guidance: { weight: 1, inputs: { label: 3 } } };
    const whole = await draw(learned, options);
    const alone = await Promise.all(
      label.map((k, i) => draw(learned, { ...options, first: i, count: 1, inputs: { label: [k] } })),
    );
    const close = (got: readonly number[], want: readonly number[]): void =>
      got.forEach((v, i) => {
        assert.ok(Math.abs(v - (want[i] as number)) <= 1e-5 * (1 + Math.abs(v)), `[${i}]: ${v}, ${want[i]}`);
      });
    close(alone.flat(), whole);
    for (const memoryLimit of [1, 1000]) close(await draw(learned, { ...options, memoryLimit }), whole);
  });
}

test("the two copies of the model have one set of weights", () => {
  const step = reverseStep(learned, schedule, sampler, { guidance: { weight: 1, inputs: { label: 3 } } });
  assert.is(Object.keys(parameterSpecs(step)).length, Object.keys(parameterSpecs(learned)).length);
  const plain = reverseStep(learned, schedule, sampler, { guidance: { weight: 0, inputs: { label: 3 } } });
  assert.equal(plain, reverseStep(learned, schedule, sampler));
});

test("inputs and guidance that do not fit are refused in words", async () => {
  const refuses = async (options: Partial<GenerateOptions>, words: RegExp): Promise<void> => {
    const error = await draw(learned, { backend: "simd", ...options }).then(
      () => new Error("nothing"),
      (e: Error) => e,
    );
    assert.match(error.message, words);
  };
  await refuses({ inputs: {} }, /inputs: the net takes "label" but receives none/);
  await refuses({ inputs: { lable: label } }, /no further port "lable"; did you mean label\?/);
  await refuses({ inputs: { label: [0, 1] } }, /inputs: takes 9 rows, one a sample, but receives 2/);
  await refuses(
    { inputs: { label: label.map(() => 4) } },
    /input label: takes integers from 0 to 3 but receives 4/,
  );
  const guided = (weight: number, inputs: Record<string, number>): Partial<GenerateOptions> => ({
    guidance: { weight, inputs },
  });
  await refuses(
    guided(1, { lable: 3 }),
    /guidance: the model has no further port "lable"; did you mean label\?/,
  );
  await refuses(guided(0, { label: 4 }), /guidance: label takes a whole number from 0 to 3 but receives 4/);
  await refuses(guided(Number.NaN, { label: 3 }), /guidance: weight takes a finite number but receives NaN/);
});

test.run();
