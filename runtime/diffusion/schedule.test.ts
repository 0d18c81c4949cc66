import { test } from "uvu";
import * as assert from "uvu/assert";
import { linearSchedule, scheduleSchema, scheduleWarning } from "./schedule.js";

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
