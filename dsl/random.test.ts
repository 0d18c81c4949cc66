import { test } from "uvu";
import * as assert from "uvu/assert";
import { erf } from "./erf.js";
import { integers, normals, pcg, pcg3d, permutation, streamOf, uniforms } from "./random.js";

const count = 50_000;
/** Deterministic draws, so a test either always passes or never; 5 sd would fail a fair generator once in 10⁶. */
const sds = 5;

test("the words are those of an independent implementation", () => {
  assert.equal([0, 1, 0xffffffff, 0xdeadbeef].map(pcg), [129708002, 2831084092, 3861530882, 1730779506]);
  assert.equal(pcg3d(0, 0, 0), [2611992518, 2833812075, 1058359340]);
  assert.equal(pcg3d(1, 2, 3), [4204755366, 1223881804, 1500469937]);
  assert.equal(pcg3d(0xffffffff, 0xffffffff, 0xffffffff), [2784268096, 2756918915, 1364953698]);
  assert.equal(
    ["", "a", "foobar", "model.model.0.weight"].map(streamOf),
    [2166136261, 3826002220, 3214735720, 4036856527],
  );
});

test("golden values of each kind", () => {
  const key = { seed: 7, step: 3, stream: streamOf("eps") };
  assert.equal(
    [...uniforms(4, key)],
    [3675572, 1556204, 2600069, 8150742].map((k) => k * 2 ** -24),
  );
  assert.equal([...integers(4, 1, 200, key)], [165, 135, 79, 143]);
  const expected = [-0.017224782523254652, 0.22701799100090925, 1.9114607187352841, -0.9452038094441698];
  assert.equal([...normals(4, key)], expected.map(Math.fround));
});

test("a later part of a stream is the same as drawing from its start", () => {
  const key = { seed: 1, step: 2, stream: 3 };
  for (const draw of [uniforms, normals])
    assert.equal(draw(10, { ...key, first: 90 }), draw(100, key).slice(90));
  assert.equal(integers(10, -3, 3, { ...key, first: 90 }), integers(100, -3, 3, key).slice(90));
});

test("seed, step and stream each change the draw", () => {
  const base = uniforms(8, { seed: 1, step: 1, stream: 1 }).join();
  for (const key of [
    { seed: 2, step: 1, stream: 1 },
    { seed: 1, step: 2, stream: 1 },
    { seed: 1, step: 1, stream: 2 },
  ])
    assert.is.not(uniforms(8, key).join(), base);
});

const moment = (xs: ArrayLike<number>, power: number, centre = 0): number => {
  let sum = 0;
  for (let i = 0; i < xs.length; i++) sum += ((xs[i] as number) - centre) ** power;
  return sum / xs.length;
};

/** Largest distance between the empirical and the exact distribution function, times √n: above 1.95 once in 1,000. */
const kolmogorov = (xs: Float32Array, cdf: (x: number) => number): number => {
  const sorted = xs.slice().sort();
  let distance = 0;
  sorted.forEach((x, i) => {
    const f = cdf(x);
    distance = Math.max(distance, Math.abs(f - i / sorted.length), Math.abs(f - (i + 1) / sorted.length));
  });
  return distance * Math.sqrt(sorted.length);
};

const correlation = (a: Float32Array, b: Float32Array): number => {
  const [ma, mb] = [moment(a, 1), moment(b, 1)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - ma) * ((b[i] as number) - mb);
  return sum / a.length / Math.sqrt(moment(a, 2, ma) * moment(b, 2, mb));
};

const normalCdf = (x: number): number => (1 + erf(x * Math.SQRT1_2)) / 2;

/** The element-0 draws of steps 0, 1, 2, …: a stream across the other axis of the counter. */
const acrossSteps = (draw: typeof normals, n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, step) => draw(1, { seed: 5, step, stream: 9 })[0] as number);
const acrossStreams = (draw: typeof normals, n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, stream) => draw(1, { seed: 5, step: 1, stream })[0] as number);

const sources: [string, (draw: typeof normals) => Float32Array][] = [
  ["one stream", (draw) => draw(count, { seed: 11, step: 0, stream: 0 })],
  ["across steps", (draw) => acrossSteps(draw, count)],
  ["across streams", (draw) => acrossStreams(draw, count)],
];

for (const [name, source] of sources) {
  test(`uniform, ${name}: mean, variance, distribution, neighbours`, () => {
    const xs = source(uniforms);
    assert.ok(xs.every((x) => x >= 0 && x < 1));
    assert.ok(Math.abs(moment(xs, 1) - 0.5) < sds * Math.sqrt(1 / 12 / count));
    assert.ok(Math.abs(moment(xs, 2, 0.5) - 1 / 12) < sds * Math.sqrt((1 / 80 - 1 / 144) / count));
    assert.ok(kolmogorov(xs, (x) => x) < 1.95);
    for (const lag of [1, 2, 16, 256])
      assert.ok(Math.abs(correlation(xs.slice(lag), xs.slice(0, -lag))) < sds / Math.sqrt(count - lag));
  });

  test(`normal, ${name}: mean, variance, skewness, kurtosis, distribution, neighbours`, () => {
    const xs = source(normals);
    assert.ok(xs.every((x) => Math.abs(x) < 6));
    assert.ok(Math.abs(moment(xs, 1)) < sds / Math.sqrt(count));
    assert.ok(Math.abs(moment(xs, 2) - 1) < sds * Math.sqrt(2 / count));
    assert.ok(Math.abs(moment(xs, 3)) < sds * Math.sqrt(15 / count));
    assert.ok(Math.abs(moment(xs, 4) - 3) < sds * Math.sqrt(96 / count));
    assert.ok(kolmogorov(xs, normalCdf) < 1.95);
    for (const lag of [1, 2, 16, 256])
      assert.ok(Math.abs(correlation(xs.slice(lag), xs.slice(0, -lag))) < sds / Math.sqrt(count - lag));
  });
}

test("neighbouring seeds, steps and streams are uncorrelated", () => {
  const base = normals(count, { seed: 1, step: 1, stream: 1 });
  for (const key of [
    { seed: 2, step: 1, stream: 1 },
    { seed: 1, step: 2, stream: 1 },
    { seed: 1, step: 1, stream: 2 },
  ])
    assert.ok(Math.abs(correlation(base, normals(count, key))) < sds / Math.sqrt(count));
});

test("integers are within their bounds, and every one is as frequent", () => {
  const counts = new Array<number>(200).fill(0);
  for (const k of integers(count, 1, 200, { seed: 3, step: 4, stream: 5 })) (counts[k - 1] as number)++;
  const expected = count / 200;
  const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  assert.ok(Math.abs(chiSquare - 199) < sds * Math.sqrt(2 * 199), `χ² = ${chiSquare}`);
});

test("a permutation has every index once, and each place holds each index as often", () => {
  assert.equal(
    [...permutation(1000, { seed: 1 })].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  );
  assert.equal(permutation(0, { seed: 1 }).length, 0);
  const rounds = 12_000;
  const counts = new Array<number>(36).fill(0);
  for (let step = 0; step < rounds; step++)
    for (const [place, k] of permutation(6, { seed: 2, step }).entries()) (counts[6 * place + k] as number)++;
  const expected = rounds / 6;
  const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  assert.ok(Math.abs(chiSquare - 25) < sds * Math.sqrt(2 * 25), `χ² = ${chiSquare}`);
});

test.run();
