import { madd } from "./madd";
import { storeFirst } from "./store";

/**
 * C[m, n] = a·B for few m or few k, as sums of B's rows: C[i] = Σ_p a[i, p]·B[p]. a[i, p] lies at
 * a + i·rowStride + p·columnStride bytes, the rows of B and C so far apart as their strides say. Up to four rows of B are taken at a time, so that C is read and written
 * k/4 times.
 */
export function sumOfRows(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  bStride: usize,
  c: usize,
  cStride: usize,
  m: i32,
  n: i32,
  k: i32,
): void {
  for (let p = 0; p < k; p += 4) {
    const count = min(4, k - p);
    for (let i = 0; i < m; i++)
      addRows(a + <usize>i * rowStride, columnStride, b, bStride, c + <usize>i * cStride, n, count, p > 0);
    a += 4 * columnStride;
    b += 4 * bStride;
  }
}

/** c = (c if `accumulate`) + Σ_{q<count} a[q]·b[q] over rows of n, count from 1 to 4. */
function addRows(
  a: usize,
  aStride: usize,
  b: usize,
  b1: usize,
  c: usize,
  n: i32,
  count: i32,
  accumulate: bool,
): void {
  const b2 = b1 + b1;
  const b3 = b2 + b1;
  const a0 = v128.load32_splat(a);
  const a1 = count > 1 ? v128.load32_splat(a + aStride) : a0;
  const a2 = count > 2 ? v128.load32_splat(a + 2 * aStride) : a0;
  const a3 = count > 3 ? v128.load32_splat(a + 3 * aStride) : a0;
  let j = n;
  for (; j >= 16; j -= 16) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    if (accumulate) {
      s0 = v128.load(c);
      s1 = v128.load(c, 16);
      s2 = v128.load(c, 32);
      s3 = v128.load(c, 48);
    }
    s0 = madd(a0, v128.load(b), s0);
    s1 = madd(a0, v128.load(b, 16), s1);
    s2 = madd(a0, v128.load(b, 32), s2);
    s3 = madd(a0, v128.load(b, 48), s3);
    if (count > 1) {
      s0 = madd(a1, v128.load(b + b1), s0);
      s1 = madd(a1, v128.load(b + b1, 16), s1);
      s2 = madd(a1, v128.load(b + b1, 32), s2);
      s3 = madd(a1, v128.load(b + b1, 48), s3);
    }
    if (count > 2) {
      s0 = madd(a2, v128.load(b + b2), s0);
      s1 = madd(a2, v128.load(b + b2, 16), s1);
      s2 = madd(a2, v128.load(b + b2, 32), s2);
      s3 = madd(a2, v128.load(b + b2, 48), s3);
    }
    if (count > 3) {
      s0 = madd(a3, v128.load(b + b3), s0);
      s1 = madd(a3, v128.load(b + b3, 16), s1);
      s2 = madd(a3, v128.load(b + b3, 32), s2);
      s3 = madd(a3, v128.load(b + b3, 48), s3);
    }
    v128.store(c, s0);
    v128.store(c, s1, 16);
    v128.store(c, s2, 32);
    v128.store(c, s3, 48);
    b += 64;
    c += 64;
  }
  for (; j > 0; j -= 4) {
    let sum = accumulate ? v128.load(c) : f32x4.splat(0);
    sum = madd(a0, v128.load(b), sum);
    if (count > 1) sum = madd(a1, v128.load(b + b1), sum);
    if (count > 2) sum = madd(a2, v128.load(b + b2), sum);
    if (count > 3) sum = madd(a3, v128.load(b + b3), sum);
    storeFirst(c, sum, j);
    b += 16;
    c += 16;
  }
}

/**
 * out[i, j] = Σ_p x[i, p]·y[j, p] for few y: dot products of rows of k numbers, four x at a time. The result lies at
 * out + i·rowStride + j·columnStride bytes.
 */
export function dots(
  x: usize,
  y: usize,
  out: usize,
  rowStride: usize,
  columnStride: usize,
  rows: i32,
  columns: i32,
  k: i32,
): void {
  const bytes = <usize>(k << 2);
  const last = x + <usize>(rows - 1) * bytes;
  for (let i = 0; i < rows; i += 4) {
    const x1 = min(x + bytes, last);
    const x2 = min(x1 + bytes, last);
    const x3 = min(x2 + bytes, last);
    for (let j = 0; j < columns; j++) {
      const sum = dot4(x, x1, x2, x3, y + <usize>j * bytes, k);
      const to = out + <usize>j * columnStride;
      v128.store32_lane(to, sum, 0);
      if (rows - i > 1) v128.store32_lane(to + rowStride, sum, 1);
      if (rows - i > 2) v128.store32_lane(to + 2 * rowStride, sum, 2);
      if (rows - i > 3) v128.store32_lane(to + 3 * rowStride, sum, 3);
    }
    x += 4 * bytes;
    out += 4 * rowStride;
  }
}

/** The dot products of four rows with one. */
function dot4(x0: usize, x1: usize, x2: usize, x3: usize, y: usize, k: i32): v128 {
  let s0 = f32x4.splat(0),
    s1 = s0,
    s2 = s0,
    s3 = s0;
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    const at = <usize>(p << 2);
    const v = v128.load(y + at);
    s0 = madd(v128.load(x0 + at), v, s0);
    s1 = madd(v128.load(x1 + at), v, s1);
    s2 = madd(v128.load(x2 + at), v, s2);
    s3 = madd(v128.load(x3 + at), v, s3);
  }
  for (; p < k; p++) {
    const at = <usize>(p << 2);
    const v = v128.load32_zero(y + at);
    s0 = madd(v128.load32_zero(x0 + at), v, s0);
    s1 = madd(v128.load32_zero(x1 + at), v, s1);
    s2 = madd(v128.load32_zero(x2 + at), v, s2);
    s3 = madd(v128.load32_zero(x3 + at), v, s3);
  }
  const s01 = f32x4.add(i32x4.shuffle(s0, s1, 0, 4, 1, 5), i32x4.shuffle(s0, s1, 2, 6, 3, 7));
  const s23 = f32x4.add(i32x4.shuffle(s2, s3, 0, 4, 1, 5), i32x4.shuffle(s2, s3, 2, 6, 3, 7));
  return f32x4.add(i64x2.shuffle(s01, s23, 0, 2), i64x2.shuffle(s01, s23, 1, 3));
}
