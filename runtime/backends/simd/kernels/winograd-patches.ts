/**
 * Winograd's transforms of patches, four channels at a time: of the columns, then of the rows. A transformed patch has
 * 36 numbers for each channel; number p lies p·step bytes after the first. `room` holds 36 vectors in between.
 */
import { Line } from "./winograd-lines";

/** The numbers of a transformed patch. */
export const points: i32 = 36;

/**
 * The bytes from one of the 36 numbers to the next, where there are `count` of each: an odd number of lines of the
 * cache, so that the 36 that are written one after another are not in each other's way.
 */
export function stepOf(count: i32): usize {
  return (<usize>(((count + 15) >> 4) | 1)) << 6;
}

/** Bytes of a line of six vectors. */
const line: usize = 96;

/** An image [height, width, ·] of which patches are read; what lies outside is 0. */
@unmanaged
export class Image {
  at: usize;
  height: i32;
  width: i32;
  pixel: usize;
  row: usize;
  /** Zeros for a row of a patch, six pixels. */
  zeros: usize;

  /** Where row y of a patch begins that has its left edge at x. */
  line(y: i32, x: i32): usize {
    return <u32>y < <u32>this.height ? this.at + <usize>y * this.row + <usize>x * this.pixel : this.zeros;
  }

  outside(x: i32): bool {
    return <u32>x >= <u32>this.width;
  }
}

/** Bytes of an `Image`. */
export const imageBytes: usize = 24;

/** Bᵀ·d·B of the patch of 6×6 pixels at (y, x). */
export function transformInput(
  image: Image,
  y: i32,
  x: i32,
  channels: i32,
  to: usize,
  step: usize,
  room: usize,
): void {
  let r0 = image.line(y, x);
  let r1 = image.line(y + 1, x);
  let r2 = image.line(y + 2, x);
  let r3 = image.line(y + 3, x);
  let r4 = image.line(y + 4, x);
  let r5 = image.line(y + 5, x);
  for (let c = 0; c < channels; c += 4) {
    let at: usize = 0;
    for (let s: usize = 0; s < 6; s++) {
      const column = room + (s << 4);
      if (image.outside(x + <i32>s)) zeroLine(column, 6);
      else
        Line.input(
          v128.load(r0 + at),
          v128.load(r1 + at),
          v128.load(r2 + at),
          v128.load(r3 + at),
          v128.load(r4 + at),
          v128.load(r5 + at),
          column,
          line,
        );
      at += image.pixel;
    }
    let out = to;
    for (let row = room; row < room + 6 * line; row += line) {
      Line.input(
        v128.load(row),
        v128.load(row, 16),
        v128.load(row, 32),
        v128.load(row, 48),
        v128.load(row, 64),
        v128.load(row, 80),
        out,
        step,
      );
      out += 6 * step;
    }
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
    r4 += 16;
    r5 += 16;
    to += 16;
  }
}

function zeroLine(to: usize, count: i32): void {
  for (; count > 0; count--) {
    v128.store(to, f32x4.splat(0));
    to += line;
  }
}

/** A·dy·Aᵀ of the patch of 4×4 pixels at (y, x). */
export function transformOutputGradient(
  image: Image,
  y: i32,
  x: i32,
  channels: i32,
  to: usize,
  step: usize,
  room: usize,
): void {
  let r0 = image.line(y, x);
  let r1 = image.line(y + 1, x);
  let r2 = image.line(y + 2, x);
  let r3 = image.line(y + 3, x);
  for (let c = 0; c < channels; c += 4) {
    let at: usize = 0;
    for (let s: usize = 0; s < 4; s++) {
      const column = room + (s << 4);
      if (image.outside(x + <i32>s)) zeroLine(column, 6);
      else
        Line.outputGradient(
          v128.load(r0 + at),
          v128.load(r1 + at),
          v128.load(r2 + at),
          v128.load(r3 + at),
          column,
          line,
        );
      at += image.pixel;
    }
    let out = to;
    for (let row = room; row < room + 6 * line; row += line) {
      Line.outputGradient(
        v128.load(row),
        v128.load(row, 16),
        v128.load(row, 32),
        v128.load(row, 48),
        out,
        step,
      );
      out += 6 * step;
    }
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
    to += 16;
  }
}

/** Aᵀ·m·A into the pixels of the image from (y, x) on. */
export function transformOutput(
  m: usize,
  step: usize,
  image: Image,
  y: i32,
  x: i32,
  channels: i32,
  room: usize,
): void {
  const rows = min(4, image.height - y);
  const places = min(4, image.width - x);
  let to = image.line(y, x);
  for (let c = 0; c < channels; c += 4) {
    for (let s: usize = 0; s < 6; s++) {
      const at = m + s * step;
      Line.output(
        v128.load(at),
        v128.load(at + 6 * step),
        v128.load(at + 12 * step),
        v128.load(at + 18 * step),
        v128.load(at + 24 * step),
        v128.load(at + 30 * step),
        room + (s << 4),
        line,
      );
    }
    let row = room;
    for (let i = 0; i < rows; i++) {
      const out = to + <usize>i * image.row;
      // The last vectors of the line make room for the pixels that are not kept.
      const whole = places === 4;
      Line.output(
        v128.load(row),
        v128.load(row, 16),
        v128.load(row, 32),
        v128.load(row, 48),
        v128.load(row, 64),
        v128.load(row, 80),
        whole ? out : row,
        whole ? image.pixel : 16,
      );
      if (!whole)
        for (let j = 0; j < places; j++)
          v128.store(out + <usize>j * image.pixel, v128.load(row + <usize>(j << 4)));
      row += line;
    }
    m += 16;
    to += 16;
  }
}

/** G·g·Gᵀ of the nine taps at g + t·tap bytes, for four filters that lie side by side. */
export function transformFilter(g: usize, tap: usize, to: usize, step: usize, room: usize): void {
  for (let s: usize = 0; s < 3; s++)
    Line.filter(
      v128.load(g + s * tap),
      v128.load(g + (s + 3) * tap),
      v128.load(g + (s + 6) * tap),
      room + (s << 4),
      line,
    );
  for (let row = room; row < room + 6 * line; row += line) {
    Line.filter(v128.load(row), v128.load(row, 16), v128.load(row, 32), to, step);
    to += 6 * step;
  }
}

/** Gᵀ·u·G: the gradients of nine taps, to g + t·tap bytes. */
export function transformFilterGradient(u: usize, step: usize, g: usize, tap: usize, room: usize): void {
  for (let s: usize = 0; s < 6; s++) {
    const at = u + s * step;
    Line.filterGradient(
      v128.load(at),
      v128.load(at + 6 * step),
      v128.load(at + 12 * step),
      v128.load(at + 18 * step),
      v128.load(at + 24 * step),
      v128.load(at + 30 * step),
      room + (s << 4),
      line,
    );
  }
  for (let row = room; row < room + 3 * line; row += line) {
    Line.filterGradient(
      v128.load(row),
      v128.load(row, 16),
      v128.load(row, 32),
      v128.load(row, 48),
      v128.load(row, 64),
      v128.load(row, 80),
      g,
      tap,
    );
    g += 3 * tap;
  }
}
