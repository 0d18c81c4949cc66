import { test } from "uvu";
import * as assert from "uvu/assert";
import type { NDArray } from "../../dsl/array.js";
import { normals, uniforms } from "../../dsl/random.js";
import {
  energyDistance,
  frechetDistance,
  jsDivergence,
  klDivergence,
  kolmogorovSmirnov,
  medianHeuristic,
  memorisation,
  mmd,
  nearestDistances,
  noiseFloor,
  precisionRecall,
  wasserstein1,
  wasserstein2,
} from "./index.js";

const close = (a: number, b: number, tolerance = 1e-5): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);
const array = (data: Float32Array, dims: number): NDArray => ({
  shape: [data.length / dims, dims],
  dtype: "float32",
  data,
});
const gauss = (n: number, dims: number, seed: number): NDArray => array(normals(n * dims, { seed }), dims);
const moved = (a: NDArray, f: (x: number, i: number) => number): NDArray => ({
  ...a,
  data: Float32Array.from(a.data, f),
});
const distances: Record<string, (a: NDArray, b: NDArray) => number> = {
  energyDistance,
  mmd: (a, b) => mmd(a, b, { length: 1 }),
  frechetDistance,
  wasserstein2,
};

for (const [name, distance] of Object.entries(distances)) {
  test(`${name} is 0 of a cloud with itself, the same both ways, and grows with a shift`, () => {
    const [a, b] = [gauss(60, 3, 1), gauss(60, 3, 2)];
    close(distance(a, a), 0, 2e-3);
    close(distance(a, b), distance(b, a), 1e-6);
    const far = [0.5, 1, 2].map((shift) =>
      distance(
        a,
        moved(b, (x) => x + shift),
      ),
    );
    assert.ok((far[0] as number) < (far[1] as number) && (far[1] as number) < (far[2] as number), far.join());
  });
}

test("the energy distance on a line is 2 ∫ (F − G)²", () => {
  const [a, b] = [
    [0, 1, 4],
    [0.5, 2],
  ];
  const F = (points: number[], x: number): number => points.filter((p) => p <= x).length / points.length;
  let integral = 0;
  for (let x = -1; x < 5; x += 0.001) integral += 0.002 * (F(a, x + 5e-4) - F(b, x + 5e-4)) ** 2;
  close(energyDistance(a, b), integral, 1e-4);
});

test("the unbiased MMD of equal distributions is 0 in the mean, the biased one above it", () => {
  const pairs = Array.from({ length: 60 }, (_, s) => [gauss(40, 2, 2 * s), gauss(40, 2, 2 * s + 1)] as const);
  const mean = (unbiased: boolean): number =>
    pairs.reduce((sum, [a, b]) => sum + mmd(a, b, { length: 1, unbiased }), 0) / pairs.length;
  close(mean(true), 0, 0.006);
  assert.ok(mean(false) > 0.02);
  close(mmd([0], [1], { length: 1 }), 2 - 2 * Math.exp(-0.5), 1e-12);
  assert.throws(() => mmd([0], [1, 2], { unbiased: true }), /two points at least/);
});

test("the median heuristic is the median of all distances", () => {
  // distances 1, 2, 3, 1, 2, 1 of the points 0, 1, 2, 3
  close(medianHeuristic([0, 1], [2, 3]), 2, 1e-12);
});

test("Kolmogorov and Smirnov's distance is the widest gap of the distribution functions", () => {
  assert.is(kolmogorovSmirnov([1, 2, 3], [1, 2, 3]), 0);
  assert.is(kolmogorovSmirnov([0, 1], [2, 3, 4]), 1);
  assert.is(kolmogorovSmirnov([0, 1, 2, 3], [2, 3]), 0.5);
  assert.throws(() => kolmogorovSmirnov([[0, 1]], [[0, 1]]), /points on a line but receives points of 2/);
});

test("KL is 0 of equal histograms and infinite where there is nothing, JS at most log 2", () => {
  const [a, b] = [normals(500, { seed: 1 }), normals(700, { seed: 2 })].map((data) => array(data, 1)) as [
    NDArray,
    NDArray,
  ];
  assert.is(klDivergence(a, a), 0);
  assert.is(klDivergence([0, 1], [0, 0], { bins: 2 }), Number.POSITIVE_INFINITY);
  close(klDivergence([0, 1], [0, 1, 1, 1], { bins: 2 }), 0.5 * Math.log(2) + 0.5 * Math.log(2 / 3), 1e-12);
  close(jsDivergence([0, 0], [1, 1], { bins: 4 }), Math.log(2), 1e-12);
  close(jsDivergence(a, b), jsDivergence(b, a), 1e-12);
  assert.ok(jsDivergence(a, b) > 0 && jsDivergence(a, b) < 0.1);
});

