/**
 * The gradient of a convolution in its filter, patchesᵀ·dy: row (u, v, channel) of the filter is the sum over all
 * pixels of the output of what they read there, times dy. The parts are panels of six rows of a group, `from` … `to`
 * − 1 of groups·⌈rows/6⌉; pixels are summed in blocks, in one order.
 */
import { panelFromColumns } from "./pack";
import { addCorner, tile, tileColumns, tileRows } from "./tile";

/** Pixels of the output in a block: the panels of both factors stay in the first cache. */
const blockPixels: i32 = 256;

/** The bytes that `conv2dFilter` needs at `scratch`; `columns` are those of a group. */
export function conv2dFilterScratch(columns: i32): usize {
  const wide = (columns + tileColumns - 1) & -tileColumns;
  return <usize>((blockPixels * (wide + tileRows) + tileRows * tileColumns) << 2) + 64;
}

// The geometry of the convolution at hand.
let width: i32 = 0;
let height: i32 = 0;
let outWidth: i32 = 0;
let outHeight: i32 = 0;
let pixelBytes: usize = 0;
let moveX: i32 = 0;
let moveY: i32 = 0;

export function conv2dFilter(
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
  groups: i32,
  batch: i32,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  width = w;
  height = h;
  outWidth = places;
  outHeight = rows;
  pixelBytes = <usize>(c << 2);
  moveX = strideX;
  moveY = strideY;
  const channels = c / groups;
  const columns = n / groups;
  const inner = kh * kw * channels;
  const perGroup = (inner + tileRows - 1) / tileRows;
  const corner = scratch;
  const panelA = corner + <usize>((tileRows * tileColumns) << 2);
  const panels = panelA + <usize>((tileRows * blockPixels) << 2);
  const stride = <usize>(n << 2);
  const pixels = batch * rows * places;
  for (let p = 0; p < pixels; p += blockPixels) {
    const count = min(blockPixels, pixels - p);
    const panelBytes = <usize>((tileColumns * count) << 2);
    let packed = -1;
    for (let part = from; part < to; part++) {
      const g = part / perGroup;
      if (g !== packed) {
        const first = dy + <usize>p * stride + <usize>((g * columns) << 2);
        for (let q = 0; q < columns; q += tileColumns)
          panelFromColumns(
            first + <usize>(q << 2),
            stride,
            count,
            panels + <usize>((q * count) << 2),
            tileColumns,
          );
        packed = g;
      }
      const r = (part % perGroup) * tileRows;
      const last = min(r + tileRows, inner);
      // Rows of one tap are neighbours in the image.
      for (let i = r; i < last; ) {
        const tap = i / channels;
        const run = min(last, (tap + 1) * channels) - i;
        patches(
          x + <usize>((g * channels + (i % channels)) << 2),
          (tap / kw) * dilationY - beforeY,
          (tap % kw) * dilationX - beforeX,
          p,
          count,
          panelA + <usize>((i - r) << 2),
          run,
        );
        i += run;
      }
      let target = out + <usize>r * stride + <usize>((g * columns) << 2);
      let panel = panels;
      for (let q = 0; q < columns; q += tileColumns) {
        const wide = min(tileColumns, columns - q);
        if (wide === tileColumns && last - r === tileRows) tile(panelA, panel, target, stride, count, p > 0);
        else {
          tile(panelA, panel, corner, <usize>(tileColumns << 2), count, false);
          addCorner(corner, target, stride, last - r, wide, p > 0);
        }
        panel += panelBytes;
        target += <usize>(tileColumns << 2);
      }
    }
  }
}

/**
 * What `count` pixels of the output from the p-th on read in `run` neighbouring channels, at `top` and `left` from
 * their strides, into a panel.
 */
function patches(x: usize, top: i32, left: i32, p: i32, count: i32, panel: usize, run: i32): void {
  let row = p / outWidth;
  let j = p % outWidth;
  while (count > 0) {
    const places = min(count, outWidth - j);
    const y = (row % outHeight) * moveY + top;
    const line = x + <usize>((row / outHeight) * height + y) * <usize>width * pixelBytes;
    for (const end = j + places; j < end; j++) {
      const at = j * moveX + left;
      const inside = <u32>y < <u32>height && <u32>at < <u32>width;
      const from = line + <usize>at * pixelBytes;
      if (run === 6) {
        v128.store(panel, inside ? v128.load(from) : i32x4.splat(0));
        store<u64>(panel, inside ? load<u64>(from, 16) : 0, 16);
      } else {
        for (let i: usize = 0; i < <usize>(run << 2); i += 4)
          store<f32>(panel + i, inside ? load<f32>(from + i) : 0);
      }
      panel += 24;
    }
    count -= places;
    j = 0;
    row++;
  }
}
