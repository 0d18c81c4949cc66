/**
 * Panels: `width` rows of a factor, of which the p-th numbers lie side by side, for p = 0 … k−1. A factor is stored
 * either by those rows (`fromRows`) or across them (`fromColumns`). Where fewer rows are left than the panel is wide
 * the others hold whatever is at hand; what they come to is never kept.
 */

/** A panel of rows that lie `stride` bytes apart in memory, `count` of them real. */
export function panelFromRows(
  source: usize,
  stride: usize,
  count: i32,
  k: i32,
  panel: usize,
  width: i32,
): void {
  const last = source + <usize>(count - 1) * stride;
  let row = 0;
  for (; row + 4 <= width; row += 4) {
    const r0 = min(source + <usize>row * stride, last);
    const r1 = min(r0 + stride, last);
    const r2 = min(r1 + stride, last);
    interleave4(r0, r1, r2, min(r2 + stride, last), k, panel + <usize>(row << 2), <usize>(width << 2));
  }
  if (row < width) {
    const r0 = min(source + <usize>row * stride, last);
    interleave2(r0, min(r0 + stride, last), k, panel + <usize>(row << 2), <usize>(width << 2));
  }
}

/** A panel of rows whose p-th numbers are already side by side, `stride` bytes after the (p−1)-th. */
export function panelFromColumns(source: usize, stride: usize, k: i32, panel: usize, width: i32): void {
  for (let p = 0; p < k; p++) {
    v128.store(panel, v128.load(source));
    if (width === 8) {
      v128.store(panel, v128.load(source, 16), 16);
      panel += 32;
    } else {
      v128.store64_lane(panel, v128.load64_zero(source, 16), 0, 16);
      panel += 24;
    }
    source += stride;
  }
}

/** Four rows of k numbers → k groups of four, `step` bytes apart. */
function interleave4(r0: usize, r1: usize, r2: usize, r3: usize, k: i32, out: usize, step: usize): void {
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    const v0 = v128.load(r0);
    const v1 = v128.load(r1);
    const v2 = v128.load(r2);
    const v3 = v128.load(r3);
    const low01 = i32x4.shuffle(v0, v1, 0, 4, 1, 5);
    const high01 = i32x4.shuffle(v0, v1, 2, 6, 3, 7);
    const low23 = i32x4.shuffle(v2, v3, 0, 4, 1, 5);
    const high23 = i32x4.shuffle(v2, v3, 2, 6, 3, 7);
    v128.store(out, i64x2.shuffle(low01, low23, 0, 2));
    v128.store(out + step, i64x2.shuffle(low01, low23, 1, 3));
    v128.store(out + 2 * step, i64x2.shuffle(high01, high23, 0, 2));
    v128.store(out + 3 * step, i64x2.shuffle(high01, high23, 1, 3));
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
    out += 4 * step;
  }
  for (; p < k; p++) {
    store<f32>(out, load<f32>(r0));
    store<f32>(out, load<f32>(r1), 4);
    store<f32>(out, load<f32>(r2), 8);
    store<f32>(out, load<f32>(r3), 12);
    r0 += 4;
    r1 += 4;
    r2 += 4;
    r3 += 4;
    out += step;
  }
}

/** Two rows of k numbers → k pairs, `step` bytes apart. */
function interleave2(r0: usize, r1: usize, k: i32, out: usize, step: usize): void {
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    const v0 = v128.load(r0);
    const v1 = v128.load(r1);
    const low = i32x4.shuffle(v0, v1, 0, 4, 1, 5);
    const high = i32x4.shuffle(v0, v1, 2, 6, 3, 7);
    v128.store64_lane(out, low, 0);
    v128.store64_lane(out + step, low, 1);
    v128.store64_lane(out + 2 * step, high, 0);
    v128.store64_lane(out + 3 * step, high, 1);
    r0 += 16;
    r1 += 16;
    out += 4 * step;
  }
  for (; p < k; p++) {
    store<f32>(out, load<f32>(r0));
    store<f32>(out, load<f32>(r1), 4);
    r0 += 4;
    r1 += 4;
    out += step;
  }
}

/** source [rows, columns] → out [columns, rows]. */
export function transpose(source: usize, rows: i32, columns: i32, out: usize): void {
  for (let i = 0; i < rows; i++) {
    let to = out + <usize>(i << 2);
    for (let j = 0; j < columns; j++) {
      store<f32>(to, load<f32>(source));
      source += 4;
      to += <usize>(rows << 2);
    }
  }
}
