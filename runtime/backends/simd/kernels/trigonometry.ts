/** Sines and cosines, four at a time. */
import { madd } from "./madd";

/** Beyond it the angle is reduced one by one, by enough digits of π. */
const largest: f32 = 1e8;

export function sin(x: v128): v128 {
  if (!anyLarge(x)) return sinOfQuarters(x, 0);
  for (let lane = 0; lane < 4; lane++) x = rotate(x, <f32>Math.sin(f32x4.extract_lane(x, 0)));
  return x;
}

/** cos x = sin(x + π/2) */
export function cos(x: v128): v128 {
  if (!anyLarge(x)) return sinOfQuarters(x, 1);
  for (let lane = 0; lane < 4; lane++) x = rotate(x, <f32>Math.cos(f32x4.extract_lane(x, 0)));
  return x;
}

/** The lanes 1, 2, 3 of x, then `next`: after four times all lanes are new and in their places. */
function rotate(x: v128, next: f32): v128 {
  return f32x4.replace_lane(i32x4.shuffle(x, x, 1, 2, 3, 0), 3, next);
}

function anyLarge(x: v128): bool {
  return v128.any_true(f32x4.gt(f32x4.abs(x), f32x4.splat(largest)));
}

/** sin(x + shift·π/2), reduced in float64: x = n·π/2 + r. */
function sinOfQuarters(x: v128, shift: i32): v128 {
  const low = f64x2.promote_low_f32x4(x);
  const high = f64x2.promote_low_f32x4(i32x4.shuffle(x, x, 2, 3, 2, 3));
  const nLow = f64x2.nearest(f64x2.mul(low, f64x2.splat(0.6366197723675814)));
  const nHigh = f64x2.nearest(f64x2.mul(high, f64x2.splat(0.6366197723675814)));
  const r = i64x2.shuffle(
    f32x4.demote_f64x2_zero(rest(low, nLow)),
    f32x4.demote_f64x2_zero(rest(high, nHigh)),
    0,
    2,
  );
  const n = i64x2.shuffle(i32x4.trunc_sat_f64x2_s_zero(nLow), i32x4.trunc_sat_f64x2_s_zero(nHigh), 0, 2);
  return sinOfQuarter(r, i32x4.add(n, i32x4.splat(shift)));
}

/** x − n·π/2, π/2 in two parts of which the first has 25 bits, so that its product with n is exact. */
function rest(x: v128, n: v128): v128 {
  const first = f64x2.sub(x, f64x2.mul(n, f64x2.splat(1.5707963109016418)));
  return f64x2.sub(first, f64x2.mul(n, f64x2.splat(1.5893254773528196e-8)));
}

/** sin(r + n·π/2) for |r| ≤ π/4 (Cephes, sinf and cosf). */
function sinOfQuarter(r: v128, n: v128): v128 {
  const z = f32x4.mul(r, r);
  let s = f32x4.splat(-1.9515295891e-4);
  s = madd(s, z, f32x4.splat(8.3321608736e-3));
  s = madd(s, z, f32x4.splat(-1.6666654611e-1));
  s = madd(f32x4.mul(s, z), r, r);
  let c = f32x4.splat(2.443315711809948e-5);
  c = madd(c, z, f32x4.splat(-1.388731625493765e-3));
  c = madd(c, z, f32x4.splat(4.166664568298827e-2));
  c = madd(f32x4.mul(c, z), z, madd(f32x4.splat(-0.5), z, f32x4.splat(1)));
  const odd = i32x4.shr_s(i32x4.shl(n, 31), 31);
  // Bit 1 of n is the sign.
  return v128.xor(v128.bitselect(c, s, odd), i32x4.shl(i32x4.shr_u(n, 1), 31));
}
