/** What the nearest neighbours tell: whether samples are like data, whether they cover it, whether they copy it. */
import { type Cloud, cloudsOf, type Points, squareDistance } from "./cloud.js";

/**
 * The share of samples within the reach of the data (precision), and of data within the reach of the samples
 * (recall), where a cloud reaches from each of its points as far as that point's k-th neighbour in the cloud
 * (default 3). Throws where a cloud has not more than k points, or another dimension. arXiv 1904.06991, equation 1.
 */
export function precisionRecall(
  data: Points,
  samples: Points,
  { k = 3 } = {},
): { readonly precision: number; readonly recall: number } {
  const [real, made] = cloudsOf("precisionRecall", data, samples);
  for (const { count } of [real, made])
    if (count <= k) throw new Error(`precisionRecall: takes more than k = ${k} points but receives ${count}`);
  return { precision: within(made, real, reach(real, k)), recall: within(real, made, reach(made, k)) };
}

/** The square of each point's distance to its k-th nearest other. */
function reach(points: Cloud, k: number): Float64Array {
  return Float64Array.from({ length: points.count }, (_, i) => {
    const nearest = new Array<number>(k).fill(Number.POSITIVE_INFINITY);
    for (let j = 0; j < points.count; j++) {
      const d = j === i ? Number.POSITIVE_INFINITY : squareDistance(points, i, points, j);
      if (d >= (nearest[k - 1] as number)) continue;
      nearest[k - 1] = d;
      nearest.sort((a, b) => a - b);
    }
    return nearest[k - 1] as number;
  });
}

/** The share of `points` that lie within the reach of some point of `others`. */
function within(points: Cloud, others: Cloud, reaches: Float64Array): number {
  let hits = 0;
  for (let i = 0; i < points.count; i++)
    for (let j = 0; j < others.count; j++)
      if (squareDistance(points, i, others, j) <= (reaches[j] as number)) {
        hits++;
        break;
      }
  return hits / points.count;
}

/** The distance of each point to the nearest of `others`. */
export function nearestDistances(points: Points, others: Points): Float64Array {
  const [from, to] = cloudsOf("nearestDistances", points, others);
  return Float64Array.from({ length: from.count }, (_, i) => {
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < to.count; j++) least = Math.min(least, squareDistance(from, i, to, j));
    return Math.sqrt(least);
  });
}

/**
 * How much samples copy what was trained on: the chance that a sample is nearer to its nearest training example
 * than a held-out example is to its own. 1/2: as near as fresh data; 1: copies. Throws where a cloud has no point or
 * another dimension. Meehan, Chaudhuri and Dasgupta 2020, arXiv 2004.05675, section 2.
 */
export const memorisation = (samples: Points, training: Points, heldOut: Points): number =>
  nearerShare(nearestDistances(samples, training), nearestDistances(heldOut, training));

/** The chance that a distance of `made` is below one of `others`; equal ones count a half. */
export function nearerShare(made: Float64Array, others: Float64Array): number {
  const fresh = others.toSorted();
  let below = 0;
  for (const d of made)
    below += (fresh.length - rank(fresh, d, true) + (fresh.length - rank(fresh, d, false))) / 2;
  return below / (made.length * fresh.length);
}

/** How many of the ascending numbers lie below x, or with `upTo` at x or below it. */
function rank(ascending: Float64Array, x: number, upTo: boolean): number {
  let [lo, hi] = [0, ascending.length];
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    const v = ascending[middle] as number;
    if (v < x || (upTo && v === x)) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}
