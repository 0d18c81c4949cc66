/** Distances that compare all pairs of points. */
import { type Cloud, cloudsOf, type Points, squareDistance, sumOfPairs } from "./cloud.js";

/**
 * E(a, b) = 2 E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖ ≥ 0, X from a and Y from b, each with itself counted too (a
 * V-statistic); 0 only where the two are equal. Of n and m points it takes time as (n + m)². Throws where a or b has
 * no point, a number that is not finite, or points of another dimension. Székely and Rizzo 2013.
 */
export function energyDistance(a: Points, b: Points): number {
  const [x, y] = cloudsOf("energyDistance", a, b);
  const mean = (p: Cloud, q: Cloud): number => sumOfPairs(p, q, Math.sqrt) / (p.count * q.count);
  return Math.max(0, 2 * mean(x, y) - mean(x, x) - mean(y, y));
}

export interface MmdOptions {
  /** The kernel's length ℓ; default `medianHeuristic(a, b)`. */
  readonly length?: number;
  /** Without the pairs of a point with itself: of mean 0 where the two are equally distributed. Default false. */
  readonly unbiased?: boolean;
}

/**
 * MMD² = E k(X, X′) + E k(Y, Y′) − 2 E k(X, Y) with k(x, y) = exp(−‖x − y‖²/(2ℓ²)). Biased it is never negative.
 * Throws as `energyDistance`, and where `unbiased` has a single point. Gretton et al. 2012, equations 3 and 5.
 */
export function mmd(
  a: Points,
  b: Points,
  { length = medianHeuristic(a, b), unbiased = false }: MmdOptions = {},
): number {
  const [x, y] = cloudsOf("mmd", a, b);
  if (unbiased && Math.min(x.count, y.count) < 2)
    throw new Error(`mmd: unbiased takes two points at least but receives ${Math.min(x.count, y.count)}`);
  const kernel = (square: number): number => Math.exp(-square / (2 * length * length));
  const within = (p: Cloud): number => {
    const apart = sumOfPairs(p, p, kernel);
    return unbiased ? apart / (p.count * (p.count - 1)) : (apart + p.count) / p.count ** 2;
  };
  return within(x) + within(y) - (2 * sumOfPairs(x, y, kernel)) / (x.count * y.count);
}

/** Points of each cloud that the median is taken over. */
const medianOf = 500;

/** The median distance of two points of a and b together, over the first 500 of each; 1 where it is 0. */
export function medianHeuristic(a: Points, b: Points): number {
  const clouds = cloudsOf("medianHeuristic", a, b);
  const points = clouds.flatMap((cloud) =>
    Array.from({ length: Math.min(cloud.count, medianOf) }, (_, i) => [cloud, i] as const),
  );
  const squares = new Float64Array((points.length * (points.length - 1)) / 2);
  let at = 0;
  points.forEach(([p, i], k) => {
    for (let l = 0; l < k; l++) {
      const [q, j] = points[l] as readonly [Cloud, number];
      squares[at++] = squareDistance(p, i, q, j);
    }
  });
  return Math.sqrt(squares.sort()[squares.length >> 1] ?? 1) || 1;
}
