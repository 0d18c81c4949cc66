/**
 * The one-dimensional transforms of Winograd's F(4, 3): four outputs of a convolution with three taps g, from six
 * inputs d, by six products: y = Aᵀ[(G·g)·(Bᵀ·d)] (arXiv:1509.09308). The points are 0, ±a, ±b and ∞ with a = 3/4,
 * b = 3/2, whose errors are half of those of 1 and 2. Each reads vectors of four channels and writes `step` bytes
 * apart; a transform of a patch is one of its columns, then one of its rows.
 */
import { madd } from "./madd";

// The constants lie in memory, where the machine repeats them as it reads them: see `exp.ts`.
const a: f32 = 0.75;
const b: f32 = 1.5;
const a2: f32 = a * a;
const b2: f32 = b * b;
/** 1/Π (a − other points), 1/Π (b − other points) and 1/(a²b²). */
const forA: f32 = 1 / (2 * a2 * (a2 - b2));
const forB: f32 = 1 / (2 * b2 * (b2 - a2));
const for0: f32 = 1 / (a2 * b2);
const byA2B2 = memory.data<f32>([a2 * b2]);
const byMinusA2B2 = memory.data<f32>([-a2 - b2]);
const byMinusB2 = memory.data<f32>([-b2]);
const byA = memory.data<f32>([a]);
const byMinusA2 = memory.data<f32>([-a2]);
const byB = memory.data<f32>([b]);
const byA2 = memory.data<f32>([a2]);
const byB2 = memory.data<f32>([b2]);
const byA3 = memory.data<f32>([a2 * a]);
const byB3 = memory.data<f32>([b2 * b]);
const by0 = memory.data<f32>([for0]);
const byForA = memory.data<f32>([forA]);
const byAForA = memory.data<f32>([a * forA]);
const byMinusAForA = memory.data<f32>([-a * forA]);
const byForB = memory.data<f32>([forB]);
const byBForB = memory.data<f32>([b * forB]);
const byMinusBForB = memory.data<f32>([-b * forB]);
const byA2ForA = memory.data<f32>([a2 * forA]);
const byB2ForB = memory.data<f32>([b2 * forB]);

function times(x: v128, factor: usize): v128 {
  return f32x4.mul(x, v128.load32_splat(factor));
}

/** x·factor + y */
function plus(x: v128, factor: usize, y: v128): v128 {
  return madd(x, v128.load32_splat(factor), y);
}

// biome-ignore lint/complexity/noStaticOnlyClass: only methods can be told to be written out where they are used
export class Line {
  /** Bᵀ: 6 → 6 */
  @inline
  static input(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, to: usize, step: usize): void {
    v128.store(to, plus(d0, byA2B2, plus(d2, byMinusA2B2, d4)));
    const evenA = plus(d2, byMinusB2, d4);
    const oddA = times(plus(d1, byMinusB2, d3), byA);
    v128.store(to + step, f32x4.add(evenA, oddA));
    v128.store(to + 2 * step, f32x4.sub(evenA, oddA));
    const evenB = plus(d2, byMinusA2, d4);
    const oddB = times(plus(d1, byMinusA2, d3), byB);
    v128.store(to + 3 * step, f32x4.add(evenB, oddB));
    v128.store(to + 4 * step, f32x4.sub(evenB, oddB));
    v128.store(to + 5 * step, plus(d1, byA2B2, plus(d3, byMinusA2B2, d5)));
  }

  /** Aᵀ: 6 → 4 */
  @inline
  static output(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize, step: usize): void {
    const evenA = f32x4.add(m1, m2);
    const oddA = f32x4.sub(m1, m2);
    const evenB = f32x4.add(m3, m4);
    const oddB = f32x4.sub(m3, m4);
    v128.store(to, f32x4.add(m0, f32x4.add(evenA, evenB)));
    v128.store(to + step, plus(oddA, byA, times(oddB, byB)));
    v128.store(to + 2 * step, plus(evenA, byA2, times(evenB, byB2)));
    v128.store(to + 3 * step, plus(oddA, byA3, plus(oddB, byB3, m5)));
  }

  /** A: 4 → 6, from the outputs' gradient. */
  @inline
  static outputGradient(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, step: usize): void {
    v128.store(to, y0);
    const evenA = plus(y2, byA2, y0);
    const oddA = times(plus(y3, byA2, y1), byA);
    v128.store(to + step, f32x4.add(evenA, oddA));
    v128.store(to + 2 * step, f32x4.sub(evenA, oddA));
    const evenB = plus(y2, byB2, y0);
    const oddB = times(plus(y3, byB2, y1), byB);
    v128.store(to + 3 * step, f32x4.add(evenB, oddB));
    v128.store(to + 4 * step, f32x4.sub(evenB, oddB));
    v128.store(to + 5 * step, y3);
  }

  /** G: 3 → 6 */
  @inline
  static filter(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
    v128.store(to, times(g0, by0));
    const evenA = times(plus(g2, byA2, g0), byForA);
    v128.store(to + step, plus(g1, byAForA, evenA));
    v128.store(to + 2 * step, plus(g1, byMinusAForA, evenA));
    const evenB = times(plus(g2, byB2, g0), byForB);
    v128.store(to + 3 * step, plus(g1, byBForB, evenB));
    v128.store(to + 4 * step, plus(g1, byMinusBForB, evenB));
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
    v128.store(to, plus(u0, by0, plus(evenA, byForA, times(evenB, byForB))));
    v128.store(to + step, plus(oddA, byAForA, times(oddB, byBForB)));
    v128.store(to + 2 * step, plus(evenA, byA2ForA, plus(evenB, byB2ForB, u5)));
  }
}
