/** x^y one by one, to one unit in the last place; NaN stays NaN. */
export function pow(x: v128, y: v128): v128 {
  const out = f32x4(
    Mathf.pow(f32x4.extract_lane(x, 0), f32x4.extract_lane(y, 0)),
    Mathf.pow(f32x4.extract_lane(x, 1), f32x4.extract_lane(y, 1)),
    Mathf.pow(f32x4.extract_lane(x, 2), f32x4.extract_lane(y, 2)),
    Mathf.pow(f32x4.extract_lane(x, 3), f32x4.extract_lane(y, 3)),
  );
  // C says 1^NaN = 1.
  return v128.bitselect(out, y, f32x4.eq(y, y));
}

/** −1, 0 or 1; NaN stays NaN. */
export function sign(x: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const out = f32x4.sub(v128.and(f32x4.gt(x, zero), one), v128.and(f32x4.lt(x, zero), one));
  return v128.bitselect(out, x, f32x4.eq(x, x));
}
