/** Clouds of points in any dimension, as the metrics read them. */
import type { NDArray } from "../../dsl/array.js";
import { toArray } from "../data/column.js";

/** Points: an array [n, …shape of one], or the same as nested numbers. */
export type Points = NDArray | readonly (number | readonly unknown[])[];

/** `count` points of `dims` numbers, row by row. */
export interface Cloud {
  readonly count: number;
  readonly dims: number;
  readonly data: Float32Array | Int32Array;
}

/** The points of `a` and `b` as rows of numbers; throws `<who>: …` where they are none, not finite, or of unequal dimension. */
export function cloudsOf(who: string, a: Points, b: Points): readonly [Cloud, Cloud] {
  const clouds = [cloud(`${who}: a`, a), cloud(`${who}: b`, b)] as const;
  if (clouds[0].dims !== clouds[1].dims)
    throw new Error(
      `${who}: b takes points of ${clouds[0].dims} numbers, as a's, but receives ${clouds[1].dims}`,
    );
  return clouds;
}

function cloud(where: string, points: Points): Cloud {
  const { shape, data } = toArray(points, where);
  const [count] = shape as [number];
  return { count, dims: data.length / count, data };
}

/** ‖a_i − b_j‖² */
export function squareDistance(a: Cloud, i: number, b: Cloud, j: number): number {
  const { dims } = a;
  let sum = 0;
  for (let k = 0; k < dims; k++) {
    const d = (a.data[i * dims + k] as number) - (b.data[j * dims + k] as number);
    sum += d * d;
  }
  return sum;
}

/** Σ_{i,j} f(‖a_i − b_j‖²), over all pairs, or the pairs i ≠ j of one cloud with itself. */
export function sumOfPairs(a: Cloud, b: Cloud, f: (square: number) => number): number {
  let sum = 0;
  if (a === b) {
    for (let i = 1; i < a.count; i++) for (let j = 0; j < i; j++) sum += f(squareDistance(a, i, a, j));
    return 2 * sum;
  }
  for (let i = 0; i < a.count; i++) for (let j = 0; j < b.count; j++) sum += f(squareDistance(a, i, b, j));
  return sum;
}
