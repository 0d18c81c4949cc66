/**
 * y = softmax(scale·q kᵀ)·v of q [g, n, d], k [g, m, d], v [g, m, e], and its gradient. The scores of a block of queries
 * alone are held, and for the gradient computed again from l = log Σ e^(scale·q kᵀ) (arXiv:2205.14135). `causal`: query
 * i reads keys 0 … i.
 */
import { exp } from "./exp";
import { firstLanes, sumOfLanes } from "./lanes";
import { madd } from "./madd";
import { matmul, matmulParts, matmulScratch } from "./matmul";
import { softmaxRow } from "./softmax";
import { storeFirst } from "./store";

/** Scores in a block, which stays in the second cache; a block has 64 queries at least. */
const blockScores: i32 = 1 << 15;

function queriesOf(n: i32, m: i32): i32 {
  return min(n, max(64, blockScores / max(m, 1)));
}

/** The parts of `attention` for each of g. */
export function attentionParts(n: i32, m: i32): i32 {
  return (n + queriesOf(n, m) - 1) / queriesOf(n, m);
}

/** The bytes that `attention` and `attentionGradient` need at `scratch`. */
export function attentionScratch(n: i32, m: i32, d: i32, e: i32): usize {
  const rows = queriesOf(n, m);
  const wide = max(d, e);
  const products = max(
    max(matmulScratch(rows, m, wide), matmulScratch(rows, wide, m)),
    matmulScratch(m, wide, rows),
  );
  return 2 * bytesOf(rows * m) + bytesOf(m * wide) + products;
}

/** Of an array, with what may be read past its end. */
function bytesOf(numbers: i32): usize {
  return (<usize>((numbers + 31) & -16)) << 2;
}

function multiply(
  a: usize,
  b: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  transposeA: bool,
  transposeB: bool,
  scratch: usize,
): void {
  matmul(a, b, c, m, n, k, transposeA, transposeB, 0, 0, 0, matmulParts(m, n), scratch);
}

/** The parts `from` … `to` − 1 of g·attentionParts. The scale comes as its bits. */
export function attention(
  q: usize,
  k: usize,
  v: usize,
  y: usize,
  l: usize,
  n: i32,
  m: i32,
  d: i32,
  e: i32,
  scaleBits: i32,
  causal: bool,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  const scale = reinterpret<f32>(scaleBits);
  const rows = queriesOf(n, m);
  const parts = attentionParts(n, m);
  const room = scratch + bytesOf(rows * m);
  for (let part = from; part < to; part++) {
    const g = part / parts;
    const first = (part % parts) * rows;
    const count = min(rows, n - first);
    const keys = causal ? min(m, first + count) : m;
    const query = g * n + first;
    multiply(
      q + <usize>(query * d) * 4,
      k + <usize>(g * m * d) * 4,
      scratch,
      count,
      keys,
      d,
      false,
      true,
      room,
    );
    for (let i = 0; i < count; i++) {
      const row = scratch + <usize>(i * keys) * 4;
      const own = causal ? min(keys, first + i + 1) : keys;
      store<f32>(l + <usize>((query + i) << 2), softmaxRow(row, row, own, scale));
      memory.fill(row + <usize>(own << 2), 0, <usize>((keys - own) << 2));
    }
    multiply(
      scratch,
      v + <usize>(g * m * e) * 4,
      y + <usize>(query * e) * 4,
      count,
      e,
      keys,
      false,
      false,
      room,
    );
  }
}

/** Of the stacks `from` … `to` − 1 of g. */
export function attentionGradient(
  q: usize,
  k: usize,
  v: usize,
  y: usize,
  l: usize,
  dy: usize,
  dq: usize,
  dk: usize,
  dv: usize,
  n: i32,
  m: i32,
  d: i32,
  e: i32,
  scaleBits: i32,
  causal: bool,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  const scale = reinterpret<f32>(scaleBits);
  const rows = queriesOf(n, m);
  const weights = scratch;
  const slopes = weights + bytesOf(rows * m);
  const part = slopes + bytesOf(rows * m);
  const room = part + bytesOf(m * max(d, e));
  for (let g = from; g < to; g++) {
    const keysAt = k + <usize>(g * m * d) * 4;
    const valuesAt = v + <usize>(g * m * e) * 4;
    const dkAt = dk + <usize>(g * m * d) * 4;
    const dvAt = dv + <usize>(g * m * e) * 4;
    memory.fill(dkAt, 0, (<usize>(m * d)) << 2);
    memory.fill(dvAt, 0, (<usize>(m * e)) << 2);
    for (let first = 0; first < n; first += rows) {
      const count = min(rows, n - first);
      const keys = causal ? min(m, first + count) : m;
      const query = g * n + first;
      const q0 = q + <usize>(query * d) * 4;
      const dy0 = dy + <usize>(query * e) * 4;
      multiply(q0, keysAt, weights, count, keys, d, false, true, room);
      multiply(dy0, valuesAt, slopes, count, keys, e, false, true, room);
      for (let i = 0; i < count; i++) {
        const at = <usize>(i * keys) * 4;
        const own = causal ? min(keys, first + i + 1) : keys;
        const dyRow = dy0 + <usize>(i * e) * 4;
        const along = dot(dyRow, y + <usize>((query + i) * e) * 4, e);
        const logSum = load<f32>(l + <usize>((query + i) << 2));
        softmaxRowGradient(weights + at, slopes + at, own, scale, logSum, along);
        memory.fill(weights + at + <usize>(own << 2), 0, <usize>((keys - own) << 2));
        memory.fill(slopes + at + <usize>(own << 2), 0, <usize>((keys - own) << 2));
      }
      multiply(slopes, keysAt, dq + <usize>(query * d) * 4, count, d, keys, false, false, room);
      multiply(slopes, q0, part, keys, d, count, true, false, room);
      addTo(dkAt, part, keys * d);
      multiply(weights, dy0, part, keys, e, count, true, false, room);
      addTo(dvAt, part, keys * e);
    }
  }
}

/** One row of q kᵀ → p = e^(scale·q kᵀ − l), and of dy vᵀ → scale·p·(dy vᵀ − Σ y·dy), both in their places. */
function softmaxRowGradient(x: usize, slopes: usize, n: i32, scale: f32, logSum: f32, along: f32): void {
  const factor = f32x4.splat(scale);
  const shift = f32x4.splat(logSum);
  const mean = f32x4.splat(along);
  for (let j = n; j > 0; j -= 4) {
    const p = exp(f32x4.sub(f32x4.mul(v128.load(x), factor), shift));
    const slope = f32x4.mul(f32x4.mul(p, factor), f32x4.sub(v128.load(slopes), mean));
    storeFirst(x, p, j);
    storeFirst(slopes, slope, j);
    x += 16;
    slopes += 16;
  }
}

function dot(a: usize, b: usize, n: i32): f32 {
  let sum = f32x4.splat(0);
  for (let j = n; j > 0; j -= 4) {
    const v = firstLanes(v128.load(a), j, f32x4.splat(0));
    sum = madd(v, firstLanes(v128.load(b), j, f32x4.splat(0)), sum);
    a += 16;
    b += 16;
  }
  return sumOfLanes(sum);
}

function addTo(to: usize, x: usize, n: i32): void {
  for (let j = n; j > 0; j -= 4) {
    storeFirst(to, f32x4.add(v128.load(to), v128.load(x)), j);
    to += 16;
    x += 16;
  }
}
