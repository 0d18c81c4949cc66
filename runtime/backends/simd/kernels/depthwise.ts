/**
 * Convolutions with one channel in each group: y[…, c] = Σ f[u, v, c]·x[…, c], vectors of channels. The geometry is
 * that of `convolution.ts`, with the filter [kh, kw, c].
 */
// biome-ignore lint/style/useImportType: AssemblyScript knows no types of imports
import { Axis, axisBytes, backward, forward } from "./axis";
import { madd } from "./madd";
import { storeFirst } from "./store";

/** The bytes that these kernels need at `scratch`. */
export function depthwiseScratch(): usize {
  return 2 * axisBytes;
}

let channels: i32 = 0;
let kernelWidth: i32 = 0;
let filterAt: usize = 0;
let rowBytes: usize = 0;
let start: i32 = 0;
let end: i32 = 0;

export function depthwise(
  x: usize,
  filter: usize,
  out: usize,
  h: i32,
  w: i32,
  c: i32,
  kh: i32,
  kw: i32,
  rows: i32,
  places: i32,
  strideY: i32,
  strideX: i32,
  dilationY: i32,
  dilationX: i32,
  beforeY: i32,
  beforeX: i32,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  use(c, kw, filter, w, from, to);
  const down = forward(scratch, h, rows, kh, strideY, dilationY, beforeY);
  const across = forward(scratch + axisBytes, w, places, kw, strideX, dilationX, beforeX);
  images(x, out, h, rows, places, down, across);
}

export function depthwiseInput(
  dy: usize,
  filter: usize,
  out: usize,
  h: i32,
  w: i32,
  c: i32,
  kh: i32,
  kw: i32,
  rows: i32,
  places: i32,
  strideY: i32,
  strideX: i32,
  dilationY: i32,
  dilationX: i32,
  beforeY: i32,
  beforeX: i32,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  use(c, kw, filter, places, from, to);
  for (let py = 0; py < strideY; py++)
    for (let px = 0; px < strideX; px++) {
      const down = backward(scratch, rows, h, kh, strideY, dilationY, beforeY, py);
      const across = backward(scratch + axisBytes, places, w, kw, strideX, dilationX, beforeX, px);
      images(dy, out, rows, h, w, down, across);
    }
}

function use(c: i32, kw: i32, filter: usize, width: i32, from: i32, to: i32): void {
  channels = c;
  kernelWidth = kw;
  filterAt = filter;
  rowBytes = <usize>((c * width) << 2);
  start = from;
  end = to;
}

/** Images of `height` rows to images of `rows` rows of `places` pixels, at the places of both axes. */
function images(source: usize, out: usize, height: i32, rows: i32, places: i32, y: Axis, x: Axis): void {
  const pixel = <usize>(channels << 2);
  for (let row = start; row < end; row++) {
    const i = (row % rows) - y.first;
    if (i < 0 || i % y.step !== 0) continue;
    const image = source + <usize>((row / rows) * height) * rowBytes;
    let to = out + <usize>(row * places + x.first) * pixel;
    for (let j = 0; j < x.count; j++) {
      let c = 0;
      for (; c + 16 <= channels; c += 16) fourVectors(image, y, i / y.step, x, j, c, to + <usize>(c << 2));
      for (; c < channels; c += 4)
        storeFirst(to + <usize>(c << 2), vector(image, y, i / y.step, x, j, c), channels - c);
      to += <usize>x.step * pixel;
    }
  }
}

/** Channels c … c + 15 of place (i, j). */
function fourVectors(image: usize, y: Axis, i: i32, x: Axis, j: i32, c: i32, to: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let u = 0; u < y.taps; u++) {
    const r = y.place(i, u);
    if (r < 0) continue;
    const row = image + <usize>r * rowBytes;
    const taps = (y.tap + u * y.tapStep) * kernelWidth + x.tap;
    for (let v = 0; v < x.taps; v++) {
      const s = x.place(j, v);
      if (s < 0) continue;
      const at = row + <usize>((s * channels + c) << 2);
      const f = filterAt + <usize>(((taps + v * x.tapStep) * channels + c) << 2);
      s0 = madd(v128.load(at), v128.load(f), s0);
      s1 = madd(v128.load(at, 16), v128.load(f, 16), s1);
      s2 = madd(v128.load(at, 32), v128.load(f, 32), s2);
      s3 = madd(v128.load(at, 48), v128.load(f, 48), s3);
    }
  }
  v128.store(to, s0);
  v128.store(to, s1, 16);
  v128.store(to, s2, 32);
  v128.store(to, s3, 48);
}

/** Channels c … c + 3 of place (i, j). */
function vector(image: usize, y: Axis, i: i32, x: Axis, j: i32, c: i32): v128 {
  let sum = f32x4.splat(0);
  for (let u = 0; u < y.taps; u++) {
    const r = y.place(i, u);
    if (r < 0) continue;
    const row = image + <usize>r * rowBytes;
    const taps = (y.tap + u * y.tapStep) * kernelWidth + x.tap;
    for (let v = 0; v < x.taps; v++) {
      const s = x.place(j, v);
      if (s < 0) continue;
      const at = row + <usize>((s * channels + c) << 2);
      const f = filterAt + <usize>(((taps + v * x.tapStep) * channels + c) << 2);
      sum = madd(v128.load(at), v128.load(f), sum);
    }
  }
  return sum;
}

/** The gradient in the filter; the parts are its taps, `from` … `to` − 1. */
export function depthwiseFilter(
  x: usize,
  dy: usize,
  out: usize,
  h: i32,
  w: i32,
  c: i32,
  kh: i32,
  kw: i32,
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
  channels = c;
  const down = forward(scratch, h, rows, kh, strideY, dilationY, beforeY);
  const across = forward(scratch + axisBytes, w, places, kw, strideX, dilationX, beforeX);
  for (let tap = from; tap < to; tap++) {
    const target = out + <usize>((tap * c) << 2);
    memory.fill(target, 0, <usize>(c << 2));
    for (let row = 0; row < batch * rows; row++) {
      const r = down.place(row % rows, tap / kw);
      if (r < 0) continue;
      let j = 0;
      while (j < places && across.place(j, tap % kw) < 0) j++;
      if (j === places) continue;
      let last = places;
      while (across.place(last - 1, tap % kw) < 0) last--;
      addRow(
        x + <usize>((((row / rows) * h + r) * w + across.place(j, tap % kw)) * c) * 4,
        <usize>((strideX * c) << 2),
        dy + <usize>((row * places + j) * c) * 4,
        target,
        last - j,
      );
    }
  }
}

/** out[c] += Σ_j x[j, c]·dy[j, c], the x `step` bytes apart. */
function addRow(x: usize, step: usize, dy: usize, out: usize, count: i32): void {
  const stride = <usize>(channels << 2);
  for (let c = 0; c < channels; c += 4) {
    let sum = v128.load(out);
    let a = x;
    let b = dy;
    for (let j = 0; j < count; j++) {
      sum = madd(v128.load(a), v128.load(b), sum);
      a += step;
      b += stride;
    }
    storeFirst(out, sum, channels - c);
    x += 16;
    dy += 16;
    out += 16;
  }
}
