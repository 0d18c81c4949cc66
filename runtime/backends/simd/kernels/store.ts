/** Stores the first `count` numbers of a vector, at most four of them. */
export function storeFirst(to: usize, v: v128, count: i32): void {
  if (count >= 4) v128.store(to, v);
  else if (count === 1) v128.store32_lane(to, v, 0);
  else {
    v128.store64_lane(to, v, 0);
    if (count === 3) v128.store32_lane(to, v, 2, 8);
  }
}
