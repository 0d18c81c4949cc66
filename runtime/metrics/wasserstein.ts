/** Distances between clouds of points: how far the samples of a model are from its data. */
import type { NDArray } from "../../dsl/array.js";
import { toArray } from "../data/column.js";
import { costOnLine } from "./quantiles.js";
import { sortFloats } from "./sort.js";

/** Points in one or two dimensions: an array [n], [n, 1] or [n, 2], or the same as nested numbers. */
export type Points = NDArray | readonly (number | readonly number[])[];

/** The mass of every point, for `a`, `b` or both; they need not add to 1. Without them all points weigh the same. */
export interface Weights {
  readonly a?: Points;
  readonly b?: Points;
}

/**
 * W₁(a, b) = ∫ |F_a(x) − F_b(x)| dx for points on a line: the least mean distance over which a becomes b. Exact,
 * for any sizes. Throws where the points are not on a line, are none or not finite, or where a weight is negative.
 */
export function wasserstein1(a: Points, b: Points, weights: Weights = {}): number {
  const [x, y] = [line(a, "a"), line(b, "b")];
  if (weights.a || weights.b) return betweenSteps(steps(x, weights.a, "a"), steps(y, weights.b, "b"));
  return costOnLine(sortFloats(x.slice()), sortFloats(y.slice()), Math.abs);
}

/**
 * The mean over k = 0 … K−1 of W₁ between the projections on (cos θ_k, sin θ_k), θ_k = πk/K; K = `directions`,
 * 64 by default. On a line it is W₁ itself. Throws as `wasserstein1`, and where a and b differ in dimension.
 */
export function slicedWasserstein(a: Points, b: Points, { directions = 64 } = {}): number {
  const [p, q] = [toArray(a, "slicedWasserstein: a"), toArray(b, "slicedWasserstein: b")];
  const dims = [p, q].map(({ shape }) =>
    shape.length === 1 ? 1 : shape.length === 2 ? shape[1] : Number.NaN,
  );
  if (dims[0] !== dims[1] || !(dims[0] === 1 || dims[0] === 2))
    throw new Error(
      `slicedWasserstein: takes points of one or two dimensions, a and b alike, but receives [${p.shape.join(", ")}] and [${q.shape.join(", ")}]`,
    );
  if (!(Number.isInteger(directions) && directions >= 1))
    throw new Error(`slicedWasserstein: takes at least 1 direction but receives ${directions}`);
  if (dims[0] === 1) return wasserstein1(p, q);
  let sum = 0;
  for (let k = 0; k < directions; k++) {
    const theta = (Math.PI * k) / directions;
    sum += costOnLine(sortFloats(projection(p, theta)), sortFloats(projection(q, theta)), Math.abs);
  }
  return sum / directions;
}

function line(points: Points, who: string): Float32Array {
  const { shape, data } = toArray(points, `wasserstein1: ${who}`, "float32");
  if (data.length !== shape[0])
    throw new Error(`wasserstein1: ${who} takes points on a line but receives [${shape.join(", ")}]`);
  return data as Float32Array;
}

function projection({ shape, data }: NDArray, theta: number): Float32Array {
  const [cos, sin] = [Math.cos(theta), Math.sin(theta)];
  const along = new Float32Array(shape[0] as number);
  for (let i = 0; i < along.length; i++)
    along[i] = cos * (data[2 * i] as number) + sin * (data[2 * i + 1] as number);
  return along;
}

/** The jumps of a distribution function, ascending: at `x[i]` by `mass[i]`, of total 1. */
interface Jumps {
  readonly x: readonly number[];
  readonly mass: readonly number[];
}

function steps(x: Float32Array, weights: Points | undefined, who: string): Jumps {
  const w = weights === undefined ? x.map(() => 1) : line(weights, `weights of ${who}`);
  const total = w.reduce((sum, weight) => sum + weight, 0);
  if (w.length !== x.length || w.some((weight) => weight < 0) || !(total > 0))
    throw new Error(
      `wasserstein1: ${who} takes ${x.length} weights of at least 0, not all 0, but receives ${w.length} from ${Math.min(...w)}`,
    );
  const order = Array.from(x.keys()).sort((i, j) => (x[i] as number) - (x[j] as number));
  return { x: order.map((i) => x[i] as number), mass: order.map((i) => (w[i] as number) / total) };
}

function betweenSteps(a: Jumps, b: Jumps): number {
  let sum = 0;
  let gap = 0; // F_a − F_b to the left of the next jump
  let from = 0;
  for (let i = 0, j = 0; i < a.x.length || j < b.x.length; ) {
    const inA = j >= b.x.length || (i < a.x.length && (a.x[i] as number) <= (b.x[j] as number));
    const x = (inA ? a.x[i] : b.x[j]) as number;
    sum += Math.abs(gap) * (i + j === 0 ? 0 : x - from);
    gap += inA ? (a.mass[i++] as number) : -(b.mass[j++] as number);
    from = x;
  }
  return sum;
}
