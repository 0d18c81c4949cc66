import { test } from "uvu";
import * as assert from "uvu/assert";
import { initialize } from "../dsl/parameters.js";
import { mlp } from "../specs/index.js";
import type { Executable } from "./backends/backend.js";
import { ddpm, linearSchedule } from "./diffusion/index.js";
import { createGenerator, type Generated, type GenerateOptions } from "./generator.js";
import { Idle } from "./idle.js";

const schedule = linearSchedule({ steps: 15 });
const model = initialize(mlp({ nDim: 2, tMax: 15, nHidden: 16, layers: 2 }), { seed: 5 });
const base: GenerateOptions = { schedule, sampler: ddpm(), count: 120, seed: 2, backend: "simd" };

async function draw(options: Partial<GenerateOptions> = {}, idle?: Idle, of = model): Promise<Generated> {
  const generator = await createGenerator(of, { ...base, ...options }, idle);
  try {
    while (!(await generator.run(5)));
    return generator.result();
  } finally {
    generator.dispose();
  }
}

test("samples do not depend on the memory that there is, nor on who draws the others", async () => {
  const { samples } = await draw();
  assert.equal((await draw({ memoryLimit: 12_000 })).samples, samples);
  const middle = await draw({ first: 40, count: 50 });
  assert.equal(middle.samples.data, samples.data.slice(80, 180));
  assert.not.equal((await draw({ seed: 3 })).samples, samples);
});

test("the frames of a trajectory are the same in batches, and end with the samples", async () => {
  const whole = await draw({ trajectory: { every: 4 } });
  assert.equal(whole.times, [15, 11, 7, 3, 0]);
  assert.equal(await draw({ trajectory: { every: 4 }, memoryLimit: 12_000 }), whole);
  assert.equal(whole.trajectory?.data.slice(-240), whole.samples.data);
  assert.is(whole.backend, "simd");
  assert.is(whole.backendReason, "asked for");
});

test("what is drawn again is not compiled again, whatever the weights", async () => {
  const taken: (Executable | undefined)[] = [];
  class Watched extends Idle {
    override take(key: string): Executable | undefined {
      const executable = super.take(key);
      taken.push(executable);
      return executable;
    }
  }
  const idle = new Watched();
  const other = initialize(mlp({ nDim: 2, tMax: 15, nHidden: 16, layers: 2 }), { seed: 6 });
  assert.equal((await draw({}, idle)).samples, (await draw()).samples);
  assert.equal((await draw({}, idle, other)).samples, (await draw({}, undefined, other)).samples);
  assert.equal((await draw({ count: 60 }, idle)).samples.shape, [60, 2]);
  assert.equal(
    taken.map((executable) => executable !== undefined),
    [false, true, false],
  );
  for (const count of [61, 62, 63]) await draw({ count }, idle);
  assert.is(taken[1]?.liveBuffers, 0); // it was kept longest, and had to go
  const last = taken.length;
  await draw({ count: 63 }, idle);
  assert.ok(taken[last]);
  idle.dispose();
  assert.is(taken[last]?.liveBuffers, 0);
});

test("options that do not fit are refused in words", async () => {
  const refuses = async (options: Partial<GenerateOptions>, words: RegExp): Promise<void> => {
    const error = await draw(options).catch((e: Error) => e);
    assert.match((error as Error).message, words);
  };
  await refuses({ first: -1 }, /first: takes a whole number of at least 0 but receives -1/);
  await refuses({ count: 1.5 }, /count: takes a whole number of at least 1 but receives 1.5/);
  await refuses({ threads: 0 }, /threads: takes a whole number of at least 1 but receives 0/);
  await refuses({ memoryLimit: 0 }, /memoryLimit: takes a whole number of at least 1 but receives 0/);
});

test.run();
