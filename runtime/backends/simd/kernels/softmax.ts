import { exp } from "./exp";
import { firstLanes, maxOfLanes, sumOfLanes } from "./lanes";
import { storeFirst } from "./store";

/** The rows `from` … `to` − 1 of x [·, n] → eˣ/Σ eˣ. */
export function softmax(x: usize, out: usize, n: i32, from: i32, to: i32): void {
  for (let row = from; row < to; row++) {
    const at = <usize>row * <usize>(n << 2);
    softmaxRow(x + at, out + at, n, 1);
  }
}

/**
 * One row x → softmax(scale·x); gives log Σ e^(scale·x). Three passes: the maximum, the exponentials and their sum, the
 * division. `out` may be `x`. A row of −∞ alone comes to NaN.
 */
export function softmaxRow(x: usize, out: usize, n: i32, scale: f32): f32 {
  const factor = f32x4.splat(scale);
  const least = f32x4.splat(-Infinity);
  const whole = <usize>((n & -4) << 2);
  const rest = n & 3;
  let most = least;
  for (let j: usize = 0; j < whole; j += 16) most = f32x4.max(most, f32x4.mul(v128.load(x + j), factor));
  if (rest > 0) most = f32x4.max(most, firstLanes(f32x4.mul(v128.load(x + whole), factor), rest, least));
  const top = maxOfLanes(most);
  const shift = f32x4.splat(top);
  let sums = f32x4.splat(0);
  for (let j: usize = 0; j < whole; j += 16) {
    const e = exp(f32x4.sub(f32x4.mul(v128.load(x + j), factor), shift));
    sums = f32x4.add(sums, e);
    v128.store(out + j, e);
  }
  if (rest > 0) {
    const e = exp(f32x4.sub(f32x4.mul(v128.load(x + whole), factor), shift));
    sums = f32x4.add(sums, firstLanes(e, rest, f32x4.splat(0)));
    storeFirst(out + whole, e, rest);
  }
  const sum = sumOfLanes(sums);
  const rate = f32x4.splat(<f32>1 / sum);
  for (let j: usize = 0; j < whole; j += 16) v128.store(out + j, f32x4.mul(v128.load(out + j), rate));
  if (rest > 0) storeFirst(out + whole, f32x4.mul(v128.load(out + whole), rate), rest);
  return top + <f32>Math.log(sum);
}
