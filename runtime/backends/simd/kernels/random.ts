/**
 * Random numbers by counter: the generator of `dsl/random.ts`, four elements at a time. `key` holds three int32:
 * seed, step and the index of the first element, to which `first` is added.
 */
import { exponent, fraction, logOfOnePlus } from "./log";
import { madd } from "./madd";
import { storeFirst } from "./store";

/** One word hashed to another. */
function pcg(x: u32): u32 {
  const s = x * 747796405 + 2891336453;
  const w = ((s >> ((s >> 28) + 4)) ^ s) * 277803737;
  return (w >> 22) ^ w;
}

/** The third coordinate of the words of a stream. */
function streamKey(key: usize, stream: u32): v128 {
  return i32x4.splat(pcg(load<u32>(key) + pcg(stream)));
}

/** The first four indices. */
function counter(key: usize, first: i32): v128 {
  return i32x4.add(i32x4.splat(load<i32>(key, 8) + first), i32x4(0, 1, 2, 3));
}

function step(x: v128): v128 {
  return i32x4.add(i32x4.mul(x, i32x4.splat(1664525)), i32x4.splat(1013904223));
}

function addProduct(x: v128, y: v128, z: v128): v128 {
  return i32x4.add(x, i32x4.mul(y, z));
}

function fold(x: v128): v128 {
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** The words 0 and 1 of pcg3d(x, y, z); each is a function of its own, that two words come without memory. */
function word0(x: v128, y: v128, z: v128): v128 {
  x = step(x);
  y = step(y);
  z = step(z);
  x = addProduct(x, y, z);
  y = addProduct(y, z, x);
  z = addProduct(z, x, y);
  return addProduct(fold(x), fold(y), fold(z));
}

function word1(x: v128, y: v128, z: v128, w0: v128): v128 {
  x = step(x);
  y = step(y);
  z = step(z);
  x = addProduct(x, y, z);
  y = addProduct(y, z, x);
  z = addProduct(z, x, y);
  return addProduct(fold(y), fold(z), w0);
}

/** ⌊w/2⁸⌋·2⁻²⁴ */
function unit(w: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(w, 8)), f32x4.splat(5.9604644775390625e-8));
}

export function randomUniform(out: usize, count: i32, key: usize, stream: u32, first: i32): void {
  const z = streamKey(key, stream);
  const y = i32x4.splat(load<i32>(key, 4));
  let x = counter(key, first);
  for (; count > 0; count -= 4) {
    storeFirst(out, unit(word0(x, y, z)), count);
    x = i32x4.add(x, i32x4.splat(4));
    out += 16;
  }
}

export function randomInteger(
  out: usize,
  count: i32,
  key: usize,
  stream: u32,
  first: i32,
  least: i32,
  most: i32,
): void {
  const z = streamKey(key, stream);
  const y = i32x4.splat(load<i32>(key, 4));
  const range = <u32>(most - least + 1);
  let x = counter(key, first);
  for (; count > 0; count -= 4) {
    const w = word0(x, y, z);
    const drawn = i32x4(
      modulo(i32x4.extract_lane(w, 0), range),
      modulo(i32x4.extract_lane(w, 1), range),
      modulo(i32x4.extract_lane(w, 2), range),
      modulo(i32x4.extract_lane(w, 3), range),
    );
    storeFirst(out, i32x4.add(drawn, i32x4.splat(least)), count);
    x = i32x4.add(x, i32x4.splat(4));
    out += 16;
  }
}

/** w mod range; a range of 0 stands for 2³². */
function modulo(w: u32, range: u32): u32 {
  return range === 0 ? w : w % range;
}

/** √(−2 ln u1)·cos(2π u2) (Box-Muller). */
export function randomNormal(out: usize, count: i32, key: usize, stream: u32, first: i32): void {
  const z = streamKey(key, stream);
  const y = i32x4.splat(load<i32>(key, 4));
  let x = counter(key, first);
  for (; count > 0; count -= 4) {
    const w0 = word0(x, y, z);
    const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), logOfUniform(w0)));
    storeFirst(out, f32x4.mul(radius, cosOfTurns(unit(word1(x, y, z, w0)))), count);
    x = i32x4.add(x, i32x4.splat(4));
    out += 16;
  }
}

/**
 * log((a + ½)·2⁻²⁴), a = ⌊w/2⁸⌋. Near 1 it is log(1 − v) with v = (2²⁴ − a − ½)·2⁻²⁴, which float32 holds exactly.
 */
function logOfUniform(w: v128): v128 {
  const a = i32x4.shr_u(w, 8);
  const half = f32x4.splat(0.5);
  const scale = f32x4.splat(5.9604644775390625e-8);
  const u = f32x4.mul(f32x4.add(f32x4.convert_i32x4_s(a), half), scale);
  const v = f32x4.mul(f32x4.add(f32x4.convert_i32x4_s(i32x4.sub(i32x4.splat(0xffffff), a)), half), scale);
  const e = exponent(u);
  const f = v128.bitselect(f32x4.neg(v), fraction(u, e), f32x4.lt(v, f32x4.splat(0.25)));
  return logOfOnePlus(f, f32x4.convert_i32x4_s(e));
}

/** cos 2πu = sin r with r = 2π(|u − ½| − ¼), for 0 ≤ u < 1; sin r by a polynomial to 7·10⁻⁹ for |r| ≤ π/2. */
function cosOfTurns(u: v128): v128 {
  const turns = f32x4.sub(f32x4.abs(f32x4.sub(u, f32x4.splat(0.5))), f32x4.splat(0.25));
  const r = f32x4.mul(turns, f32x4.splat(6.283185307179586));
  const z = f32x4.mul(r, r);
  let p = f32x4.splat(2.6051662759e-6);
  p = madd(p, z, f32x4.splat(-1.9809046357e-4));
  p = madd(p, z, f32x4.splat(8.3330506173e-3));
  p = madd(p, z, f32x4.splat(-1.666665797e-1));
  return madd(f32x4.mul(p, z), r, r);
}
