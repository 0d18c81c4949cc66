/** Mean 0 and standard deviation 1 in every dimension, and back. */
import { type NDArray, sizeOf } from "../../dsl/array.js";

/** Mean and standard deviation of every number of an example, over the examples. */
export interface Statistics {
  readonly mean: readonly number[];
  /** With n in the denominator; 1 where the numbers do not vary, so that they stay as they are. */
  readonly sd: readonly number[];
}

/** mean = Σxᵢ/n and sd² = Σ(xᵢ − mean)²/n over the first axis, in float64. */
export function statistics({ shape, data }: NDArray): Statistics {
  const n = shape[0] as number;
  const dims = sizeOf(shape.slice(1));
  const mean = new Array<number>(dims).fill(0);
  const variance = new Array<number>(dims).fill(0);
  for (let i = 0; i < data.length; i++) mean[i % dims] = (mean[i % dims] as number) + (data[i] as number) / n;
  for (let i = 0; i < data.length; i++) {
    const away = (data[i] as number) - (mean[i % dims] as number);
    variance[i % dims] = (variance[i % dims] as number) + away ** 2 / n;
  }
  return { mean, sd: variance.map((v) => Math.sqrt(v) || 1) };
}

/** (x − mean)/sd */
export const standardized = (array: NDArray, { mean, sd }: Statistics): NDArray =>
  perDimension(array, mean, (x, dim) => (x - (mean[dim] as number)) / (sd[dim] as number));

/** mean + sd·x, the inverse of `standardized`: takes samples of a model back to the units of its data. */
export const unstandardize = (samples: NDArray, { mean, sd }: Statistics): NDArray =>
  perDimension(samples, mean, (x, dim) => (mean[dim] as number) + (sd[dim] as number) * x);

function perDimension(
  { shape, data }: NDArray,
  mean: readonly number[],
  rule: (x: number, dim: number) => number,
): NDArray {
  const dims = sizeOf(shape.slice(1));
  if (dims !== mean.length)
    throw new Error(`standardize: takes examples of ${mean.length} numbers but receives ${dims}`);
  const ruled = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) ruled[i] = rule(data[i] as number, i % dims);
  return { shape, dtype: "float32", data: ruled };
}
