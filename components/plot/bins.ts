/** Counting: histograms, a blurred density of the plane, quantiles over geometric bins. */
import { column, type Points } from "./points.js";
import type { View } from "./scale.js";

/** The probability density in `bins` equal bins of [lo, hi]: counts / (n · width). Values outside are counted in n alone. */
export function histogram(values: ArrayLike<number>, lo: number, hi: number, bins: number): Float64Array {
  const out = new Float64Array(bins);
  const unit = bins / (values.length * (hi - lo) || 1);
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    const k = v === hi ? bins - 1 : Math.floor(((v - lo) / (hi - lo)) * bins);
    if (k >= 0 && k < bins) out[k] = (out[k] as number) + unit;
  }
  return out;
}

/**
 * The density of points of the plane on a grid of side `size` over the view, row 0 on top: counts blurred by a
 * Gaussian of `sigma` cells, scaled so that the greatest is 1.
 */
export function densityGrid(points: Points, view: View, size: number, sigma: number): Float32Array {
  const [a, b] = [new Float32Array(size * size), new Float32Array(size * size)];
  const [xs, ys] = [column(points, 0), column(points, 1)];
  const cell = size / (2 * view.half);
  for (let i = 0; i < points.count; i++) {
    const x = Math.floor(((xs[i] as number) - view.x + view.half) * cell);
    const y = Math.floor((view.y + view.half - (ys[i] as number)) * cell);
    if (x >= 0 && y >= 0 && x < size && y < size) a[y * size + x] = (a[y * size + x] as number) + 1;
  }
  blur(a, b, size, sigma, 1, size);
  blur(b, a, size, sigma, size, 1);
  const most = a.reduce((m, v) => Math.max(m, v), 0);
  return most > 0 ? a.map((v) => v / most) : a;
}

/** One pass of a Gaussian blur: `step` lies between neighbours along the blurred axis, `stride` along the other. */
function blur(
  from: Float32Array,
  to: Float32Array,
  size: number,
  sigma: number,
  step: number,
  stride: number,
): void {
  const radius = Math.ceil(3 * sigma);
  const kernel = Float32Array.from({ length: radius + 1 }, (_, i) =>
    Math.exp((-i * i) / (2 * sigma * sigma)),
  );
  for (let line = 0; line < size; line++) {
    for (let at = 0; at < size; at++) {
      let sum = 0;
      for (let k = Math.max(-radius, -at); k <= radius && at + k < size; k++) {
        sum += (kernel[Math.abs(k)] as number) * (from[line * stride + (at + k) * step] as number);
      }
      to[line * stride + at * step] = sum;
    }
  }
}

/** The q-quantile of ascending numbers, interpolated. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = (sorted.length - 1) * q;
  const lo = sorted[Math.floor(at)] as number;
  return lo + ((sorted[Math.ceil(at)] as number) - lo) * (at - Math.floor(at));
}

/** What the steps of one bin have in common. `step` is where the bin is drawn. */
export interface LossBin {
  readonly step: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Losses by step, counted into bins whose edges grow by the factor `ratio`: mean, 10 % and 90 % quantile of each.
 * Appending costs no more than the bins that it touches. Losses that are not finite are left out.
 */
export class LossBins {
  /** Every loss appended, in order; the first `length` entries hold. */
  #values = new Float32Array(1024);
  #length = 0;
  #closed: LossBin[] = [];
  #from = 0;

  constructor(readonly ratio = 1.15) {}

  /** The number of steps. */
  get length(): number {
    return this.#length;
  }

  append(losses: ArrayLike<number>): void {
    const length = this.#length + losses.length;
    if (length > this.#values.length) {
      const grown = new Float32Array(Math.max(length, 2 * this.#values.length));
      grown.set(this.#values.subarray(0, this.#length));
      this.#values = grown;
    }
    this.#values.set(losses, this.#length);
    this.#length = length;
    for (let to = this.#next(); to <= length; to = this.#next()) {
      const bin = this.#summary(this.#from, to);
      if (bin) this.#closed.push({ ...bin, step: Math.sqrt((this.#from + 1) * to) });
      this.#from = to;
    }
  }

  /** Closed bins, then one over the latest steps: as many as the bin that is still open is wide. */
  bins(): LossBin[] {
    if (this.#from === this.#length) return [...this.#closed];
    const width = this.#next() - this.#from;
    const last = this.#summary(Math.max(0, this.#length - width), this.#length);
    return last ? [...this.#closed, { ...last, step: this.#length }] : [...this.#closed];
  }

  /** The exclusive end of the bin that begins at `#from`. */
  #next(): number {
    return Math.max(this.#from + 1, Math.floor(this.#from * this.ratio));
  }

  #summary(from: number, to: number): Omit<LossBin, "step"> | null {
    const sorted = this.#values.slice(from, to).filter(Number.isFinite).sort();
    if (sorted.length === 0) return null;
    const mean = sorted.reduce((sum, v) => sum + v, 0) / sorted.length;
    return { mean, low: quantile(sorted, 0.1), high: quantile(sorted, 0.9) };
  }
}
