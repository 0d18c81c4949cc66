import { type NDArray, sizeOf } from "../dsl/array.js";

/** Arrays of real numbers laid end to end along an axis. */
export function join(arrays: readonly NDArray[], axis: number): NDArray {
  const [first] = arrays as readonly [NDArray, ...NDArray[]];
  if (arrays.length === 1) return first;
  const rows = sizeOf(first.shape.slice(0, axis));
  const length = arrays.reduce((sum, { shape }) => sum + (shape[axis] as number), 0);
  const data = new Float32Array(arrays.reduce((sum, array) => sum + array.data.length, 0));
  let at = 0;
  for (let row = 0; row < rows; row++)
    for (const array of arrays) {
      const width = array.data.length / rows;
      data.set(array.data.subarray(row * width, (row + 1) * width), at);
      at += width;
    }
  return { shape: first.shape.with(axis, length), dtype: "float32", data };
}
