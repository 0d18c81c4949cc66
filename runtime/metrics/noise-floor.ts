/** What a metric gives where there is nothing to find. */

/** The mean and the standard deviation of a metric between two fresh samples of the same data, over some pairs. */
export interface NoiseFloor {
  readonly mean: number;
  readonly sd: number;
}

/**
 * A metric of samples is to be read beside this: of `repeats` (default 5) pairs of fresh samples, `fresh(seed)` for
 * seeds that differ, the mean and sd of `metric`.
 */
export function noiseFloor<T>(
  metric: (a: T, b: T) => number,
  fresh: (seed: number) => T,
  { repeats = 5, seed = 0 } = {},
): NoiseFloor {
  const values = Array.from({ length: repeats }, (_, i) =>
    metric(fresh(seed + 2 * i), fresh(seed + 2 * i + 1)),
  );
  const mean = values.reduce((sum, v) => sum + v, 0) / repeats;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / Math.max(1, repeats - 1);
  return { mean, sd: Math.sqrt(variance) };
}
