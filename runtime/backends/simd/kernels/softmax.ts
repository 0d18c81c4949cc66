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
 * division. `out` may be `x`.
 */
export function softmaxRow(x: usize, out: usize, n: i32, scale: f32): f32 {
  const factor = f32x4.splat(scale);
  const least = f32x4.splat(-Infinity);
  let most = least;
  for (let j = 0; j < n; j += 4)
    most = f32x4.max(most, firstLanes(f32x4.mul(v128.load(x + <usize>(j << 2)), factor), n - j, least));
  const top = maxOfLanes(most);
  // A row of −∞ alone has no softmax: it comes to NaN.
  const shift = f32x4.splat(top);
  let sums = f32x4.splat(0);
  for (let j = 0; j < n; j += 4) {
    const at = <usize>(j << 2);
    const e = exp(f32x4.sub(f32x4.mul(v128.load(x + at), factor), shift));
    sums = f32x4.add(sums, firstLanes(e, n - j, f32x4.splat(0)));
    storeFirst(out + at, e, n - j);
  }
  const sum = sumOfLanes(sums);
  const rate = f32x4.splat(<f32>1 / sum);
  for (let j = 0; j < n; j += 4) {
    const at = out + <usize>(j << 2);
    storeFirst(at, f32x4.mul(v128.load(at), rate), n - j);
  }
  return top + <f32>Math.log(sum);
}
