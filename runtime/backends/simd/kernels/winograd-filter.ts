/**
 * The gradient of a convolution in its 3×3 filter by Winograd's transforms, those of `winograd.ts` transposed: patches
 * of 6×6 of x and of 4×4 of dy are transformed, their products summed over all patches as 36 products of matrices, and
 * the sums transformed to nine taps. Channels of x come in fours, those of dy in eights. The parts are fours of x's
 * channels.
 */
import { strideTile } from "./stride-tile";
import { tileRows } from "./tile";
import { blockPatches, describe } from "./winograd";
// biome-ignore lint/style/useImportType: AssemblyScript knows no types of imports
import {
  Image,
  imageBytes,
  points,
  stepOf,
  transformFilterGradient,
  transformInput,
  transformOutputGradient,
} from "./winograd-patches";

/** Rows of the sums for c channels: whole tiles. */
function tall(c: i32): i32 {
  return ((c + tileRows - 1) / tileRows) * tileRows;
}

/** The bytes that `winogradFilter` needs at `scratch` for a part of `own` of c channels. */
export function winogradFilterScratch(own: i32, c: i32, n: i32): usize {
  const block = blockPatches(own, n);
  const steps = stepOf(tall(own) * n) + stepOf(block * own) + stepOf(block * n);
  return points * steps + <usize>(6 * max(c, n) + 4 * 36) * 4 + 2 * imageBytes + 128;
}

/** x [batch, h, w, c], dy [batch, rows, places, n] → [3, 3, c, n], channels 4·from … 4·to − 1 of c. */
export function winogradFilter(
  x: usize,
  dy: usize,
  out: usize,
  h: i32,
  w: i32,
  c: i32,
  rows: i32,
  places: i32,
  n: i32,
  beforeY: i32,
  beforeX: i32,
  batch: i32,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  const own = (to - from) << 2;
  const block = blockPatches(own, n);
  const input = changetype<Image>(scratch);
  const slopes = changetype<Image>(scratch + imageBytes);
  const zeros = scratch + 2 * imageBytes;
  const room = zeros + <usize>(6 * max(c, n)) * 4;
  const sums = (room + 16 * 36 + 63) & ~63;
  const stepS = stepOf(tall(own) * n);
  const inputs = sums + <usize>points * stepS;
  const stepX = stepOf(block * own);
  const gradients = inputs + <usize>points * stepX;
  const stepY = stepOf(block * n);
  memory.fill(zeros, 0, <usize>(6 * max(c, n)) * 4);
  describe(input, h, w, c, zeros);
  describe(slopes, rows, places, n, zeros);
  const down = (rows + 3) >> 2;
  const across = (places + 3) >> 2;
  const end = batch * down * across;
  for (let first = 0; first < end; first += block) {
    const count = min(block, end - first);
    for (let t = 0; t < count; t++) {
      const row = (first + t) / across;
      const y = (row % down) << 2;
      const left = ((first + t) % across) << 2;
      const image = <usize>(row / down);
      input.at = x + image * input.row * <usize>h + <usize>(from << 4);
      slopes.at = dy + image * slopes.row * <usize>rows;
      transformInput(input, y - beforeY, left - beforeX, own, inputs + <usize>(t * own) * 4, stepX, room);
      transformOutputGradient(slopes, y, left, n, gradients + <usize>(t * n) * 4, stepY, room);
    }
    const aStep = <usize>(own << 2);
    const bStep = <usize>(n << 2);
    for (let p: usize = 0; p < <usize>points; p++)
      for (let i = 0; i < own; i += tileRows) {
        const a = inputs + p * stepX + <usize>(i << 2);
        const sum = sums + p * stepS + <usize>(i * n) * 4;
        for (let q: usize = 0; q < bStep; q += 32)
          strideTile(a, 4, aStep, gradients + p * stepY + q, bStep, sum + q, bStep, count, first > 0);
      }
  }
  for (let i = 0; i < own; i++)
    for (let j = 0; j < n; j += 4)
      transformFilterGradient(
        sums + <usize>(i * n + j) * 4,
        stepS,
        out + <usize>(((from << 2) + i) * n + j) * 4,
        <usize>(c * n) * 4,
        room,
      );
}
