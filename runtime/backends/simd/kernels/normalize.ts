/**
 * y = (x − mean)·rate, rate = 1/√(mean (x − mean)² + ε), and its gradient dx = rate·(g − mean g − y·mean(g·y)), with
 * means over whole rows, or over groups of columns. Every part is read from memory once: what a part holds stays in the
 * caches.
 */
import { firstLanes, sumOfLanes } from "./lanes";
import { madd } from "./madd";
import { storeFirst } from "./store";

const zero: v128 = f32x4.splat(0);

/** Σ (x − shift) and Σ (x − shift)² or, with y, Σ x and Σ x·y, of a row of n: left in these two. */
let sum: f32 = 0;
let product: f32 = 0;

function sumsOfRow(x: usize, y: usize, shift: f32, n: i32): void {
  const s = f32x4.splat(shift);
  let s0 = zero;
  let s1 = zero;
  let q0 = zero;
  let q1 = zero;
  let j = n;
  for (; j >= 8; j -= 8) {
    const a = f32x4.sub(v128.load(x), s);
    const b = f32x4.sub(v128.load(x, 16), s);
    s0 = f32x4.add(s0, a);
    s1 = f32x4.add(s1, b);
    q0 = madd(a, y ? v128.load(y) : a, q0);
    q1 = madd(b, y ? v128.load(y, 16) : b, q1);
    x += 32;
    if (y) y += 32;
  }
  for (; j > 0; j -= 4) {
    const a = firstLanes(f32x4.sub(v128.load(x), s), j, zero);
    s0 = f32x4.add(s0, a);
    q0 = madd(a, y ? firstLanes(v128.load(y), j, zero) : a, q0);
    x += 16;
    if (y) y += 16;
  }
  sum = sumOfLanes(f32x4.add(s0, s1));
  product = sumOfLanes(f32x4.add(q0, q1));
}

/** Over rows of n: the rows `from` … `to` − 1. ε comes as its bits. */
export function normalizeRows(
  x: usize,
  y: usize,
  means: usize,
  rates: usize,
  n: i32,
  epsilonBits: i32,
  centred: bool,
  from: i32,
  to: i32,
): void {
  const epsilon = reinterpret<f32>(epsilonBits);
  for (let row = from; row < to; row++) {
    const at = <usize>row * <usize>(n << 2);
    let mean: f32 = 0;
    if (centred) {
      const first = load<f32>(x + at);
      sumsOfRow(x + at, 0, first, n);
      mean = first + sum / <f32>n;
    }
    sumsOfRow(x + at, 0, mean, n);
    const rate: f32 = <f32>1 / sqrt<f32>(product / <f32>n + epsilon);
    store<f32>(means + <usize>(row << 2), mean);
    store<f32>(rates + <usize>(row << 2), rate);
    const m = f32x4.splat(mean);
    const r = f32x4.splat(rate);
    for (let j = 0; j < n; j += 4) {
      const to = at + <usize>(j << 2);
      storeFirst(y + to, f32x4.mul(f32x4.sub(v128.load(x + to), m), r), n - j);
    }
  }
}

/** The gradient of `normalizeRows`. */
export function normalizeRowsGradient(
  g: usize,
  y: usize,
  rates: usize,
  out: usize,
  n: i32,
  centred: bool,
  from: i32,
  to: i32,
): void {
  for (let row = from; row < to; row++) {
    const at = <usize>row * <usize>(n << 2);
    sumsOfRow(g + at, y + at, 0, n);
    const mean = f32x4.splat(centred ? sum / <f32>n : 0);
    const along = f32x4.splat(product / <f32>n);
    const rate = v128.load32_splat(rates + <usize>(row << 2));
    for (let j = 0; j < n; j += 4) {
      const to = at + <usize>(j << 2);
      const rest = f32x4.sub(f32x4.sub(v128.load(g + to), mean), f32x4.mul(v128.load(y + to), along));
      storeFirst(out + to, f32x4.mul(rate, rest), n - j);
    }
  }
}
