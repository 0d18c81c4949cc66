/**
 * The gradient of a convolution in a filter with few columns: for each tap and column, the sum over all pixels of their
 * channels times one number of dy. The parts are the taps, `from` … `to` − 1.
 */
import { axisBytes, forward } from "./axis";
import { madd } from "./madd";

/** The bytes that `fewFilter` needs at `scratch`. */
export function fewFilterScratch(c: i32): usize {
  return 2 * axisBytes + ((<usize>(c + 16)) << 2);
}

export function fewFilter(
  x: usize,
  dy: usize,
  out: usize,
  h: i32,
  w: i32,
  c: i32,
  kh: i32,
  kw: i32,
  n: i32,
  rows: i32,
  places: i32,
  strideY: i32,
  strideX: i32,
  dilationY: i32,
  dilationX: i32,
  beforeY: i32,
  beforeX: i32,
  batch: i32,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  const down = forward(scratch, h, rows, kh, strideY, dilationY, beforeY);
  const across = forward(scratch + axisBytes, w, places, kw, strideX, dilationX, beforeX);
  const sums = scratch + 2 * axisBytes;
  for (let tap = from; tap < to; tap++) {
    let first = 0;
    while (first < places && across.place(first, tap % kw) < 0) first++;
    let last = places;
    while (last > first && across.place(last - 1, tap % kw) < 0) last--;
    for (let j = 0; j < n; j++) {
      memory.fill(sums, 0, <usize>((c + 16) << 2));
      for (let row = 0; row < batch * rows; row++) {
        const r = down.place(row % rows, tap / kw);
        if (r < 0 || first === last) continue;
        const pixel = ((row / rows) * h + r) * w + across.place(first, tap % kw);
        const slope = dy + <usize>((row * places + first) * n + j) * 4;
        for (let at: usize = 0; at < <usize>(c << 2); at += 64)
          addRow(
            x + <usize>(pixel * c) * 4 + at,
            <usize>((strideX * c) << 2),
            slope,
            <usize>(n << 2),
            sums + at,
            last - first,
          );
      }
      for (let channel = 0; channel < c; channel++)
        store<f32>(out + <usize>((tap * c + channel) * n + j) * 4, load<f32>(sums + <usize>(channel << 2)));
    }
  }
}

/** Σ_i x[i]·dy[i] of 16 channels, added to the sums. */
function addRow(x: usize, xStep: usize, dy: usize, dyStep: usize, sums: usize, count: i32): void {
  let s0 = v128.load(sums);
  let s1 = v128.load(sums, 16);
  let s2 = v128.load(sums, 32);
  let s3 = v128.load(sums, 48);
  for (; count > 0; count--) {
    const d = v128.load32_splat(dy);
    s0 = madd(d, v128.load(x), s0);
    s1 = madd(d, v128.load(x, 16), s1);
    s2 = madd(d, v128.load(x, 32), s2);
    s3 = madd(d, v128.load(x, 48), s3);
    x += xStep;
    dy += dyStep;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
}
