/**
 * `normalize` of x [outer, rows, groups, width] over rows and width, and its gradient. A part is one of `outer` and as
 * many groups as make 16 columns, at least one; its columns are summed side by side, each about its first number, so
 * that a mean far from 0 costs no digits, and then taken together: Σ (x − mean)² is the sum of the columns' own and
 * of rows·(mean of the column − mean)² (Chan, Golub and LeVeque 1983).
 */
import { madd } from "./madd";
import { storeFirst } from "./store";

/** Columns whose sums stay in registers. */
const block: i32 = 16;
/** Rows that are added up before they are added to the rest, so that sums of many rows keep their digits. */
const blockRows: i32 = 128;

/** The groups of one part. */
function groupsOf(width: i32): i32 {
  return max(1, block / width);
}

/** The parts of one of `outer`. */
export function normalizeParts(groups: i32, width: i32): i32 {
  return (groups + groupsOf(width) - 1) / groupsOf(width);
}

/** The bytes that these kernels need at `scratch`. */
export function normalizeScratch(width: i32): usize {
  return 3 * columnBytes(width);
}

/** Of one number for each column of a part, in whole blocks. */
function columnBytes(width: i32): usize {
  return <usize>((groupsOf(width) * width + block) << 2);
}

/**
 * Sums of up to 16 columns of `rows` rows, `stride` bytes apart: Σ (x − first row) and Σ (x − first row)²; or Σ x and
 * Σ x·y where y is given.
 */
function sumColumns(
  x: usize,
  y: usize,
  shifted: bool,
  stride: usize,
  rows: i32,
  sums: usize,
  products: usize,
): void {
  const f0 = shifted ? v128.load(x) : f32x4.splat(0);
  const f1 = shifted ? v128.load(x, 16) : f32x4.splat(0);
  const f2 = shifted ? v128.load(x, 32) : f32x4.splat(0);
  const f3 = shifted ? v128.load(x, 48) : f32x4.splat(0);
  memory.fill(sums, 0, 64);
  memory.fill(products, 0, 64);
  for (let i = 0; i < rows; i += blockRows) {
    let s0 = f32x4.splat(0),
      s1 = s0,
      s2 = s0,
      s3 = s0,
      q0 = s0,
      q1 = s0,
      q2 = s0,
      q3 = s0;
    for (let r = min(blockRows, rows - i); r > 0; r--) {
      const a0 = f32x4.sub(v128.load(x), f0);
      const a1 = f32x4.sub(v128.load(x, 16), f1);
      const a2 = f32x4.sub(v128.load(x, 32), f2);
      const a3 = f32x4.sub(v128.load(x, 48), f3);
      s0 = f32x4.add(s0, a0);
      s1 = f32x4.add(s1, a1);
      s2 = f32x4.add(s2, a2);
      s3 = f32x4.add(s3, a3);
      if (y) {
        q0 = madd(a0, v128.load(y), q0);
        q1 = madd(a1, v128.load(y, 16), q1);
        q2 = madd(a2, v128.load(y, 32), q2);
        q3 = madd(a3, v128.load(y, 48), q3);
        y += stride;
      } else {
        q0 = madd(a0, a0, q0);
        q1 = madd(a1, a1, q1);
        q2 = madd(a2, a2, q2);
        q3 = madd(a3, a3, q3);
      }
      x += stride;
    }
    addTo(sums, s0, s1, s2, s3);
    addTo(products, q0, q1, q2, q3);
  }
}

function addTo(to: usize, v0: v128, v1: v128, v2: v128, v3: v128): void {
  v128.store(to, f32x4.add(v128.load(to), v0));
  v128.store(to, f32x4.add(v128.load(to, 16), v1), 16);
  v128.store(to, f32x4.add(v128.load(to, 32), v2), 32);
  v128.store(to, f32x4.add(v128.load(to, 48), v3), 48);
}

/** Gives every column of group g the number v. */
function spread(to: usize, g: i32, width: i32, v: f32): void {
  for (let j = g * width; j < (g + 1) * width; j++) store<f32>(to + <usize>(j << 2), v);
}

