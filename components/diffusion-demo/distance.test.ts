import { test } from "uvu";
import * as assert from "uvu/assert";
import { draw, gaussianMixture, spiral, standardize } from "../../runtime/data/index.js";
import { slicedWasserstein, wasserstein1 } from "../../runtime/metrics/index.js";
import { distance, floorOf } from "./distance.js";

const close = (a: number, b: number, tolerance: number): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);

test("in pieces it is the distance in 64 directions, on a line the 1-Wasserstein distance", async () => {
  const [a, b] = [draw(spiral(800, { seed: 1 })), draw(standardize(spiral(600, { seed: 2 })))];
  close(await distance(a, b), slicedWasserstein(a, b, { directions: 64 }), 1e-6);
  const [c, d] = [draw(gaussianMixture(500, { seed: 1 })), draw(gaussianMixture(700, { seed: 2 }))];
  assert.is(await distance(c, d), wasserstein1(c, d));
});

test("the floor is what fresh points come to, and higher for fewer of them", async () => {
  const raw = (seed: number) => gaussianMixture(10_000, { seed });
  const [many, few] = [await floorOf(raw, 10_000), await floorOf(raw, 500)];
  close(many, 0.016, 0.007);
  assert.ok(few > 1.5 * many, `${few} and ${many}`);
});

test.run();
