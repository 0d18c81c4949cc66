/** eˣ and what is made of it, four at a time, to about one part in 10⁷. */

import { log1p } from "./log";
import { madd } from "./madd";

/**
 * eˣ = 2ⁿ·e^r with n = round(x/ln 2), |r| ≤ ln 2/2, ln 2 taken in two parts; e^r by a polynomial (Cephes, expf).
 * 2ⁿ comes in two factors, so that results below 2⁻¹²⁶ are right too.
 */
export function exp(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-104)), f32x4.splat(89));
  // Adding 1.5·2²³ rounds to an integer and leaves it in the low bits.
  const shift = f32x4.splat(12582912);
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(Mathf.LOG2E)), shift);
  const n = f32x4.sub(shifted, shift);
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = madd(n, f32x4.splat(2.1219444e-4), r);
  let p = f32x4.splat(1.98756915e-4);
  p = madd(p, r, f32x4.splat(1.3981999507e-3));
  p = madd(p, r, f32x4.splat(8.3334519073e-3));
  p = madd(p, r, f32x4.splat(4.1665795894e-2));
  p = madd(p, r, f32x4.splat(1.6666665459e-1));
  p = madd(p, r, f32x4.splat(0.5));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1)));
  const k = i32x4.sub(shifted, i32x4.splat(0x4b400000));
  const half = i32x4.shr_s(k, 1);
  return f32x4.mul(f32x4.mul(p, power2(half)), power2(i32x4.sub(k, half)));
}

/** 2ⁿ for −126 ≤ n ≤ 127. */
function power2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** 1/(1 + e⁻ˣ), by e^(−|x|), which cannot overflow. */
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0)));
  return f32x4.div(numerator, f32x4.add(one, e));
}

/** x·sigmoid(x) */
export function silu(x: v128): v128 {
  return f32x4.mul(x, sigmoid(x));
}

/** max(x, 0) + log(1 + e^(−|x|)) */
export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

/** 1 − 2/(e^(2|x|) + 1) with the sign of x; an odd polynomial for |x| < 0.625 (Cephes, tanhf). */
export function tanh(x: v128): v128 {
  const one = f32x4.splat(1);
  const a = f32x4.abs(x);
  const large = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(exp(f32x4.add(a, a)), one)));
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = madd(p, z, f32x4.splat(2.06390887954e-2));
  p = madd(p, z, f32x4.splat(-5.37397155531e-2));
  p = madd(p, z, f32x4.splat(1.33314422036e-1));
  p = madd(p, z, f32x4.splat(-3.33332819422e-1));
  const small = madd(f32x4.mul(p, z), x, x);
  return v128.bitselect(small, withSign(large, x), f32x4.lt(a, f32x4.splat(0.625)));
}

/** |v| with the sign of x. */
function withSign(v: v128, x: v128): v128 {
  return v128.bitselect(x, v, i32x4.splat(0x80000000));
}

/**
 * erf x: 1 − e^q(|x|) with the sign of x beyond 0.921875, x + x·p(x²) before; coefficients by N. Juffa.
 */
export function erf(x: v128): v128 {
  const a = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let q = madd(f32x4.splat(-1.7285347e-5), a, f32x4.splat(3.83197126e-4));
  q = madd(q, z, madd(f32x4.splat(-3.88396438e-3), a, f32x4.splat(2.42546219e-2)));
  q = madd(q, a, f32x4.splat(-1.06777877e-1));
  q = madd(q, a, f32x4.splat(-6.34846687e-1));
  q = madd(q, a, f32x4.splat(-1.28717512e-1));
  q = madd(q, a, f32x4.neg(a));
  // The polynomial turns back beyond 4, where erf is 1 to the last bit.
  q = v128.bitselect(f32x4.splat(-20), q, f32x4.gt(a, f32x4.splat(4)));
  const large = withSign(f32x4.sub(f32x4.splat(1), exp(q)), x);
  let p = f32x4.splat(-5.96761703e-4);
  p = madd(p, z, f32x4.splat(4.99119423e-3));
  p = madd(p, z, f32x4.splat(-2.67681349e-2));
  p = madd(p, z, f32x4.splat(1.12819925e-1));
  p = madd(p, z, f32x4.splat(-3.76125336e-1));
  p = madd(p, z, f32x4.splat(1.28379166e-1));
  return v128.bitselect(large, madd(p, x, x), f32x4.gt(a, f32x4.splat(0.921875)));
}

/** x·(1 + erf(x/√2))/2 */
export function gelu(x: v128): v128 {
  const half = f32x4.mul(x, f32x4.splat(0.5));
  return madd(half, erf(f32x4.mul(x, f32x4.splat(Mathf.SQRT1_2))), half);
}
