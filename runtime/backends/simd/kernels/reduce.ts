/**
 * Sums and maxima of x [outer, axis, inner] over the middle axis, in one fixed order. NaN stays NaN. Of the inner
 * numbers only `first` … `first + count − 1` are computed, which must be all where there are less than 8.
 */
import { storeFirst } from "./store";

/** What the generic functions below compute, told apart when they are compiled: by a type that is a float or not. */
type Sum = f32;
type Max = i32;

export function reduceSum(
  x: usize,
  out: usize,
  outer: i32,
  axis: i32,
  inner: i32,
  first: i32,
  count: i32,
): void {
  reduce<Sum>(x, out, outer, axis, inner, first, count);
}

export function reduceMax(
  x: usize,
  out: usize,
  outer: i32,
  axis: i32,
  inner: i32,
  first: i32,
  count: i32,
): void {
  reduce<Max>(x, out, outer, axis, inner, first, count);
}

function both<K>(a: v128, b: v128): v128 {
  return isFloat<K>() ? f32x4.add(a, b) : f32x4.max(a, b);
}

/** What changes nothing. */
function none<K>(): v128 {
  return isFloat<K>() ? f32x4.splat(0) : f32x4.splat(-Infinity);
}

function reduce<K>(x: usize, out: usize, outer: i32, axis: i32, inner: i32, first: i32, count: i32): void {
  const width = <usize>(inner << 2);
  const skipped = <usize>(first << 2);
  for (let o = 0; o < outer; o++) {
    if (inner === 1) store<f32>(out, reduceRow<K>(x, axis));
    else if (inner < 8) reduceColumns<K>(x, out, axis, inner);
    else reduceRows<K>(x + skipped, out + skipped, axis, count, width);
    x += <usize>axis * width;
    out += width;
  }
}

/** One row of n numbers, in 16 interleaved parts. */
function reduceRow<K>(x: usize, n: i32): f32 {
  let s0 = none<K>();
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; n >= 16; n -= 16) {
    s0 = both<K>(s0, v128.load(x));
    s1 = both<K>(s1, v128.load(x, 16));
    s2 = both<K>(s2, v128.load(x, 32));
    s3 = both<K>(s3, v128.load(x, 48));
    x += 64;
  }
  for (; n >= 4; n -= 4) {
    s0 = both<K>(s0, v128.load(x));
    x += 16;
  }
  for (; n > 0; n--) {
    s1 = both<K>(s1, f32x4.replace_lane(none<K>(), 0, load<f32>(x)));
    x += 4;
  }
  s0 = both<K>(both<K>(s0, s1), both<K>(s2, s3));
  s0 = both<K>(s0, i32x4.shuffle(s0, s0, 2, 3, 0, 1));
  s0 = both<K>(s0, i32x4.shuffle(s0, s0, 1, 0, 3, 2));
  return f32x4.extract_lane(s0, 0);
}

/** The columns of x [axis, inner], a few numbers wide: four columns at a time. */
function reduceColumns<K>(x: usize, out: usize, axis: i32, inner: i32): void {
  const step = <usize>(inner << 2);
  for (let j = 0; j < inner; j += 4) {
    let s0 = none<K>();
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let at = x + <usize>(j << 2);
    let i = 0;
    for (; i + 4 <= axis; i += 4) {
      s0 = both<K>(s0, v128.load(at));
      s1 = both<K>(s1, v128.load(at + step));
      s2 = both<K>(s2, v128.load(at + 2 * step));
      s3 = both<K>(s3, v128.load(at + 3 * step));
      at += 4 * step;
    }
    for (; i < axis; i++) {
      s0 = both<K>(s0, v128.load(at));
      at += step;
    }
    storeFirst(out + <usize>(j << 2), both<K>(both<K>(s0, s1), both<K>(s2, s3)), inner - j);
  }
}

/** Columns of x, rows `step` bytes apart, many numbers wide: eight rows at a time go into `out`. */
function reduceRows<K>(x: usize, out: usize, axis: i32, inner: i32, step: usize): void {
  let i = 0;
  for (; i + 8 <= axis; i += 8) {
    let at = x;
    let to = out;
    for (let j = inner; j > 0; j -= 4) {
      const r4 = at + 4 * step;
      const s01 = both<K>(v128.load(at), v128.load(at + step));
      const s23 = both<K>(v128.load(at + 2 * step), v128.load(at + 3 * step));
      const s45 = both<K>(v128.load(r4), v128.load(r4 + step));
      const s67 = both<K>(v128.load(r4 + 2 * step), v128.load(r4 + 3 * step));
      let sum = both<K>(both<K>(s01, s23), both<K>(s45, s67));
      if (i > 0) sum = both<K>(v128.load(to), sum);
      storeFirst(to, sum, j);
      at += 16;
      to += 16;
    }
    x += 8 * step;
  }
  for (; i < axis; i++) {
    for (let j = 0; j < inner; j += 4) {
      const to = out + <usize>(j << 2);
      const row = v128.load(x + <usize>(j << 2));
      storeFirst(to, i > 0 ? both<K>(v128.load(to), row) : row, inner - j);
    }
    x += step;
  }
}
