import { entryBytes } from "./gather-tile";
import { sumOfLanes } from "./lanes";
import { madd } from "./madd";

/**
 * c[0…5] = Σ_t Σ_p a_t[0…5, p]·b_t[p]: one column of what `gatherTile` makes, by dot products. Where `column` is a row
 * of all taps' numbers, entry t of the table says where in it those of b_t begin.
 */
export function gatherDots(
  table: usize,
  end: usize,
  column: usize,
  channels: i32,
  to: usize,
  offset: usize,
): void {
  let c0 = f32x4.splat(0),
    c1 = c0,
    c2 = c0,
    c3 = c0,
    c4 = c0,
    c5 = c0;
  const vectors = <usize>((channels & -4) << 2);
  const singles = <usize>((channels & 3) << 2);
  for (; table < end; table += entryBytes) {
    let a0 = load<usize>(table);
    let a1 = load<usize>(table, 4);
    let a2 = load<usize>(table, 8);
    let a3 = load<usize>(table, 12);
    let a4 = load<usize>(table, 16);
    let a5 = load<usize>(table, 20);
    let b = column + load<usize>(table, 24);
    let last = b + vectors;
    for (; b < last; b += 16) {
      const v = v128.load(b);
      c0 = madd(v128.load(a0), v, c0);
      c1 = madd(v128.load(a1), v, c1);
      c2 = madd(v128.load(a2), v, c2);
      c3 = madd(v128.load(a3), v, c3);
      c4 = madd(v128.load(a4), v, c4);
      c5 = madd(v128.load(a5), v, c5);
      a0 += 16;
      a1 += 16;
      a2 += 16;
      a3 += 16;
      a4 += 16;
      a5 += 16;
    }
    last += singles;
    for (; b < last; b += 4) {
      const v = v128.load32_zero(b);
      c0 = madd(v128.load32_zero(a0), v, c0);
      c1 = madd(v128.load32_zero(a1), v, c1);
      c2 = madd(v128.load32_zero(a2), v, c2);
      c3 = madd(v128.load32_zero(a3), v, c3);
      c4 = madd(v128.load32_zero(a4), v, c4);
      c5 = madd(v128.load32_zero(a5), v, c5);
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
      a4 += 4;
      a5 += 4;
    }
  }
  store<f32>(load<usize>(to) + offset, sumOfLanes(c0));
  store<f32>(load<usize>(to, 4) + offset, sumOfLanes(c1));
  store<f32>(load<usize>(to, 8) + offset, sumOfLanes(c2));
  store<f32>(load<usize>(to, 12) + offset, sumOfLanes(c3));
  store<f32>(load<usize>(to, 16) + offset, sumOfLanes(c4));
  store<f32>(load<usize>(to, 20) + offset, sumOfLanes(c5));
}
