/** Scales and their ticks. */

/** From a value to a place on the page. */
export type Scale = (value: number) => number;

/** x ↦ p + (x − a)/(b − a)·(q − p). */
export const linear =
  ([a, b]: readonly [number, number], [p, q]: readonly [number, number]): Scale =>
  (x) =>
    p + ((x - a) / (b - a || 1)) * (q - p);

/** The same in log x; a and b are positive, and x below the smallest positive number counts as that. */
export function log([a, b]: readonly [number, number], range: readonly [number, number]): Scale {
  const scale = linear([Math.log(a), Math.log(b)], range);
  return (x) => scale(Math.log(Math.max(x, Number.MIN_VALUE)));
}

/** About `count` multiples of 1, 2 or 5 times a power of ten in [lo, hi]. */
export function ticks(lo: number, hi: number, count: number): number[] {
  const rough = (hi - lo) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return [lo];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((m) => m * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(lo / step - 1e-9);
  const last = Math.floor(hi / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Of [lo, hi], both positive: 1, 2 and 5 times the powers of ten, or the powers alone where those exceed `count`. */
export function logTicks(lo: number, hi: number, count: number): number[] {
  const powers = Array.from(
    { length: Math.floor(Math.log10(hi)) - Math.floor(Math.log10(lo)) + 1 },
    (_, i) => Math.floor(Math.log10(lo)) + i,
  );
  const within = (multiples: readonly number[]) =>
    powers
      .flatMap((power) => multiples.map((m) => Number((m * 10 ** power).toPrecision(12))))
      .filter((v) => v >= lo * 0.9999 && v <= hi * 1.0001);
  const fine = within([1, 2, 5]);
  if (fine.length <= count) return fine;
  const coarse = within([1]);
  const stride = Math.ceil(coarse.length / count);
  return coarse.filter((_, i) => i % stride === 0);
}

/** A window on the plane with equal units on both axes: `half` units to each side of (x, y). */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly half: number;
}

/** Where a view of a square picture of side `size` puts the point (x, y); y runs upwards. */
export const place = ({ x, y, half }: View, size: number) => ({
  x: linear([x - half, x + half], [0, size]),
  y: linear([y - half, y + half], [size, 0]),
});

/** The length of the scale bar: the largest of 1, 2, 5 times a power of ten that takes at most 28 % of the view. */
export function scaleBarLength({ half }: View): number {
  const most = half * 2 * 0.28;
  const power = 10 ** Math.floor(Math.log10(most));
  return Number((power * ([5, 2, 1].find((m) => m * power <= most) ?? 1)).toPrecision(12));
}
