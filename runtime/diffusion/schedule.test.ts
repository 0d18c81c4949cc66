import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  constantSchedule,
  cosineSchedule,
  linearSchedule,
  type Schedule,
  scaledLinearSchedule,
  scheduleSchema,
  scheduleWarning,
  sigmoidSchedule,
  tableSchedule,
  zeroTerminalSnr,
} from "./schedule.js";

const close = (a: number, b: number, tolerance: number): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);

test("β runs evenly from its start at t = 1 to its end at t = T", () => {
  const { betas, steps } = linearSchedule({ steps: 200, betaStart: 1e-4, betaEnd: 0.2 });
  assert.is(betas.length, steps);
  close(betas[0] as number, 1e-4, 1e-18);
  close(betas[199] as number, 0.2, 1e-16);
  for (let i = 2; i < 200; i++)
    close((betas[i] as number) - (betas[i - 1] as number), (0.2 - 1e-4) / 199, 1e-15);
});

test("ᾱ is the running product of 1 − β, to float64", () => {
  const { betas, alphaBars, terminalSignal } = linearSchedule();
  let product = 1;
  betas.forEach((beta, i) => {
    product *= 1 - beta;
    close((alphaBars[i] as number) / product, 1, 1e-13);
  });
  close(terminalSignal, Math.sqrt(product), 1e-16);
});

const every: Record<string, Schedule> = {
  linear: linearSchedule(),
  scaledLinear: scaledLinearSchedule(),
  cosine: cosineSchedule(),
  sigmoid: sigmoidSchedule(),
  constant: constantSchedule(),
  table: tableSchedule([0.1, 0.4, 1]),
};
for (const [kind, schedule] of Object.entries(every))
  test(`${kind}: ᾱ falls from below 1, is the product of 1 − β, and passes the door`, () => {
    assert.is(schedule.kind, kind);
    let product = 1;
    schedule.alphaBars.forEach((alphaBar, i) => {
      assert.ok(alphaBar < product);
      product *= 1 - (schedule.betas[i] as number);
      close(alphaBar, product, 1e-12);
    });
    assert.equal(scheduleSchema.parse(JSON.parse(JSON.stringify(schedule))), schedule);
  });

test("scaled linear: √β runs evenly; sigmoid: its middle is the mean of its ends; constant: it stays", () => {
  const roots = scaledLinearSchedule({ steps: 5, betaStart: 0.01, betaEnd: 0.25 }).betas.map(Math.sqrt);
  roots.forEach((root, i) => {
    close(root, 0.1 + 0.1 * i, 1e-15);
  });
  close(sigmoidSchedule({ steps: 3, betaStart: 0.1, betaEnd: 0.3 }).betas[1] as number, 0.2, 1e-15);
  assert.equal([...new Set(constantSchedule({ steps: 4, beta: 0.2 }).betas)], [0.2]);
});

test("cosine: ᾱ is f(t)/f(0) until β meets its bound", () => {
  const { alphaBars, betas, steps } = cosineSchedule({ steps: 50 });
  const f = (t: number) => Math.cos((((t / 50 + 0.008) / 1.008) * Math.PI) / 2) ** 2;
  for (let t = 1; t < steps; t++) close(alphaBars[t - 1] as number, f(t) / f(0), 1e-12);
  assert.is(betas.at(-1), 0.999);
});

test("zero terminal SNR: nothing is left at T, as much as before at 1, √ᾱ moved affinely between", () => {
  for (const schedule of Object.values(every)) {
    const zero = zeroTerminalSnr(schedule);
    assert.is(zero.alphaBars.at(-1), 0);
    assert.is(zero.terminalSignal, 0);
    close(zero.alphaBars[0] as number, schedule.alphaBars[0] as number, 1e-15);
    assert.is(zero.betas.at(-1), 1);
    let product = 1;
    zero.betas.forEach((beta, i) => {
      product *= 1 - beta;
      close(product, zero.alphaBars[i] as number, 1e-12);
    });
    assert.ok(scheduleSchema.safeParse(zero).success);
  }
  const [a, b] = [linearSchedule({ steps: 9 }), zeroTerminalSnr(linearSchedule({ steps: 9 }))];
  const slope = (i: number) =>
    (Math.sqrt(b.alphaBars[i] as number) - Math.sqrt(b.alphaBars[8] as number)) /
    (Math.sqrt(a.alphaBars[i] as number) - Math.sqrt(a.alphaBars[8] as number));
  close(slope(1), slope(6), 1e-12);
  assert.throws(() => zeroTerminalSnr(linearSchedule({ steps: 1 })), /two steps at least/);
});

test("a β of the user's table that cannot be is named", () => {
  assert.throws(() => tableSchedule([0.1, 0]), /beta of t = 2 takes .* receives 0/);
  assert.throws(() => tableSchedule([]), /tableSchedule: steps takes a positive integer but receives 0/);
});

test("a schedule that keeps its signal is warned of, one that loses it is not", () => {
  const weak = linearSchedule({ steps: 200, betaStart: 1e-4, betaEnd: 0.02 });
  close(weak.terminalSignal, 0.36, 0.005);
  assert.match(scheduleWarning(weak) ?? "", /at t = 200 the data still has weight √ᾱ = 0\.36/);
  assert.is(scheduleWarning(linearSchedule()), undefined);
  assert.is(scheduleWarning(linearSchedule({ steps: 1000, betaEnd: 0.02 })), undefined);
});

test("one step is a schedule too", () => {
  assert.equal(linearSchedule({ steps: 1, betaStart: 0.5, betaEnd: 0.5 }).alphaBars, [0.5]);
});

test("a schedule passes the door as plain JSON, a damaged one does not", () => {
  const schedule = linearSchedule({ steps: 5 });
  assert.equal(scheduleSchema.parse(JSON.parse(JSON.stringify(schedule))), schedule);
  assert.not(scheduleSchema.safeParse({ ...schedule, steps: 6 }).success);
  assert.not(scheduleSchema.safeParse({ ...schedule, betas: [0, 0, 0, 0, 0] }).success);
});

test("steps and β out of range are refused", () => {
  assert.throws(
    () => linearSchedule({ steps: 0 }),
    "linearSchedule: steps takes a positive integer but receives 0",
  );
  assert.throws(
    () => linearSchedule({ betaEnd: 1 }),
    /betaEnd takes a number between 0 and 1 but receives 1/,
  );
  assert.throws(() => linearSchedule({ betaStart: Number.NaN }), /betaStart takes .* receives NaN/);
});

test.run();
