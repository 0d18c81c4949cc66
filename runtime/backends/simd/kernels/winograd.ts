/**
 * Convolutions with 3×3 taps side by side, and their transposes in the images, by Winograd's F(4×4, 3×3): patches of
 * 6×6 of the input and the filter are transformed, the products of their 36 numbers summed over the channels as 36
 * products of matrices, and patches of 4×4 of the output transformed back. A quarter of the multiplications.
 * Channels come in fours. The parts are rows of patches of all images of the output.
 */
import { strideTile } from "./stride-tile";
import { tileColumns, tileRows } from "./tile";
// biome-ignore lint/style/useImportType: AssemblyScript knows no types of imports
import {
  Image,
  imageBytes,
  points,
  stepOf,
  transformFilter,
  transformInput,
  transformOutput,
} from "./winograd-patches";

/** Patches in a block: what is transformed of them stays in the second cache. */
export function blockPatches(c: i32, n: i32): i32 {
  return max(4, min(16, 600 / (c + n))) * tileRows;
}

function wide(n: i32): i32 {
  return (n + tileColumns - 1) & -tileColumns;
}

/** The bytes that `winograd` needs at `scratch`. */
export function winogradScratch(c: i32, n: i32): usize {
  const block = blockPatches(c, n);
  const steps = stepOf(c * wide(n)) + stepOf(block * c) + stepOf(block * wide(n));
  return points * steps + <usize>(6 * c + 4 * 36 + 9 * n) * 4 + 2 * imageBytes + 64;
}

/** From images [h, w, c] to images [rows, places, n]. `back`: the filter is turned and lies [3, 3, n, c]. */
export function winograd(
  x: usize,
  filter: usize,
  out: usize,
  h: i32,
  w: i32,
  c: i32,
  rows: i32,
  places: i32,
  n: i32,
  beforeY: i32,
  beforeX: i32,
  back: bool,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  const columns = wide(n);
  const block = blockPatches(c, n);
  const input = changetype<Image>(scratch);
  const output = changetype<Image>(scratch + imageBytes);
  const zeros = scratch + 2 * imageBytes;
  const room = zeros + <usize>(6 * c) * 4;
  const taps = room + 16 * 36;
  const filters = (taps + <usize>(9 * n) * 4 + 63) & ~63;
  const stepF = stepOf(c * columns);
  const inputs = filters + <usize>points * stepF;
  const stepX = stepOf(block * c);
  const outputs = inputs + <usize>points * stepX;
  const stepY = stepOf(block * columns);
  memory.fill(zeros, 0, <usize>(6 * c) * 4);
  describe(input, h, w, c, zeros);
  describe(output, rows, places, n, zeros);

  for (let channel = 0; channel < c; channel++) {
    if (back) turnedTaps(filter, channel, c, n, taps);
    for (let j = 0; j < n; j += 4)
      transformFilter(
        back ? taps + <usize>(j << 2) : filter + <usize>(channel * n + j) * 4,
        back ? <usize>(n << 2) : <usize>(c * n) * 4,
        filters + <usize>((j & -tileColumns) * c + channel * tileColumns + (j & (tileColumns - 1))) * 4,
        stepF,
        room,
      );
  }

  const down = (rows + 3) >> 2;
  const across = (places + 3) >> 2;
  const end = to * across;
  for (let first = from * across; first < end; first += block) {
    const count = min(block, end - first);
    for (let t = 0; t < count; t++) {
      const row = (first + t) / across;
      input.at = x + <usize>(row / down) * input.row * <usize>h;
      const y = ((row % down) << 2) - beforeY;
      const left = (((first + t) % across) << 2) - beforeX;
      transformInput(input, y, left, c, inputs + <usize>(t * c) * 4, stepX, room);
    }
    for (let p = 0; p < points; p++)
      for (let q = 0; q < columns; q += tileColumns) {
        const panel = filters + <usize>p * stepF + <usize>(q * c) * 4;
        let a = inputs + <usize>p * stepX;
        let b = outputs + <usize>p * stepY + <usize>(q << 2);
        for (let t = 0; t < count; t += tileRows) {
          strideTile(a, <usize>(c << 2), 4, panel, 32, b, <usize>(columns << 2), c, false);
          a += <usize>(tileRows * c) * 4;
          b += <usize>(tileRows * columns) * 4;
        }
      }
    for (let t = 0; t < count; t++) {
      const row = (first + t) / across;
      output.at = out + <usize>(row / down) * output.row * <usize>rows;
      const m = outputs + <usize>(t * columns) * 4;
      transformOutput(m, stepY, output, (row % down) << 2, ((first + t) % across) << 2, n, room);
    }
  }
}

export function describe(image: Image, height: i32, width: i32, channels: i32, zeros: usize): void {
  image.height = height;
  image.width = width;
  image.pixel = <usize>(channels << 2);
  image.row = image.pixel * <usize>width;
  image.zeros = zeros;
}

/** Taps 8 … 0 of a channel for all n of a filter [3, 3, n, c] → [9, n]. */
function turnedTaps(filter: usize, channel: i32, c: i32, n: i32, taps: usize): void {
  for (let t = 8; t >= 0; t--) {
    let at = filter + <usize>(t * n * c + channel) * 4;
    for (const end = taps + <usize>(n << 2); taps < end; taps += 4) {
      store<f32>(taps, load<f32>(at));
      at += <usize>(c << 2);
    }
  }
}
