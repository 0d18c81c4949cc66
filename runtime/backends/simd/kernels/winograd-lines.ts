/**
 * The one-dimensional transforms of Winograd's F(4, 3): four outputs of a convolution with three taps g, from six
 * inputs d, by six products: y = Aᵀ[(G·g)·(Bᵀ·d)] (arXiv:1509.09308). The points are 0, ±a, ±b and ∞ with a = 3/4,
 * b = 3/2, whose errors are a quarter of those of 1 and 2. Each reads vectors of four channels and writes `step` bytes
 * apart; a transform of a patch is one of its columns, then one of its rows.
 */
import { madd } from "./madd";

const a: f32 = 0.75;
const b: f32 = 1.5;
const a2: f32 = a * a;
const b2: f32 = b * b;
/** 1/Π (a − other points), 1/Π (b − other points) and 1/(a²b²). */
const forA: f32 = 1 / (2 * a2 * (a2 - b2));
const forB: f32 = 1 / (2 * b2 * (b2 - a2));
const for0: f32 = 1 / (a2 * b2);

function times(x: v128, factor: f32): v128 {
  return f32x4.mul(x, f32x4.splat(factor));
}

/** x·factor + y */
function plus(x: v128, factor: f32, y: v128): v128 {
  return madd(x, f32x4.splat(factor), y);
}

// biome-ignore lint/complexity/noStaticOnlyClass: only methods can be told to be written out where they are used
export class Line {
  /** Bᵀ: 6 → 6 */
  @inline
  static input(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, to: usize, step: usize): void {
    v128.store(to, plus(d0, a2 * b2, plus(d2, -a2 - b2, d4)));
    const evenA = plus(d2, -b2, d4);
    const oddA = plus(d1, -b2, d3);
    v128.store(to + step, plus(oddA, a, evenA));
    v128.store(to + 2 * step, plus(oddA, -a, evenA));
    const evenB = plus(d2, -a2, d4);
    const oddB = plus(d1, -a2, d3);
    v128.store(to + 3 * step, plus(oddB, b, evenB));
    v128.store(to + 4 * step, plus(oddB, -b, evenB));
    v128.store(to + 5 * step, plus(d1, a2 * b2, plus(d3, -a2 - b2, d5)));
  }

  /** Aᵀ: 6 → 4 */
  @inline
  static output(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize, step: usize): void {
    const evenA = f32x4.add(m1, m2);
    const oddA = f32x4.sub(m1, m2);
    const evenB = f32x4.add(m3, m4);
    const oddB = f32x4.sub(m3, m4);
    v128.store(to, f32x4.add(m0, f32x4.add(evenA, evenB)));
    v128.store(to + step, plus(oddA, a, times(oddB, b)));
    v128.store(to + 2 * step, plus(evenA, a2, times(evenB, b2)));
    v128.store(to + 3 * step, plus(oddA, a2 * a, plus(oddB, b2 * b, m5)));
  }

  /** A: 4 → 6, from the outputs' gradient. */
  @inline
  static outputGradient(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, step: usize): void {
    v128.store(to, y0);
    const evenA = plus(y2, a2, y0);
    const oddA = plus(y3, a2, y1);
    v128.store(to + step, plus(oddA, a, evenA));
    v128.store(to + 2 * step, plus(oddA, -a, evenA));
    const evenB = plus(y2, b2, y0);
    const oddB = plus(y3, b2, y1);
    v128.store(to + 3 * step, plus(oddB, b, evenB));
    v128.store(to + 4 * step, plus(oddB, -b, evenB));
    v128.store(to + 5 * step, y3);
  }

  /** G: 3 → 6 */
  @inline
  static filter(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
    v128.store(to, times(g0, for0));
    const evenA = times(plus(g2, a2, g0), forA);
    v128.store(to + step, plus(g1, a * forA, evenA));
    v128.store(to + 2 * step, plus(g1, -a * forA, evenA));
    const evenB = times(plus(g2, b2, g0), forB);
    v128.store(to + 3 * step, plus(g1, b * forB, evenB));
    v128.store(to + 4 * step, plus(g1, -b * forB, evenB));
    v128.store(to + 5 * step, g2);
  }

  /** Gᵀ: 6 → 3, to the filter's gradient. */
  @inline
  static filterGradient(
    u0: v128,
    u1: v128,
    u2: v128,
    u3: v128,
    u4: v128,
    u5: v128,
    to: usize,
    step: usize,
  ): void {
    const evenA = f32x4.add(u1, u2);
    const oddA = f32x4.sub(u1, u2);
    const evenB = f32x4.add(u3, u4);
    const oddB = f32x4.sub(u3, u4);
    v128.store(to, plus(u0, for0, plus(evenA, forA, times(evenB, forB))));
    v128.store(to + step, plus(oddA, a * forA, times(oddB, b * forB)));
    v128.store(to + 2 * step, plus(evenA, a2 * forA, plus(evenB, b2 * forB, u5)));
  }
}
