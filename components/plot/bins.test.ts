import { test } from "uvu";
import * as assert from "uvu/assert";
import { normals, uniforms } from "../../dsl/random.js";
import { densityGrid, histogram, LossBins, quantile } from "./bins.js";

const close = (a: number, b: number, tolerance: number): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);

test("a histogram is a density: it integrates to the share of values inside", () => {
  const values = normals(20_000, { seed: 1 });
  const area = (lo: number, hi: number, bins: number) =>
    histogram(values, lo, hi, bins).reduce((sum, d) => sum + d, 0) * ((hi - lo) / bins);
  close(area(-7, 7, 50), 1, 1e-9);
  close(area(-1, 1, 13), values.filter((v) => v >= -1 && v < 1).length / values.length, 1e-9);
  close(histogram(values, -0.1, 0.1, 1)[0] as number, 1 / Math.sqrt(2 * Math.PI), 0.02);
  assert.equal([...histogram([0, 1], 0, 1, 2)], [1, 1]);
});

test("the density of the plane has its peak where the points are, y upwards, and blurs evenly", () => {
  const size = 32;
  const point = { count: 1, dims: 2, values: Float32Array.of(0.5, 0.5) };
  const grid = densityGrid(point, { x: 0, y: 0, half: 1 }, size, 1.5);
  const at = (row: number, column: number) => grid[row * size + column] as number;
  assert.is(at(8, 24), 1);
  for (const [dr, dc] of [
    [3, 1],
    [1, 3],
    [2, 2],
  ] as const) {
    close(at(8 + dr, 24 + dc), Math.exp(-(dr * dr + dc * dc) / (2 * 1.5 ** 2)), 1e-6);
    close(at(8 + dr, 24 + dc), at(8 - dr, 24 - dc), 1e-9);
  }
});

test("points outside of the view and no points at all leave the grid empty", () => {
  const view = { x: 0, y: 0, half: 1 };
  for (const values of [Float32Array.of(5, 5), new Float32Array()])
    assert.ok(densityGrid({ count: values.length / 2, dims: 2, values }, view, 16, 2).every((v) => v === 0));
});

test("quantiles interpolate between ordered numbers", () => {
  assert.equal(
    [0, 0.25, 0.5, 1].map((q) => quantile([1, 2, 3, 5], q)),
    [1, 1.75, 2.5, 5],
  );
});

test("loss bins are the same however the losses arrive", () => {
  const losses = uniforms(5000, { seed: 2 });
  const [whole, parts] = [new LossBins(), new LossBins()];
  whole.append(losses);
  for (let from = 0; from < losses.length; from += 37) parts.append(losses.subarray(from, from + 37));
  assert.is(parts.length, 5000);
  assert.equal(parts.bins(), whole.bins());
});

test("loss bins grow geometrically, ascend, and hold mean, 10 % and 90 % of their steps", () => {
  const bins = new LossBins(1.25);
  bins.append(uniforms(40_000, { seed: 3 }));
  const all = bins.bins();
  assert.ok(all.length < 60, `${all.length}`);
  assert.is(all.at(-1)?.step, 40_000);
  all.slice(1).forEach((bin, i) => assert.ok(bin.step > (all[i]?.step as number)));
  for (const { mean, low, high } of all.slice(-5)) {
    close(mean, 0.5, 0.02);
    close(low, 0.1, 0.02);
    close(high, 0.9, 0.02);
  }
});

test("a loss that is not finite is left out of its bin", () => {
  const bins = new LossBins();
  bins.append([1, Number.NaN, 3, Number.POSITIVE_INFINITY]);
  assert.is(bins.length, 4);
  assert.ok(bins.bins().every(({ mean, low, high }) => [mean, low, high].every(Number.isFinite)));
});

test.run();
