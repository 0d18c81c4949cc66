/** Rows taken from a table by index, and added up by index. */

/** out[i] = table[indices[i] − from], rows of `width` numbers. An index outside the table gives a row of NaN. */
export function gather(
  table: usize,
  indices: usize,
  out: usize,
  count: i32,
  rows: i32,
  width: i32,
  from: i32,
): void {
  const bytes = (<usize>width) << 2;
  for (let i = 0; i < count; i++) {
    const row = load<i32>(indices) - from;
    if (<u32>row >= <u32>rows) for (let j: usize = 0; j < bytes; j += 4) store<f32>(out + j, NaN);
    else if (width < 32)
      for (let j: usize = 0; j < bytes; j += 4)
        store<i32>(out + j, load<i32>(table + <usize>row * bytes + j));
    else memory.copy(out, table + <usize>row * bytes, bytes);
    indices += 4;
    out += bytes;
  }
}

/** out [rows, width] = 0, then out[indices[i] − from] += updates[i] in order of i; an index outside is left out. */
export function scatterAdd(
  indices: usize,
  updates: usize,
  out: usize,
  count: i32,
  rows: i32,
  width: i32,
  from: i32,
): void {
  const bytes = (<usize>width) << 2;
  memory.fill(out, 0, <usize>rows * bytes);
  for (let i = 0; i < count; i++) {
    const row = load<i32>(indices) - from;
    if (<u32>row < <u32>rows) {
      const to = out + <usize>row * bytes;
      let j: usize = 0;
      for (; j + 16 <= bytes; j += 16)
        v128.store(to + j, f32x4.add(v128.load(to + j), v128.load(updates + j)));
      for (; j < bytes; j += 4) store<f32>(to + j, load<f32>(to + j) + load<f32>(updates + j));
    }
    indices += 4;
    updates += bytes;
  }
}
