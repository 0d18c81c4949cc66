/** Parts of vectors, and what the four numbers of one come to. */

/** The first `count` lanes of `v`, and `rest` in the others. */
export function firstLanes(v: v128, count: i32, rest: v128): v128 {
  return count >= 4 ? v : v128.bitselect(v, rest, i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3)));
}

export function sumOfLanes(v: v128): f32 {
  v = f32x4.add(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.add(v, i32x4.shuffle(v, v, 1, 0, 3, 2)), 0);
}

export function maxOfLanes(v: v128): f32 {
  v = f32x4.max(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.max(v, i32x4.shuffle(v, v, 1, 0, 3, 2)), 0);
}
