/** Logarithms, four at a time, to about one part in 10⁷. */
import { madd } from "./madd";

/**
 * log x = e·ln 2 + log(1 + f) with 1 + f between √½ and √2. −∞ at 0, NaN below.
 */
export function log(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const y = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny);
  const e = exponent(y);
  const shift = v128.and(tiny, f32x4.splat(23));
  let out = logOfOnePlus(fraction(y, e), f32x4.sub(f32x4.convert_i32x4_s(e), shift));
  const zero = f32x4.splat(0);
  out = v128.bitselect(f32x4.splat(-Infinity), out, f32x4.eq(x, zero));
  out = v128.bitselect(f32x4.splat(NaN), out, f32x4.lt(x, zero));
  return v128.bitselect(out, x, f32x4.lt(x, f32x4.splat(Infinity)));
}

/** n with x/2ⁿ between √½ and √2, for normal x > 0. */
export function exponent(x: v128): v128 {
  return i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
}

/** x/2ⁿ − 1 */
export function fraction(x: v128, n: v128): v128 {
  return f32x4.sub(i32x4.sub(x, i32x4.shl(n, 23)), f32x4.splat(1));
}

/** log(1 + f) + e·ln 2 for √½ ≤ 1 + f ≤ √2 (Cephes, logf). */
export function logOfOnePlus(f: v128, e: v128): v128 {
  const z = f32x4.mul(f, f);
  let p = f32x4.splat(7.0376836292e-2);
  p = madd(p, f, f32x4.splat(-1.151461031e-1));
  p = madd(p, f, f32x4.splat(1.167699874e-1));
  p = madd(p, f, f32x4.splat(-1.2420140846e-1));
  p = madd(p, f, f32x4.splat(1.4249322787e-1));
  p = madd(p, f, f32x4.splat(-1.6668057665e-1));
  p = madd(p, f, f32x4.splat(2.0000714765e-1));
  p = madd(p, f, f32x4.splat(-2.4999993993e-1));
  p = madd(p, f, f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(f, z), p);
  y = madd(e, f32x4.splat(-2.1219444e-4), y);
  y = madd(f32x4.splat(-0.5), z, y);
  return madd(e, f32x4.splat(0.693359375), f32x4.add(f, y));
}

/** log u for normal u > 0 and finite. */
function logOfNormal(u: v128): v128 {
  const e = exponent(u);
  return logOfOnePlus(fraction(u, e), f32x4.convert_i32x4_s(e));
}

/** log(1 + x) for 0 ≤ x ≤ 1: with u the rounded 1 + x it is log(u)·x/(u − 1) (Kahan). */
export function log1p(x: v128): v128 {
  const one = f32x4.splat(1);
  const u = f32x4.add(one, x);
  const exact = f32x4.div(f32x4.mul(logOfNormal(u), x), f32x4.sub(u, one));
  return v128.bitselect(x, exact, f32x4.eq(u, one));
}
