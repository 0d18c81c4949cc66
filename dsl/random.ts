/**
 * Counter-based random numbers: element i of a stream is a function of (seed, step, stream, i) alone, so that
 * every backend draws the same integers in any order, in parallel, and after every resume.
 *
 *     (w0, w1, w2) = pcg3d(i, step, pcg(seed + pcg(stream)))
 *     uniform = ⌊w0/2⁸⌋ · 2⁻²⁴                                   in [0, 1), exact in float32
 *     normal  = √(−2 ln u1) · cos(2π u2),  u1 = (⌊w0/2⁸⌋ + ½) · 2⁻²⁴,  u2 = ⌊w1/2⁸⌋ · 2⁻²⁴   (Box-Muller)
 *     integer = min + (w0 mod (max − min + 1))
 *
 * All arithmetic on words is modulo 2³². Source: Jarzynski & Olano, "Hash Functions for GPU Rendering",
 * JCGT 9(3), 2020 (pcg and pcg3d), after O'Neill's PCG.
 */

/** The place of a draw. Words are taken modulo 2³². */
export interface RandomKey {
  readonly seed: number;
  /** The training step; default 0. */
  readonly step?: number;
  /** `streamOf(path)` of the node that draws; default 0. */
  readonly stream?: number;
  /** The index of the first element; default 0. */
  readonly first?: number;
}

/** One 32-bit word hashed to another, a bijection. */
export function pcg(x: number): number {
  const s = (Math.imul(x, 747796405) + 2891336453) >>> 0;
  const w = Math.imul((s >>> ((s >>> 28) + 4)) ^ s, 277803737) >>> 0;
  return ((w >>> 22) ^ w) >>> 0;
}

/** Three words hashed to three, a bijection. */
export function pcg3d(x: number, y: number, z: number): readonly [number, number, number] {
  x = (Math.imul(x, 1664525) + 1013904223) | 0;
  y = (Math.imul(y, 1664525) + 1013904223) | 0;
  z = (Math.imul(z, 1664525) + 1013904223) | 0;
  x = (x + Math.imul(y, z)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  x = (x + Math.imul(y, z)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  return [x >>> 0, y >>> 0, z >>> 0];
}

/** The stream of a node: the 32-bit FNV-1a hash of its path, as UTF-8. */
export function streamOf(path: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(path)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Fills `out` with `draw(w0, w1)` of the elements first, first + 1, … of the stream. */
function fill<A extends Float32Array | Int32Array>(
  out: A,
  key: RandomKey,
  draw: (w0: number, w1: number) => number,
): A {
  const { seed, step = 0, stream = 0, first = 0 } = key;
  const z = pcg((seed + pcg(stream)) | 0);
  for (let i = 0; i < out.length; i++) {
    const [w0, w1] = pcg3d((first + i) | 0, step, z);
    out[i] = draw(w0, w1);
  }
  return out;
}

/** Uniform in [0, 1): multiples of 2⁻²⁴. */
export const uniforms = (count: number, key: RandomKey): Float32Array =>
  fill(new Float32Array(count), key, (w0) => (w0 >>> 8) * 2 ** -24);

/** Normal with mean 0 and standard deviation 1, at most 5.9 away from 0. */
export const normals = (count: number, key: RandomKey): Float32Array =>
  fill(
    new Float32Array(count),
    key,
    (w0, w1) =>
      Math.sqrt(-2 * Math.log(((w0 >>> 8) + 0.5) * 2 ** -24)) * Math.cos(2 * Math.PI * (w1 >>> 8) * 2 ** -24),
  );

/** Uniform integers from min to max, both included; the bias is below (max − min + 1)·2⁻³². */
export const integers = (count: number, min: number, max: number, key: RandomKey): Int32Array =>
  fill(new Int32Array(count), key, (w0) => min + (w0 % (max - min + 1)));

const shuffle = streamOf("permutation");

/** A random order of 0 … n − 1 (Fisher-Yates): the order of the examples in round `step`. */
export function permutation(n: number, { seed, step = 0 }: Pick<RandomKey, "seed" | "step">): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const z = pcg((seed + pcg(shuffle)) | 0);
  for (let i = n - 1; i > 0; i--) {
    const j = pcg3d(i, step, z)[0] % (i + 1);
    const moved = order[i] as number;
    order[i] = order[j] as number;
    order[j] = moved;
  }
  return order;
}
