import { madd } from "./madd";

/** Bytes of an entry of the table that `gatherTile` follows. */
export const entryBytes: usize = 32;

/**
 * C[6, 8] = Σ_t Σ_p a_t[p, 0…5] ⊗ b_t[p, 0…7]. Entry t of the table holds the addresses of six rows of `channels`
 * numbers, and where in the packed `panel` the rows of b_t begin. The rows of C go to `offset` bytes after the six
 * addresses at `to`. So the rows of A need not be packed, nor lie evenly (indirect convolution, arXiv:1907.02129).
 */
export function gatherTile(
  table: usize,
  end: usize,
  panel: usize,
  channels: i32,
  to: usize,
  offset: usize,
): void {
  let c00 = f32x4.splat(0),
    c01 = c00,
    c10 = c00,
    c11 = c00,
    c20 = c00,
    c21 = c00;
  let c30 = c00,
    c31 = c00,
    c40 = c00,
    c41 = c00,
    c50 = c00,
    c51 = c00;
  for (; table < end; table += entryBytes) {
    let a0 = load<usize>(table);
    let a1 = load<usize>(table, 4);
    let a2 = load<usize>(table, 8);
    let a3 = load<usize>(table, 12);
    let a4 = load<usize>(table, 16);
    let a5 = load<usize>(table, 20);
    let b = panel + load<usize>(table, 24);
    for (const last = a0 + <usize>(channels << 2); a0 < last; a0 += 4) {
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
      a1 += 4;
      a2 += 4;
      a3 += 4;
      a4 += 4;
      a5 += 4;
      b += 32;
    }
  }
  put(load<usize>(to) + offset, c00, c01);
  put(load<usize>(to, 4) + offset, c10, c11);
  put(load<usize>(to, 8) + offset, c20, c21);
  put(load<usize>(to, 12) + offset, c30, c31);
  put(load<usize>(to, 16) + offset, c40, c41);
  put(load<usize>(to, 20) + offset, c50, c51);
}

function put(to: usize, low: v128, high: v128): void {
  v128.store(to, low);
  v128.store(to, high, 16);
}
