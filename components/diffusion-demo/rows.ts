/** Arrays by their rows. */
import type { NDArray } from "../../dsl/array.js";

/** The first `count` rows. */
export function first({ shape, dtype, data }: NDArray, count: number): NDArray {
  const [rows = 0, ...rest] = shape;
  const kept = Math.min(rows, count);
  return { shape: [kept, ...rest], dtype, data: data.subarray(0, (data.length / rows) * kept) };
}

/** The rows of all arrays, one after the other. */
export function joined(arrays: readonly NDArray[]): NDArray {
  const [first] = arrays as [NDArray];
  if (arrays.length === 1) return first;
  const data = new Float32Array(arrays.reduce((length, array) => length + array.data.length, 0));
  let from = 0;
  for (const array of arrays) {
    data.set(array.data, from);
    from += array.data.length;
  }
  const rows = arrays.reduce((sum, { shape }) => sum + (shape[0] as number), 0);
  return { shape: [rows, ...first.shape.slice(1)], dtype: "float32", data };
}
