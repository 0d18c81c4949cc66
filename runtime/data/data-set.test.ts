import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  checkerboard,
  circles,
  type DataSet,
  dataSetSchema,
  draw,
  gaussianMixture,
  moons,
  points,
  ramp,
  randomIntegers,
  spiral,
  standardize,
  statistics,
  swissRoll,
  unstandardize,
} from "./index.js";

const n = 20_000;
const all: Record<string, (seed: number) => DataSet> = {
  gaussianMixture: (seed) => gaussianMixture(n, { seed }),
  ramp: (seed) => ramp(n, { dims: 3, seed }),
  spiral: (seed) => spiral(n, { seed }),
  moons: (seed) => moons(n, { seed }),
  circles: (seed) => circles(n, { seed }),
  checkerboard: (seed) => checkerboard(n, { seed }),
  swissRoll: (seed) => swissRoll(n, { seed }),
  randomIntegers: (seed) => randomIntegers(n, 1, 200, seed),
};
const columns = (set: DataSet): number[][] => {
  const { shape, data } = draw(set);
  const dims = shape[1] ?? 1;
  return Array.from({ length: dims }, (_, d) => Array.from(data).filter((_x, i) => i % dims === d));
};
const mean = (x: number[]): number => x.reduce((sum, v) => sum + v, 0) / x.length;
const close = (a: number, b: number, tolerance: number): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);

for (const [name, of] of Object.entries(all)) {
  test(`${name} is the same for the same seed, another for another, and as large as it says`, () => {
    const array = draw(of(1));
    assert.equal(draw(structuredClone(of(1))), array);
    assert.not.equal(draw(of(2)).data, array.data);
    assert.is(array.shape[0], n);
    assert.is(
      array.data.length,
      array.shape.reduce((a, b) => a * b),
    );
    assert.ok(array.data.every(Number.isFinite));
  });
  test(`${name} passes the door as plain JSON`, () => {
    const set = standardize(of(1));
    assert.equal(dataSetSchema.parse(JSON.parse(JSON.stringify(set))), set);
  });
}

test("the mixture has weight p at −1/2 and the rest at 1/2, both of sd std", () => {
  const [x] = columns(gaussianMixture(n, { p: 0.3, std: 0.05, seed: 1 })) as [number[]];
  const [low, high] = [x.filter((v) => v < 0), x.filter((v) => v >= 0)];
  close(low.length / n, 0.3, 0.015);
  close(mean(low), -0.5, 0.005);
  close(mean(high), 0.5, 0.005);
  close(Math.sqrt(mean(high.map((v) => (v - 0.5) ** 2))), 0.05, 0.002);
});

test("every dimension of the ramp is the minimum of two uniforms: mean 1/3, second moment 1/6", () => {
  for (const x of columns(ramp(n, { dims: 2, seed: 1 }))) {
    close(mean(x), 1 / 3, 0.01);
    close(mean(x.map((v) => v * v)), 1 / 6, 0.01);
  }
});

test("the points of the spiral lie between its two arms", () => {
  const [x, y] = columns(spiral(n, { seed: 1 })) as [number[], number[]];
  for (let i = 0; i < n; i++) {
    const rho = Math.hypot(x[i] as number, y[i] as number);
    const turn = Math.atan2(y[i] as number, x[i] as number);
    const onArm = [0, 1].some((k) => {
      const u = (turn + 2 * Math.PI * (k + (turn < 0 ? 1 : 0))) / (3 * Math.PI);
      const v = (rho - 0.65 * u - 0.25) / 0.15;
      return v > -1e-4 && v < 1.0001;
    });
    assert.ok(onArm, `(${x[i]}, ${y[i]})`);
  }
});

test("without noise the circles and moons have their radii", () => {
  const [x, y] = columns(circles(n, { noise: 0, factor: 0.25 })) as [number[], number[]];
  const radii = x.map((v, i) => Math.hypot(v, y[i] as number));
  assert.ok(radii.every((r) => Math.min(Math.abs(r - 1), Math.abs(r - 0.25)) < 1e-6));
  close(radii.filter((r) => r > 0.5).length / n, 0.5, 0.02);
  const [a, b] = columns(moons(n, { noise: 0 })) as [number[], number[]];
  assert.ok(
    a.every((v, i) => {
      const w = b[i] as number;
      return Math.abs(Math.hypot(v, w) - 1) < 1e-6 || Math.abs(Math.hypot(v - 1, w - 0.5) - 1) < 1e-6;
    }),
  );
});

test("the checkerboard fills exactly the squares of even i + j, evenly", () => {
  const cells = 4;
  const [x, y] = columns(checkerboard(n, { cells, seed: 2 })) as [number[], number[]];
  const counts = new Map<string, number>();
  for (let i = 0; i < n; i++) {
    const [column, row] = [x[i], y[i]].map((v) => Math.floor(((v as number) + 1) * (cells / 2))) as [
      number,
      number,
    ];
    assert.is((column + row) % 2, 0);
    counts.set(`${column},${row}`, (counts.get(`${column},${row}`) ?? 0) + 1);
  }
  assert.is(counts.size, (cells * cells) / 2);
  for (const count of counts.values()) close(count / n, 1 / 8, 0.015);
});

test("random integers reach both ends and are int32", () => {
  const { dtype, shape, data } = draw(randomIntegers(n, -2, 3, 1));
  assert.is(dtype, "int32");
  assert.equal(shape, [n]);
  assert.equal([...new Set(data)].sort(), [-1, -2, 0, 1, 2, 3]);
});

test("standardized data has mean 0 and sd 1 in every dimension, and its inverse gives the data back", () => {
  for (const of of Object.values(all)) {
    const raw = draw(of(1));
    const flat = draw(standardize(of(1)));
    const { mean: m, sd } = statistics(flat);
    for (const v of m) close(v, 0, 1e-4);
    for (const v of sd) close(v, 1, 1e-4);
    const back = unstandardize(flat, statistics(raw));
    assert.ok(back.data.every((x, i) => Math.abs(x - (raw.data[i] as number)) < 1e-4));
  }
});

test("a dimension that does not vary stays as it is", () => {
  assert.equal(
    [
      ...draw(
        standardize(
          points([
            [1, 7],
            [3, 7],
          ]),
        ),
      ).data,
    ],
    [-1, 0, 1, 0],
  );
});

test("a description out of range is refused, by the builder and at the door", () => {
  assert.throws(() => spiral(0), /spiral: n is 0/);
  assert.throws(() => spiral(2.5), /spiral: n is 2.5/);
  assert.throws(() => gaussianMixture(10, { p: 2 }), /gaussianMixture: p is 2/);
  assert.throws(() => checkerboard(10, { cells: 3 }), /checkerboard: cells is 3/);
  assert.throws(() => randomIntegers(10, 5, 1), /min ≤ max but receives 5 and 1/);
  assert.not(dataSetSchema.safeParse({ kind: "spirl", n: 10, seed: 0 }).success);
  assert.not(dataSetSchema.safeParse({ kind: "spiral", n: 10, seed: 0, extra: 1 }).success);
  const bad = { shape: [2], dtype: "float32", data: Float32Array.of(1, Number.NaN) };
  assert.not(dataSetSchema.safeParse({ kind: "points", values: bad }).success);
});

test.run();
