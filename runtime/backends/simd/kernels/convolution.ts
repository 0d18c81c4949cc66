/**
 * Convolutions of images [b, h, w, c] with a filter [kh, kw, c/groups, n], and their transposes in the images, as
 * products of packed panels of the filter with rows of channels where they lie in the images. The parts are the rows
 * of all images of the output: whole numbers `start` … `end` − 1 of b·rows.
 */
// biome-ignore lint/style/useImportType: AssemblyScript knows no types of imports
import { Axis, axisBytes, backward, forward } from "./axis";
import { gatherDots } from "./gather-dots";
import { entryBytes, gatherTile } from "./gather-tile";
import { panelFromColumns, panelFromRows } from "./pack";
import { tileColumns, tileRows } from "./tile";

/** Numbers of the packed filter in a block, which stays in the second cache. */
const blockNumbers: i32 = 1 << 17;

/** Columns of the filter that are packed at a time. */
function blockColumns(inner: i32, columns: i32): i32 {
  const most = max(tileColumns, (blockNumbers / max(inner, 1)) & -tileColumns);
  return min(most, (columns + tileColumns - 1) & -tileColumns);
}

/**
 * At most so many channels are few: then what a pixel reads at all taps is put side by side first. So many columns are
 * few, too: they are made one by one, of rows of the filter's numbers instead of panels.
 */
const few: i32 = 4;

/** Two axes, the addresses of six pixels and of the corner's rows, the corner, the entry of six rows side by side. */
const headBytes: usize = 2 * axisBytes + 48 + 32 * 6 + entryBytes;

/**
 * The bytes that a convolution needs at `scratch`: `channels` and `columns` are those of a group, of the source and of
 * the output.
 */
export function convolutionScratch(taps: i32, channels: i32, columns: i32): usize {
  const inner = taps * channels;
  const patches = channels <= few ? tileRows * inner : 0;
  const packed = blockColumns(inner, columns) * inner + channels + patches;
  return headBytes + <usize>taps * entryBytes + <usize>(packed << 2) + 128;
}

// The images of the product at hand.
let source: usize = 0;
let sourcePixel: usize = 0;
let sourceRow: usize = 0;
let sourceImage: usize = 0;
let target: usize = 0;
let targetPixel: usize = 0;
let targetRow: usize = 0;
let targetRows: i32 = 0;
/** Of a group. */
let channels: i32 = 0;
let columns: i32 = 0;
/** Of the filter. */
let kernelWidth: i32 = 0;
let allTaps: i32 = 0;
let start: i32 = 0;
let end: i32 = 0;
// Scratch.
let pixels: usize = 0;
let corner: usize = 0;
let joined: usize = 0;
let zeros: usize = 0;
let table: usize = 0;
let panels: usize = 0;

function layOut(scratch: usize, taps: i32): void {
  pixels = scratch + 2 * axisBytes;
  corner = pixels + 48;
  for (let i = 0; i < tileRows; i++) store<usize>(pixels + 24 + <usize>(i << 2), corner + <usize>(i << 5));
  joined = corner + 32 * 6;
  zeros = joined + entryBytes;
  memory.fill(zeros, 0, <usize>(channels << 2));
  table = zeros + <usize>(channels << 2);
  panels = table + <usize>taps * entryBytes;
  allTaps = taps;
  if (channels <= few) {
    const rowBytes = <usize>((taps * channels) << 2);
    for (let i: usize = 0; i < 6; i++) store<usize>(joined + (i << 2), panels + i * rowBytes);
    store<usize>(joined, 0, 24);
    panels += 6 * rowBytes;
  }
  panels = (panels + 63) & ~63;
}

export function conv2d(
  x: usize,
  filter: usize,
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
  from: i32,
  to: i32,
  scratch: usize,
): void {
  channels = c / groups;
  columns = n / groups;
  images(h, w, c, rows, places, n);
  kernelWidth = kw;
  start = from;
  end = to;
  layOut(scratch, kh * kw);
  const y = forward(scratch, h, rows, kh, strideY, dilationY, beforeY);
  const across = forward(scratch + axisBytes, w, places, kw, strideX, dilationX, beforeX);
  const inner = kh * kw * channels;
  const block = blockColumns(inner, columns);
  for (let g = 0; g < groups; g++) {
    source = x + <usize>((g * channels) << 2);
    for (let j = 0; j < columns; j += block) {
      const width = min(block, columns - j);
      target = out + <usize>((g * columns + j) << 2);
      if (columns <= few) packColumns(filter + <usize>((g * columns) << 2), 1, channels * n, n);
      else
        for (let q = 0; q < width; q += tileColumns)
          panelFromColumns(
            filter + <usize>((g * columns + j + q) << 2),
            <usize>(n << 2),
            inner,
            panels + <usize>((q * inner) << 2),
            tileColumns,
          );
      product(y, across, width, <usize>((inner * tileColumns) << 2));
    }
  }
}

