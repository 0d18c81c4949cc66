import { test } from "uvu";
import * as assert from "uvu/assert";
import { ddim, ddpm, type Sampler } from "./sampler.js";
import { samplerTable, timesOf } from "./sampler-table.js";
import { cosineSchedule, linearSchedule, type Schedule, zeroTerminalSnr } from "./schedule.js";

const close = (a: number, b: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);
const alphaBar = ({ alphaBars }: Schedule, t: number): number => (t === 0 ? 1 : (alphaBars[t - 1] as number));
const schedules = {
  linear: linearSchedule(),
  cosine: cosineSchedule(),
  zero: zeroTerminalSnr(linearSchedule()),
};

/** x after all rows, where `x0Hat(x, t)` is what the model makes of x, without fresh noise. */
function walk(
  sampler: Sampler,
  schedule: Schedule,
  x: number,
  x0Hat: (x: number, t: number) => number,
): number {
  const { times, rows } = samplerTable(sampler, schedule);
  rows.forEach(([a, b], i) => {
    x = a * x + b * x0Hat(x, times[i] as number);
  });
  return x;
}
/** E[x₀ | x_t] of normal data of variance s². */
const exact = (schedule: Schedule, s: number) => (x: number, t: number) =>
  (Math.sqrt(alphaBar(schedule, t)) * s * s * x) /
  (alphaBar(schedule, t) * s * s + 1 - alphaBar(schedule, t));

for (const [name, schedule] of Object.entries(schedules)) {
  test(`${name}: where the data are one point, every sampler ends on it`, () => {
    const samplers = [
      ddpm(),
      ddpm({ variance: "betaTilde" }),
      ddim(),
      ddim({ steps: 7, eta: 0.6, spacing: "linspace" }),
    ];
    for (const sampler of samplers)
      close(
        walk(sampler, schedule, 1.7, () => 0.4),
        0.4,
      );
  });

  test(`${name}: DDIM of all steps with η = 1 is DDPM with β̃`, () => {
    const [a, b] = [ddim({ steps: 200, eta: 1 }), ddpm({ variance: "betaTilde" })].map((s) =>
      samplerTable(s, schedule),
    );
    assert.equal(a?.times, b?.times);
    assert.equal(a?.levels, b?.levels);
    a?.rows.forEach((row, i) => {
      row.forEach((c, k) => {
        close(c, b?.rows[i]?.[k] as number, 1e-9);
      });
    });
  });

  test(`${name}: a step keeps x_t = √ᾱ_t x₀ + √(1−ᾱ_t) ε on its way, where x₀ is known`, () => {
    for (const sampler of [ddim({ steps: 20 }), ddim({ steps: 20, spacing: "leading" })]) {
      const { levels, rows } = samplerTable(sampler, schedule);
      const [x0, eps] = [0.3, -1.1];
      const at = (t: number) =>
        Math.sqrt(alphaBar(schedule, t)) * x0 + Math.sqrt(1 - alphaBar(schedule, t)) * eps;
      let x = at(levels[0] as number);
      rows.forEach(([a, b], i) => {
        x = a * x + b * x0;
        close(x, at(levels[i + 1] as number), 1e-9);
      });
    }
  });
}

test("DDIM's noise and direction together make up the level's noise, whatever η", () => {
  const schedule = schedules.linear;
  for (const eta of [0, 0.3, 1]) {
    const { times, levels, rows } = samplerTable(ddim({ steps: 25, eta }), schedule);
    rows.forEach(([a, , sigma], i) => {
      const [before, now] = [
        alphaBar(schedule, times[i] as number),
        alphaBar(schedule, levels[i + 1] as number),
      ];
      close(a * a * (1 - before) + sigma * sigma, 1 - now);
    });
  }
});

test("with the exact denoiser of normal data DDIM's many steps give their standard deviation", () => {
  const schedule = linearSchedule({ steps: 1000, betaEnd: 0.04 });
  const end = walk(ddim({ steps: 1000 }), schedule, 1, exact(schedule, 0.5));
  // The flow of the probabilities maps x_T of sd 1 on x_0 of sd 0.5.
  close(Math.abs(end), 0.5, 0.005);
});

test("backwards and forth again is where it began, the nearer the more steps", () => {
  const schedule = linearSchedule({ steps: 1000, betaEnd: 0.04 });
  const error = (steps: number): number => {
    const noise = walk(ddim({ steps, inverse: true }), schedule, 0.7, exact(schedule, 0.5));
    return Math.abs(walk(ddim({ steps }), schedule, noise, exact(schedule, 0.5)) - 0.7);
  };
  const [few, many] = [error(50), error(500)];
  assert.ok(many < 0.01 && many < few / 4, `${few}, ${many}`);
});

test("backwards the levels rise from data to noise, and the model is never asked at 0", () => {
  const { times, levels } = samplerTable(ddim({ steps: 4, inverse: true }), schedules.linear);
  assert.equal(levels, [0, 50, 100, 150, 200]);
  assert.equal(times, [50, 100, 150, 200]);
});

test("time steps by their spacing", () => {
  assert.equal(timesOf("trailing", 4, 200), [200, 150, 100, 50]);
  assert.equal(timesOf("leading", 4, 200), [151, 101, 51, 1]);
  assert.equal(timesOf("linspace", 5, 201), [201, 151, 101, 51, 1]);
  for (const spacing of ["trailing", "leading", "linspace"] as const)
    for (const steps of [1, 3, 50, 199, 200]) {
      const times = timesOf(spacing, steps, 200);
      assert.is(new Set(times).size, steps);
      assert.ok(
        times.every((t, i) => t >= 1 && t <= 200 && t < (times[i - 1] ?? 201)),
        `${spacing} ${steps}`,
      );
    }
  assert.throws(
    () => timesOf("trailing", 201, 200),
    /steps takes a whole number from 1 to the schedule's 200/,
  );
});

test.run();
