/** Noises between two. */
import { type NDArray, sizeOf } from "../../dsl/array.js";
import { normals } from "../../dsl/random.js";

/**
 * n noises [n, …shape of one] on the great circle from one normal z₀ to another z₁, both of the seed, at even angles:
 * z(u) = sin((1−u)Ω)/sin Ω·z₀ + sin(uΩ)/sin Ω·z₁ with cos Ω = z₀·z₁/(|z₀||z₁|). On the straight line between them the
 * noises in the middle would be too short. Shoemake 1985.
 */
export function between(shape: readonly number[], seed: number): NDArray {
  const [n = 0, ...rest] = shape;
  const width = sizeOf(rest);
  const [a, b] = [normals(width, { seed }), normals(width, { seed, stream: 1 })];
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, v, i) => sum + v * (y[i] as number), 0);
  const omega = Math.acos(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)));
  const data = new Float32Array(n * width);
  for (let k = 0; k < n; k++) {
    const u = n > 1 ? k / (n - 1) : 0;
    const [p, q] = [Math.sin((1 - u) * omega) / Math.sin(omega), Math.sin(u * omega) / Math.sin(omega)];
    for (let i = 0; i < width; i++) data[k * width + i] = p * (a[i] as number) + q * (b[i] as number);
  }
  return { shape, dtype: "float32", data };
}