export function conv2dInput(
  dy: usize,
  filter: usize,
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
  from: i32,
  to: i32,
  scratch: usize,
): void {
  channels = n / groups;
  columns = c / groups;
  images(rows, places, n, h, w, c);
  kernelWidth = kw;
  start = from;
  end = to;
  const taps = kh * kw;
  layOut(scratch, taps);
  const inner = taps * channels;
  const block = blockColumns(inner, columns);
  for (let g = 0; g < groups; g++) {
    source = dy + <usize>((g * channels) << 2);
    for (let j = 0; j < columns; j += block) {
      const width = min(block, columns - j);
      target = out + <usize>((g * columns + j) << 2);
      if (columns <= few) packColumns(filter + <usize>((g * channels) << 2), n, columns * n, 1);
      else
        for (let q = 0; q < width; q += tileColumns)
          for (let t = 0; t < taps; t++)
            panelFromRows(
              filter + <usize>(((t * columns + j + q) * n + g * channels) << 2),
              <usize>(n << 2),
              min(tileColumns, width - q),
              channels,
              panels + <usize>((q * inner + t * channels * tileColumns) << 2),
              tileColumns,
            );
      for (let py = 0; py < strideY; py++)
        for (let px = 0; px < strideX; px++)
          product(
            backward(scratch, rows, h, kh, strideY, dilationY, beforeY, py),
            backward(scratch + axisBytes, places, w, kw, strideX, dilationX, beforeX, px),
            width,
            <usize>((inner * tileColumns) << 2),
          );
    }
  }
}

/** Puts the few columns of the filter side by side, number p of column j at tap t from j·column + t·tap + p·step. */
function packColumns(filter: usize, column: i32, tap: i32, step: i32): void {
  let to = panels;
  for (let j = 0; j < columns; j++)
    for (let t = 0; t < allTaps; t++) {
      let at = filter + <usize>((j * column + t * tap) << 2);
      for (const end = to + <usize>(channels << 2); to < end; to += 4) {
        store<f32>(to, load<f32>(at));
        at += <usize>(step << 2);
      }
    }
}

/** From images [h, w, c] to images [rows, places, n]. */
function images(h: i32, w: i32, c: i32, rows: i32, places: i32, n: i32): void {
  sourcePixel = <usize>(c << 2);
  sourceRow = sourcePixel * <usize>w;
  sourceImage = sourceRow * <usize>h;
  targetPixel = <usize>(n << 2);
  targetRow = targetPixel * <usize>places;
  targetRows = rows;
}

/** The output's places on the two axes, six at a time, row after row; `width` columns of them. */
function product(y: Axis, x: Axis, width: i32, panelBytes: usize): void {
  let filled = 0;
  for (let row = start; row < end; row++) {
    const i = (row % targetRows) - y.first;
    if (i < 0 || i % y.step !== 0) continue;
    const from = source + <usize>(row / targetRows) * sourceImage;
    let to = target + <usize>row * targetRow + <usize>x.first * targetPixel;
    for (let j = 0; j < x.count; j++) {
      store<usize>(pixels + <usize>(filled << 2), to);
      look(y, i / y.step, x, j, from, table + <usize>(filled << 2));
      to += <usize>x.step * targetPixel;
      if (++filled === tileRows) {
        columnsOfTiles(y.taps * x.taps, width, panelBytes);
        filled = 0;
      }
    }
  }
  if (filled > 0) {
    // The places that are missing repeat the last one.
    const last = <usize>((filled - 1) << 2);
    for (; filled < tileRows; filled++) {
      const at = <usize>(filled << 2);
      store<usize>(pixels + at, load<usize>(pixels + last));
      for (let t = 0; t < y.taps * x.taps; t++) {
        const entry = table + <usize>t * entryBytes;
        store<usize>(entry + at, load<usize>(entry + last));
      }
    }
    columnsOfTiles(y.taps * x.taps, width, panelBytes);
  }
}

/** Writes where place (i, j) reads at each tap. */
function look(y: Axis, i: i32, x: Axis, j: i32, from: usize, entry: usize): void {
  const panelRow = <usize>((columns <= few ? channels : channels * tileColumns) << 2);
  for (let u = 0; u < y.taps; u++) {
    const r = y.place(i, u);
    const row = from + <usize>r * sourceRow;
    let tap = (y.tap + u * y.tapStep) * kernelWidth + x.tap;
    for (let v = 0; v < x.taps; v++) {
      const s = x.place(j, v);
      store<usize>(entry, r < 0 || s < 0 ? zeros : row + <usize>s * sourcePixel);
      // The first of the six writes it; each writes the same.
      store<usize>(entry - ((entry - table) % entryBytes), <usize>tap * panelRow, 24);
      tap += x.tapStep;
      entry += entryBytes;
    }
  }
}

function columnsOfTiles(taps: i32, width: i32, panelBytes: usize): void {
  let first = table;
  let last = table + <usize>taps * entryBytes;
  let depth = channels;
  if (channels <= few && taps === allTaps) {
    joinTaps(last);
    first = joined;
    last = joined + entryBytes;
    depth = taps * channels;
  }
  let panel = panels;
  let q = 0;
  if (columns <= few) {
    for (; q < width; q++) {
      gatherDots(first, last, panel, depth, pixels, <usize>(q << 2));
      panel += panelBytes / tileColumns;
    }
    return;
  }
  for (; q + tileColumns <= width; q += tileColumns) {
    gatherTile(first, last, panel, depth, pixels, <usize>(q << 2), corner);
    panel += panelBytes;
  }
  if (q === width) return;
  gatherTile(first, last, panel, depth, pixels + 24, 0, corner);
  for (let i: usize = 0; i < 6; i++)
    for (let j = q; j < width; j++)
      store<f32>(
        load<usize>(pixels + (i << 2)) + <usize>(j << 2),
        load<f32>(corner + (i << 5) + <usize>((j - q) << 2)),
      );
}

/** Copies what the six pixels read at all taps to where `joined` says. */
function joinTaps(last: usize): void {
  for (let i: usize = 0; i < 24; i += 4) {
    let to = load<usize>(joined + i);
    for (let entry = table + i; entry < last; entry += entryBytes) {
      const from = load<usize>(entry);
      for (const end = to + <usize>(channels << 2); to < end; to += 4)
        store<f32>(to, load<f32>(from + <usize>(channels << 2) - (end - to)));
    }
  }
}
