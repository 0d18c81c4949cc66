/** Distances between distributions on a line, by their distribution functions and by their histograms. */
import { cloudsOf, type Points } from "./cloud.js";
import { sortFloats } from "./sort.js";

/**
 * sup_x |F_a(x) − F_b(x)|, from 0 to 1, for points on a line. Throws where they are not on a line, none or not finite.
 */
export function kolmogorovSmirnov(a: Points, b: Points): number {
  const [x, y] = linesOf("kolmogorovSmirnov", a, b).map((points) => sortFloats(Float32Array.from(points)));
  const [p, q] = [x as Float32Array, y as Float32Array];
  let most = 0;
  for (let i = 0, j = 0; i < p.length && j < q.length; ) {
    const at = Math.min(p[i] as number, q[j] as number);
    while (p[i] === at) i++;
    while (q[j] === at) j++;
    most = Math.max(most, Math.abs(i / p.length - j / q.length));
  }
  return most;
}

export interface HistogramOptions {
  /** Bins of equal width from the least to the greatest of all points; default 50. */
  readonly bins?: number;
}

/**
 * KL(a‖b) = Σ p log(p/q) in nats, p and q the shares of a's and b's points in common bins; infinite where a has
 * points in a bin in which b has none. Throws as `kolmogorovSmirnov`.
 */
export function klDivergence(a: Points, b: Points, options: HistogramOptions = {}): number {
  const [p, q] = shares("klDivergence", a, b, options);
  return relativeEntropy(p, q);
}

/** JS(a, b) = KL(a‖m)/2 + KL(b‖m)/2 with m the mean of the two histograms: from 0 to log 2. Throws as `klDivergence`. */
export function jsDivergence(a: Points, b: Points, options: HistogramOptions = {}): number {
  const [p, q] = shares("jsDivergence", a, b, options);
  const m = p.map((share, i) => (share + (q[i] as number)) / 2);
  return (relativeEntropy(p, m) + relativeEntropy(q, m)) / 2;
}

const relativeEntropy = (p: readonly number[], q: readonly number[]): number =>
  p.reduce((sum, share, i) => (share === 0 ? sum : sum + share * Math.log(share / (q[i] as number))), 0);

function shares(who: string, a: Points, b: Points, { bins = 50 }: HistogramOptions): [number[], number[]] {
  if (!Number.isInteger(bins) || bins < 1)
    throw new Error(`${who}: bins takes a whole number of at least 1 but receives ${bins}`);
  const [x, y] = linesOf(who, a, b);
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const points of [x, y])
    for (const v of points) [least, greatest] = [Math.min(least, v), Math.max(greatest, v)];
  const width = (greatest - least) / bins || 1;
  const count = (points: ArrayLike<number>): number[] => {
    const counts = new Array<number>(bins).fill(0);
    for (let i = 0; i < points.length; i++) {
      const bin = Math.min(bins - 1, Math.floor(((points[i] as number) - least) / width));
      counts[bin] = (counts[bin] as number) + 1 / points.length;
    }
    return counts;
  };
  return [count(x), count(y)];
}

function linesOf(
  who: string,
  a: Points,
  b: Points,
): readonly [Float32Array | Int32Array, Float32Array | Int32Array] {
  const [x, y] = cloudsOf(who, a, b);
  if (x.dims !== 1)
    throw new Error(`${who}: takes points on a line but receives points of ${x.dims} numbers`);
  return [x.data, y.data];
}
