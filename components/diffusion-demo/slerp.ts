/** Noises between two. */
import { type NDArray, sizeOf } from "../../dsl/array.js";
import { normals } from "../../dsl/random.js";

/**
 * n noises [n, …shape of one] from one normal z₀ to another z₁, both of the seed: their directions at even angles on the
 * great circle, e(u) = sin((1−u)Ω)/sin Ω·e₀ + sin(uΩ)/sin Ω·e₁ with cos Ω = e₀·e₁, and their lengths even too. On the
 * straight line between z₀ and z₁ those in the middle would be too short to be noise. Shoemake 1985.
 */
export function between(shape: readonly number[], seed: number): NDArray {
  const [n = 0, ...rest] = shape;
  const width = sizeOf(rest);
  const [a, b] = [normals(width, { seed }), normals(width, { seed, stream: 1 })];
  const [from, to] = [Math.sqrt(dot(a, a)), Math.sqrt(dot(b, b))];
  const omega = Math.acos(dot(a, b) / (from * to));
  const data = new Float32Array(n * width);
  for (let k = 0; k < n; k++) {
    const u = n > 1 ? k / (n - 1) : 0;
    const length = ((1 - u) * from + u * to) / Math.sin(omega);
    const [p, q] = [(length * Math.sin((1 - u) * omega)) / from, (length * Math.sin(u * omega)) / to];
    for (let i = 0; i < width; i++) data[k * width + i] = p * (a[i] as number) + q * (b[i] as number);
  }
  return { shape, dtype: "float32", data };
}

const dot = (x: Float32Array, y: Float32Array): number =>
  x.reduce((sum, v, i) => sum + v * (y[i] as number), 0);
