import { test } from "uvu";
import * as assert from "uvu/assert";
import { normals } from "../../dsl/random.js";
import { between } from "./slerp.js";

const width = 400;
const rows = (n: number, seed: number): Float32Array[] => {
  const { shape, data } = between([n, 20, 20], seed);
  assert.equal(shape, [n, 20, 20]);
  return Array.from({ length: n }, (_, k) => (data as Float32Array).subarray(k * width, (k + 1) * width));
};
const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
const angle = (a: Float32Array, b: Float32Array): number =>
  Math.acos(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)));

const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-4, `${a} is not near ${b}`);

test("its ends are the two noises of the seed", () => {
  const [first, , , last] = rows(4, 5) as [Float32Array, Float32Array, Float32Array, Float32Array];
  normals(width, { seed: 5 }).forEach((x, i) => {
    near(first[i] as number, x);
  });
  normals(width, { seed: 5, stream: 1 }).forEach((x, i) => {
    near(last[i] as number, x);
  });
});

test("those between lie at even angles, and their lengths change evenly", () => {
  const all = rows(7, 2);
  const [a, b] = [all[0], all[6]] as [Float32Array, Float32Array];
  const [from, to] = [Math.sqrt(dot(a, a)), Math.sqrt(dot(b, b))];
  const step = angle(a, b) / 6;
  all.slice(1, 6).forEach((z, i) => {
    near(Math.sqrt(dot(z, z)) / width, (from + ((i + 1) / 6) * (to - from)) / width);
    near(angle(a, z), (i + 1) * step);
    near(angle(b, z), (5 - i) * step);
  });
});

test.run();