/** The parts `from` … `to` − 1 of outer·normalizeParts. ε comes as its bits. */
export function normalizeColumns(
  x: usize,
  y: usize,
  means: usize,
  rates: usize,
  rows: i32,
  groups: i32,
  width: i32,
  epsilonBits: i32,
  centred: bool,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  const epsilon = <f64>reinterpret<f32>(epsilonBits);
  const stride = <usize>((groups * width) << 2);
  const parts = normalizeParts(groups, width);
  const sums = scratch;
  const products = sums + columnBytes(width);
  for (let part = from; part < to; part++) {
    const o = part / parts;
    const first = (part % parts) * groupsOf(width);
    const own = min(groupsOf(width), groups - first);
    const at = <usize>(o * rows) * stride + <usize>((first * width) << 2);
    for (let j = 0; j < own * width; j += block) {
      const column = <usize>(j << 2);
      sumColumns(x + at + column, 0, centred, stride, rows, sums + column, products + column);
    }
    for (let g = 0; g < own; g++) {
      const columns = <usize>((g * width) << 2);
      const firstRow = x + at + columns;
      const mean = centred ? meanOfColumns(firstRow, sums + columns, width, rows) : 0;
      const squares = squaresOfColumns(
        firstRow,
        sums + columns,
        products + columns,
        width,
        rows,
        mean,
        centred,
      );
      const rate = <f32>(1 / Math.sqrt(squares / (<f64>rows * <f64>width) + epsilon));
      const out = <usize>((o * groups + first + g) << 2);
      store<f32>(means + out, <f32>mean);
      store<f32>(rates + out, rate);
      spread(sums, g, width, <f32>mean);
      spread(products, g, width, rate);
    }
    for (let j = 0; j < own * width; j += 4) {
      const column = <usize>(j << 2);
      const m = v128.load(sums + column);
      const r = v128.load(products + column);
      let a = at + column;
      for (let i = 0; i < rows; i++) {
        storeFirst(y + a, f32x4.mul(f32x4.sub(v128.load(x + a), m), r), own * width - j);
        a += stride;
      }
    }
  }
}

function meanOfColumns(firstRow: usize, sums: usize, width: i32, rows: i32): f64 {
  let mean: f64 = 0;
  for (let j: usize = 0; j < <usize>(width << 2); j += 4)
    mean += <f64>load<f32>(firstRow + j) + <f64>load<f32>(sums + j) / <f64>rows;
  return mean / <f64>width;
}

/** Σ (x − mean)² of a group from the sums of its columns; Σ x² where it is not centred. */
function squaresOfColumns(
  firstRow: usize,
  sums: usize,
  products: usize,
  width: i32,
  rows: i32,
  mean: f64,
  centred: bool,
): f64 {
  let squares: f64 = 0;
  for (let j: usize = 0; j < <usize>(width << 2); j += 4) {
    squares += <f64>load<f32>(products + j);
    if (!centred) continue;
    const shift = <f64>load<f32>(sums + j) / <f64>rows;
    const apart = <f64>load<f32>(firstRow + j) + shift - mean;
    squares += <f64>rows * (apart * apart - shift * shift);
  }
  return Math.max(squares, 0);
}

/** The gradient of `normalizeColumns`. */
export function normalizeColumnsGradient(
  g: usize,
  y: usize,
  rates: usize,
  out: usize,
  rows: i32,
  groups: i32,
  width: i32,
  centred: bool,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  const stride = <usize>((groups * width) << 2);
  const parts = normalizeParts(groups, width);
  const sums = scratch;
  const products = sums + columnBytes(width);
  const scales = products + columnBytes(width);
  for (let part = from; part < to; part++) {
    const o = part / parts;
    const first = (part % parts) * groupsOf(width);
    const own = min(groupsOf(width), groups - first);
    const at = <usize>(o * rows) * stride + <usize>((first * width) << 2);
    for (let j = 0; j < own * width; j += block) {
      const column = <usize>(j << 2);
      sumColumns(g + at + column, y + at + column, false, stride, rows, sums + column, products + column);
    }
    for (let i = 0; i < own; i++) {
      const columns = <usize>((i * width) << 2);
      const count = <f64>rows * <f64>width;
      spread(sums, i, width, centred ? <f32>(total(sums + columns, width) / count) : 0);
      spread(products, i, width, <f32>(total(products + columns, width) / count));
      spread(scales, i, width, load<f32>(rates + <usize>((o * groups + first + i) << 2)));
    }
    for (let j = 0; j < own * width; j += 4) {
      const column = <usize>(j << 2);
      const mean = v128.load(sums + column);
      const along = v128.load(products + column);
      const rate = v128.load(scales + column);
      let a = at + column;
      for (let i = 0; i < rows; i++) {
        const rest = f32x4.sub(f32x4.sub(v128.load(g + a), mean), f32x4.mul(v128.load(y + a), along));
        storeFirst(out + a, f32x4.mul(rate, rest), own * width - j);
        a += stride;
      }
    }
  }
}

function total(x: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let j: usize = 0; j < <usize>(n << 2); j += 4) sum += <f64>load<f32>(x + j);
  return sum;
}
