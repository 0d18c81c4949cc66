/** Places in arrays that lie row by row. */
import { sizeOf } from "../dsl/array.js";

const stridesOf = (shape: readonly number[]): number[] => shape.map((_, i) => sizeOf(shape.slice(i + 1)));
/** The multi-index of element i of a shape. */
export const indexOf = (i: number, shape: readonly number[]): number[] => {
  const strides = stridesOf(shape);
  return shape.map((d, axis) => Math.floor(i / (strides[axis] as number)) % d);
};
export const flat = (index: readonly number[], shape: readonly number[]): number =>
  stridesOf(shape).reduce((sum, stride, axis) => sum + stride * (index[axis] as number), 0);

/** The element of an array of `shape` that is broadcast to a multi-index. */
export const broadcastAt = (index: readonly number[], shape: readonly number[]): number =>
  flat(
    shape.map((d, axis) => (d === 1 ? 0 : (index[axis + index.length - shape.length] as number))),
    shape,
  );
