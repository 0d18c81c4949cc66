/** Sums and maxima of x [outer, axis, inner] over the middle axis, in one fixed order. NaN stays NaN. */
import { storeFirst } from "./store";

export function reduceSum(x: usize, out: usize, outer: i32, axis: i32, inner: i32): void {
  reduce(x, out, outer, axis, inner, false);
}

export function reduceMax(x: usize, out: usize, outer: i32, axis: i32, inner: i32): void {
  reduce(x, out, outer, axis, inner, true);
}

function both(a: v128, b: v128, isMax: bool): v128 {
  return isMax ? f32x4.max(a, b) : f32x4.add(a, b);
}

function reduce(x: usize, out: usize, outer: i32, axis: i32, inner: i32, isMax: bool): void {
  for (let o = 0; o < outer; o++) {
    if (inner === 1) store<f32>(out, reduceRow(x, axis, isMax));
    else if (inner < 8) reduceColumns(x, out, axis, inner, isMax);
    else reduceRows(x, out, axis, inner, isMax);
    x += <usize>axis * <usize>(inner << 2);
    out += <usize>(inner << 2);
  }
}

/** One row of n numbers, in 16 interleaved parts. */
function reduceRow(x: usize, n: i32, isMax: bool): f32 {
  const none = f32x4.splat(isMax ? -Infinity : 0);
  let s0 = none,
    s1 = none,
    s2 = none,
    s3 = none;
  for (; n >= 16; n -= 16) {
    s0 = both(s0, v128.load(x), isMax);
    s1 = both(s1, v128.load(x, 16), isMax);
    s2 = both(s2, v128.load(x, 32), isMax);
    s3 = both(s3, v128.load(x, 48), isMax);
    x += 64;
  }
  for (; n >= 4; n -= 4) {
    s0 = both(s0, v128.load(x), isMax);
    x += 16;
  }
  for (; n > 0; n--) {
    s1 = both(s1, f32x4.replace_lane(none, 0, load<f32>(x)), isMax);
    x += 4;
  }
  s0 = both(both(s0, s1, isMax), both(s2, s3, isMax), isMax);
  s0 = both(s0, i32x4.shuffle(s0, s0, 2, 3, 0, 1), isMax);
  s0 = both(s0, i32x4.shuffle(s0, s0, 1, 0, 3, 2), isMax);
  return f32x4.extract_lane(s0, 0);
}

/** The columns of x [axis, inner], a few numbers wide: column by column. */
function reduceColumns(x: usize, out: usize, axis: i32, inner: i32, isMax: bool): void {
  const step = <usize>(inner << 2);
  for (let j = 0; j < inner; j += 4) {
    let s0 = f32x4.splat(isMax ? -Infinity : 0),
      s1 = s0,
      s2 = s0,
      s3 = s0;
    let at = x + <usize>(j << 2);
    let i = 0;
    for (; i + 4 <= axis; i += 4) {
      s0 = both(s0, v128.load(at), isMax);
      s1 = both(s1, v128.load(at + step), isMax);
      s2 = both(s2, v128.load(at + 2 * step), isMax);
      s3 = both(s3, v128.load(at + 3 * step), isMax);
      at += 4 * step;
    }
    for (; i < axis; i++) {
      s0 = both(s0, v128.load(at), isMax);
      at += step;
    }
    storeFirst(out + <usize>(j << 2), both(both(s0, s1, isMax), both(s2, s3, isMax), isMax), inner - j);
  }
}

/** The columns of x [axis, inner], many numbers wide: eight rows at a time are added to `out`. */
function reduceRows(x: usize, out: usize, axis: i32, inner: i32, isMax: bool): void {
  const step = <usize>(inner << 2);
  const none = f32x4.splat(isMax ? -Infinity : 0);
  for (let i = 0; i < axis; i += 8) {
    const rows = min(8, axis - i);
    for (let j = 0; j < inner; j += 4) {
      let at = x + <usize>(j << 2);
      let s0 = none,
        s1 = none;
      let r = 0;
      for (; r + 2 <= rows; r += 2) {
        s0 = both(s0, v128.load(at), isMax);
        s1 = both(s1, v128.load(at + step), isMax);
        at += 2 * step;
      }
      if (r < rows) s0 = both(s0, v128.load(at), isMax);
      s0 = both(s0, s1, isMax);
      const to = out + <usize>(j << 2);
      storeFirst(to, i === 0 ? s0 : both(v128.load(to), s0, isMax), inner - j);
    }
    x += 8 * step;
  }
}