test("precision falls with samples beside the data, recall with data that no sample is like", () => {
  const data = gauss(400, 2, 1);
  const same = precisionRecall(data, gauss(400, 2, 2));
  assert.ok(same.precision > 0.85 && same.recall > 0.85, JSON.stringify(same));
  const beside = precisionRecall(
    data,
    moved(gauss(400, 2, 2), (x) => x + 50),
  );
  assert.equal(beside, { precision: 0, recall: 0 });
  const narrow = precisionRecall(
    data,
    moved(gauss(400, 2, 2), (x) => 0.1 * x),
  );
  assert.ok(narrow.precision > 0.95 && narrow.recall < 0.3, JSON.stringify(narrow));
  assert.throws(() => precisionRecall([0, 1], [0, 1, 2, 3]), /more than k = 3 points but receives 2/);
});

test("copies are told from fresh samples", () => {
  const [training, heldOut] = [gauss(300, 4, 1), gauss(200, 4, 2)];
  assert.is(
    memorisation(
      moved(training, (x) => x + 1e-4),
      training,
      heldOut,
    ),
    1,
  );
  close(memorisation(gauss(200, 4, 3), training, heldOut), 0.5, 0.08);
  close(memorisation(heldOut, training, heldOut), 0.5, 1e-12);
  assert.equal(
    [
      ...nearestDistances(
        [[0, 0]],
        [
          [3, 4],
          [6, 8],
        ],
      ),
    ],
    [5],
  );
});

test("Fréchet: a shift counts its square, and a scaling of a line (σ − σ′)²", () => {
  const a = gauss(500, 3, 1);
  const shift = [1, -2, 0.5];
  close(
    frechetDistance(
      a,
      moved(a, (x, i) => x + (shift[i % 3] as number)),
    ),
    1 + 4 + 0.25,
    1e-4,
  );
  const line = gauss(500, 1, 4);
  const numbers = line.data as Float32Array;
  const mean = numbers.reduce((sum, x) => sum + x, 0) / 500;
  const sd = Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 499);
  close(
    frechetDistance(
      line,
      moved(line, (x) => 3 * x),
    ),
    (2 * sd) ** 2 + (2 * mean) ** 2,
    1e-4,
  );
});

test("Fréchet does not change under a rotation of both, and stands features that are all equal", () => {
  const [a, b] = [gauss(300, 2, 1), moved(gauss(300, 2, 2), (x, i) => (i % 2 ? 3 * x : x + 1))];
  const turned = (p: NDArray): NDArray => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    return moved(p, (x, i) =>
      i % 2 ? s * (p.data[i - 1] as number) + c * x : c * x - s * (p.data[i + 1] as number),
    );
  };
  close(frechetDistance(a, b), frechetDistance(turned(a), turned(b)), 1e-4);
  close(
    frechetDistance(
      [
        [1, 1],
        [1, 1],
      ],
      [
        [1, 2],
        [1, 2],
      ],
    ),
    1,
    1e-9,
  );
});

test("the best pairing is the best of all permutations", () => {
  const [a, b] = [gauss(6, 2, 5), gauss(6, 2, 6)];
  const cost = (i: number, j: number): number =>
    [0, 1].reduce((sum, k) => sum + ((a.data[2 * i + k] as number) - (b.data[2 * j + k] as number)) ** 2, 0);
  const best = (rows: number[], free: number[]): number =>
    rows.length === 0
      ? 0
      : Math.min(
          ...free.map(
            (j) =>
              cost(rows[0] as number, j) +
              best(
                rows.slice(1),
                free.filter((k) => k !== j),
              ),
          ),
        );
  const all = [0, 1, 2, 3, 4, 5];
  close(wasserstein2(a, b), Math.sqrt(best(all, all) / 6), 1e-6);
});

test("on a line pairing is sorting, and W₂ is at least W₁", () => {
  const [x, y] = [normals(200, { seed: 1 }), uniforms(200, { seed: 2 })];
  const flat = (data: Float32Array): NDArray =>
    array(
      Float32Array.from({ length: 400 }, (_, i) => (i % 2 ? 0 : (data[i / 2] as number))),
      2,
    );
  close(wasserstein2(array(x, 1), array(y, 1)), wasserstein2(flat(x), flat(y)), 1e-5);
  assert.ok(wasserstein2(array(x, 1), array(y, 1)) >= wasserstein1(array(x, 1), array(y, 1)));
  assert.throws(
    () =>
      wasserstein2(
        [[0, 0]],
        [
          [0, 0],
          [1, 1],
        ],
      ),
    /equal numbers of points/,
  );
  assert.throws(
    () => wasserstein2([[0, 0]], [[0, 0, 0]]),
    /b takes points of 2 numbers, as a's, but receives 3/,
  );
});

test("the noise floor is the mean and the spread of the metric between fresh samples", () => {
  const floor = noiseFloor(wasserstein1, (seed) => gauss(400, 1, seed), { repeats: 20 });
  // E W₁ of two normal samples of n points is about 1.0/√n·√2·0.8
  assert.ok(floor.mean > 0.03 && floor.mean < 0.12, JSON.stringify(floor));
  assert.ok(floor.sd > 0 && floor.sd < floor.mean);
});

test.run();
