import { test } from "uvu";
import * as assert from "uvu/assert";
import type { NDArray } from "../../dsl/array.js";
import { normals, uniforms } from "../../dsl/random.js";
import { type DataSet, draw, gaussianMixture, spiral, standardized, statistics } from "../data/index.js";
import { sortFloats } from "./sort.js";
import { slicedWasserstein, wasserstein1 } from "./wasserstein.js";

const close = (a: number, b: number, tolerance: number): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);
const cloud = (n: number, seed: number): Float32Array => normals(n, { seed });
const onLine = (data: Float32Array) => ({ shape: [data.length], dtype: "float32" as const, data });
const inPlane = (data: Float32Array) => ({ shape: [data.length / 2, 2], dtype: "float32" as const, data });

test("floats are sorted as numbers are, of both signs, zero and the smallest included", () => {
  const x = Float32Array.from([...cloud(5000, 1), 0, -1e-45, 1e-45, -3e38, 3e38, 1, 1]);
  assert.equal(sortFloats(x.slice()), x.slice().sort());
});

test("it is a metric: zero to itself, symmetric, and no detour is shorter", () => {
  for (let seed = 0; seed < 10; seed++) {
    const [a, b, c] = [cloud(30, seed), cloud(47, seed + 100), cloud(11, seed + 200)].map(onLine) as [
      ReturnType<typeof onLine>,
      ReturnType<typeof onLine>,
      ReturnType<typeof onLine>,
    ];
    assert.is(wasserstein1(a, a), 0);
    close(wasserstein1(a, b), wasserstein1(b, a), 1e-12);
    assert.ok(wasserstein1(a, c) <= wasserstein1(a, b) + wasserstein1(b, c) + 1e-12);
  }
});

test("moving all points by s costs |s|, and scaling them scales the distance", () => {
  const a = uniforms(1000, { seed: 3 });
  close(wasserstein1(onLine(a), onLine(a.map((x) => x - 0.75))), 0.75, 1e-6);
  const b = cloud(1000, 4);
  close(
    wasserstein1(onLine(a.map((x) => 4 * x)), onLine(b.map((x) => 4 * x))),
    4 * wasserstein1(onLine(a), onLine(b)),
    1e-9,
  );
});

test("a point that is given k times is a point of weight k", () => {
  const a = [0.5, -1, 2];
  const b = [0.25, 3];
  const repeated = [0.5, -1, -1, 2, 2, 2];
  close(wasserstein1(a, b, { a: [1, 2, 3] }), wasserstein1(repeated, b), 1e-7);
  close(wasserstein1(b, a, { b: [2, 4, 6] }), wasserstein1(b, repeated), 1e-7);
  close(wasserstein1([0, 1], [0, 1], { a: [1, 3], b: [3, 1] }), 0.5, 1e-12);
});

test("point masses and two normals have their known distances", () => {
  assert.is(wasserstein1([0], [1, 2, 3]), 2);
  assert.is(wasserstein1([[0], [1]], [[5], [8]]), 6);
  // W₁(N(m, s²), N(0, s²)) = |m|, and W₁(N(0, 1), N(0, s²)) = |1 − s|·√(2/π)
  const z = cloud(100_000, 5);
  const other = cloud(100_000, 6);
  close(wasserstein1(onLine(z), onLine(other.map((x) => 3 * x))), 2 * Math.sqrt(2 / Math.PI), 0.03);
});

test("in the plane, moving all points by s costs the mean of |s·θ_k|", () => {
  const a = cloud(2000, 7);
  const moved = a.map((x, i) => x + (i % 2 === 0 ? 3 : 4));
  const K = 64;
  let mean = 0;
  for (let k = 0; k < K; k++)
    mean += Math.abs(3 * Math.cos((Math.PI * k) / K) + 4 * Math.sin((Math.PI * k) / K)) / K;
  close(slicedWasserstein(inPlane(a), inPlane(moved), { directions: K }), mean, 1e-5);
  close(mean, 10 / Math.PI, 0.01);
});

test("on a line the sliced distance is the distance", () => {
  const [a, b] = [onLine(cloud(50, 8)), onLine(cloud(70, 9))];
  assert.is(slicedWasserstein(a, b), wasserstein1(a, b));
});

test("fresh samples of the toy data are as far apart as is known", () => {
  const mean = (distance: (seed: number) => number): number =>
    Array.from({ length: 8 }, (_, i) => distance(2 * i)).reduce((sum, d) => sum + d, 0) / 8;
  const pair = (of: (seed: number) => DataSet, seed: number): [NDArray, NDArray] => {
    const [a, b] = [draw(of(seed)), draw(of(seed + 1))];
    return [standardized(a, statistics(a)), standardized(b, statistics(a))];
  };
  const mixture = (seed: number) => gaussianMixture(10_000, { seed });
  const arm = (seed: number) => spiral(10_000, { seed });
  close(
    mean((seed) => wasserstein1(...pair(mixture, seed))),
    0.016,
    0.006,
  );
  close(
    mean((seed) => slicedWasserstein(...pair(arm, seed))),
    0.015,
    0.004,
  );
});

test("10,000 points in 64 directions take well under 100 ms", () => {
  const [a, b] = [inPlane(cloud(20_000, 10)), inPlane(cloud(20_000, 11))];
  // processor time, which other programs do not lengthen much
  const times = Array.from({ length: 5 }, () => {
    const start = process.cpuUsage();
    slicedWasserstein(a, b, { directions: 64 });
    return process.cpuUsage(start).user / 1000;
  });
  assert.ok(Math.min(...times) < 80, `took ${Math.min(...times)} ms`);
});

test("what cannot be measured is refused in words", () => {
  assert.throws(
    () => wasserstein1([0, Number.NaN], [1]),
    "wasserstein1: a: takes finite numbers but receives NaN in row 1",
  );
  assert.throws(() => wasserstein1([0], []), "wasserstein1: b: takes at least one example but receives [0]");
  assert.throws(
    () => wasserstein1([[0, 1]], [1]),
    "wasserstein1: a takes points on a line but receives [1, 2]",
  );
  assert.throws(() => wasserstein1([0, 1], [1], { a: [1, -1] }), /takes 2 weights of at least 0/);
  assert.throws(() => slicedWasserstein([[0, 1]], [[1]]), /one or two dimensions, a and b alike/);
  assert.throws(() => slicedWasserstein([[0, 1]], [[1, 1]], { directions: 0 }), /at least 1 direction/);
});

test.run();
