import { test } from "uvu";
import * as assert from "uvu/assert";
import { gaussianMixture, spiral, standardize } from "../../runtime/data/index.js";
import { linearSchedule } from "../../runtime/diffusion/index.js";
import { leastLoss } from "./least-loss.js";

const close = (a: number | null, b: number, tolerance: number): void =>
  assert.ok(a !== null && Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);

test("of the mixture it is 0.173", () => {
  close(leastLoss(standardize(gaussianMixture(10_000)), linearSchedule()), 0.173, 0.001);
});

test("of one normal it is the mean of ᾱ: all is known of ε but what x₀ hides", () => {
  // x_t is N(0, 1) at every t, so E[ε | x_t] = √(1−ᾱ_t)·x_t.
  const schedule = linearSchedule();
  const mean = schedule.alphaBars.reduce((sum, a) => sum + a, 0) / schedule.steps;
  close(leastLoss(standardize(gaussianMixture(1000, { p: 1 })), schedule), mean, 0.02);
});

test("of other data it is not known", () => {
  assert.is(leastLoss(standardize(spiral(10)), linearSchedule()), null);
  assert.is(leastLoss(gaussianMixture(10), linearSchedule()), null);
});

test.run();
