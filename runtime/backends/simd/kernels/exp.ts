/** eˣ and what is made of it, four at a time, to about one part in 10⁷. Elementwise functions have their own: `inline.ts`. */

import { log1p } from "./log";
import { madd } from "./madd";

// Numbers lie in memory, where the machine repeats them as it reads them: in code, a vector takes several instructions.
const least = memory.data<f32>([-104]);
const most = memory.data<f32>([89]);
/** 1.5·2²³: adding it rounds to an integer and leaves it in the low bits. */
const roundShift = memory.data<f32>([12582912]);
const log2e = memory.data<f32>([Mathf.LOG2E]);
const ln2High = memory.data<f32>([-0.693359375]);
const ln2Low = memory.data<f32>([2.1219444e-4]);
const p5 = memory.data<f32>([1.98756915e-4]);
const p4 = memory.data<f32>([1.3981999507e-3]);
const p3 = memory.data<f32>([8.3334519073e-3]);
const p2 = memory.data<f32>([4.1665795894e-2]);
const p1 = memory.data<f32>([1.6666665459e-1]);
const p0 = memory.data<f32>([0.5]);
const one = memory.data<f32>([1]);
/** The bits of 1, and those of `roundShift` less 127. */
const bias = memory.data<i32>([127]);
const shiftBits = memory.data<i32>([0x4b400000]);

function splat(number: usize): v128 {
  return v128.load32_splat(number);
}

/** round(x/ln 2) + `roundShift` for x in the range of eˣ. */
function quotient(x: v128): v128 {
  return madd(x, splat(log2e), splat(roundShift));
}

/** e^r with r = x − n·ln 2, |r| ≤ ln 2/2, ln 2 taken in two parts, by a polynomial (Cephes, expf). */
function rest(x: v128, shifted: v128): v128 {
  const n = f32x4.sub(shifted, splat(roundShift));
  const r = madd(n, splat(ln2Low), madd(n, splat(ln2High), x));
  let p = madd(splat(p5), r, splat(p4));
  p = madd(p, r, splat(p3));
  p = madd(p, r, splat(p2));
  p = madd(p, r, splat(p1));
  p = madd(p, r, splat(p0));
  return madd(p, f32x4.mul(r, r), f32x4.add(r, splat(one)));
}

/** 2ⁿ for −126 ≤ n ≤ 127. */
function power2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, splat(bias)), 23);
}

/** eˣ = 2ⁿ·e^r; 2ⁿ comes in two factors, so that results below 2⁻¹²⁶ are right too. */
export function exp(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, splat(least)), splat(most));
  const shifted = quotient(x);
  const k = i32x4.sub(shifted, splat(shiftBits));
  const half = i32x4.shr_s(k, 1);
  return f32x4.mul(f32x4.mul(rest(x, shifted), power2(half)), power2(i32x4.sub(k, half)));
}

/** max(x, 0) + log(1 + e^(−|x|)) */
export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
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
