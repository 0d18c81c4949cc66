/** What a picture of data accepts, and the one form it is brought to. */
import type { NDArray } from "../../dsl/array.js";
import { type DataSet, toArray } from "../../runtime/data/index.js";
import type { Column } from "../../runtime/training.js";

/** Points of one or two numbers: an array [n] or [n, d], nested numbers, or a plain typed array. */
export type PointsInput = Exclude<Column, DataSet> | Float32Array;

/** `count` points of `dims` coordinates each, row by row. */
export interface Points {
  readonly count: number;
  readonly dims: number;
  readonly values: Float32Array;
}

/**
 * The points of `input`, of 1 to `most` (default 2) coordinates. Throws `<where>: …` with the place for numbers
 * that are not finite, ragged rows, and points of more coordinates.
 */
export function pointsOf(input: PointsInput, where: string, most = 2): Points {
  const given =
    input instanceof Float32Array
      ? ({ shape: [input.length], dtype: "float32", data: input } as NDArray)
      : input;
  const { shape, data } = toArray(given, where, "float32");
  const [count = 0, dims = 1] = shape;
  if (shape.length > 2 || dims > most) {
    const want = most === 1 ? "points of 1 number" : `points of 1 to ${most} numbers`;
    throw new Error(`${where}: takes ${want} but receives an array of shape [${shape.join(", ")}]`);
  }
  return { count, dims, values: data as Float32Array };
}

/** Coordinate `axis` of every point. */
export function column({ count, dims, values }: Points, axis: number): Float32Array {
  return dims === 1
    ? values
    : Float32Array.from({ length: count }, (_, i) => values[i * dims + axis] as number);
}

/** The least and the greatest of the numbers; `[−1, 1]` when there is none. */
export function extent(values: ArrayLike<number>): [number, number] {
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  }
  return lo <= hi ? [lo, hi] : [-1, 1];
}
