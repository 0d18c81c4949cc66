import { madd } from "./madd";

/** Bytes of an entry of the table that `gatherTile` follows. */
export const entryBytes: usize = 32;

/**
 * C[6, 8] = Σ_t Σ_p a_t[p, 0…5] ⊗ b_t[p, 0…7]. Entry t of the table holds the addresses of six rows of `channels`
 * numbers, and where in the packed `panel` the rows of b_t begin. The rows of C go to `offset` bytes after the six
 * addresses at `to`. So the rows of A need not be packed, nor lie evenly (indirect convolution, arXiv:1907.02129).
 * The entries add up in `sums`, room for C.
 */
export function gatherTile(
  table: usize,
  end: usize,
  panel: usize,
  channels: i32,
  to: usize,
  offset: usize,
  sums: usize,
): void {
  // There may be no entry at all.
  for (let at = sums; at < sums + 192; at += 16) v128.store(at, f32x4.splat(0));
  for (let entry = table; entry < end; entry += entryBytes)
    rowsTile(entry, panel + load<usize>(entry, 24), channels, sums);
  for (let i: usize = 0; i < 24; i += 4) {
    const row = load<usize>(to + i) + offset;
    v128.store(row, v128.load(sums));
    v128.store(row, v128.load(sums, 16), 16);
    sums += 32;
  }
}

/** C[6, 8] += Σ_p a[p, 0…5] ⊗ b[p, 0…7], the rows of a where an entry says. */
export function rowsTile(entry: usize, b: usize, channels: i32, c: usize): void {
  let c00 = v128.load(c);
  let c01 = v128.load(c, 16);
  let c10 = v128.load(c, 32);
  let c11 = v128.load(c, 48);
  let c20 = v128.load(c, 64);
  let c21 = v128.load(c, 80);
  let c30 = v128.load(c, 96);
  let c31 = v128.load(c, 112);
  let c40 = v128.load(c, 128);
  let c41 = v128.load(c, 144);
  let c50 = v128.load(c, 160);
  let c51 = v128.load(c, 176);
  let a0 = load<usize>(entry);
  let a1 = load<usize>(entry, 4);
  let a2 = load<usize>(entry, 8);
  let a3 = load<usize>(entry, 12);
  let a4 = load<usize>(entry, 16);
  let a5 = load<usize>(entry, 20);
  for (let p = channels; p > 0; p--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const s0 = v128.load32_splat(a0);
    c00 = madd(s0, b0, c00);
    c01 = madd(s0, b1, c01);
    const s1 = v128.load32_splat(a1);
    c10 = madd(s1, b0, c10);
    c11 = madd(s1, b1, c11);
    const s2 = v128.load32_splat(a2);
    c20 = madd(s2, b0, c20);
    c21 = madd(s2, b1, c21);
    const s3 = v128.load32_splat(a3);
    c30 = madd(s3, b0, c30);
    c31 = madd(s3, b1, c31);
    const s4 = v128.load32_splat(a4);
    c40 = madd(s4, b0, c40);
    c41 = madd(s4, b1, c41);
    const s5 = v128.load32_splat(a5);
    c50 = madd(s5, b0, c50);
    c51 = madd(s5, b1, c51);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
    a5 += 4;
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
  v128.store(c, c40, 128);
  v128.store(c, c41, 144);
  v128.store(c, c50, 160);
  v128.store(c, c51, 176);
}
