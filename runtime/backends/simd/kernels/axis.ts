/**
 * One axis of a convolution, forward or back: which places of the source each place of the output reads. Place
 * first + i·step of the output, i < count, reads at tap number `tap` + t·tapStep, t < taps, the source's place
 * from + t·fromStep + i·move, if it lies in 0 … size − 1.
 */
@unmanaged
export class Axis {
  size: i32;
  first: i32;
  step: i32;
  count: i32;
  tap: i32;
  tapStep: i32;
  taps: i32;
  from: i32;
  fromStep: i32;
  move: i32;

  /** The source's place, or −1 outside. */
  place(i: i32, t: i32): i32 {
    const at = this.from + t * this.fromStep + i * this.move;
    return <u32>at < <u32>this.size ? at : -1;
  }
}

/** Bytes of an `Axis`. */
export const axisBytes: usize = 40;

/** out[i] = Σ_u f[u]·x[i·stride + u·dilation − before] */
export function forward(
  at: usize,
  size: i32,
  count: i32,
  taps: i32,
  stride: i32,
  dilation: i32,
  before: i32,
): Axis {
  const axis = changetype<Axis>(at);
  axis.size = size;
  axis.first = 0;
  axis.step = 1;
  axis.count = count;
  axis.tap = 0;
  axis.tapStep = 1;
  axis.taps = taps;
  axis.from = -before;
  axis.fromStep = dilation;
  axis.move = stride;
  return axis;
}

/**
 * The transpose of `forward`, at the places phase + i·stride of `places`: they read
 * dy[(phase + before − u·dilation)/stride + i] at the taps u for which that is whole.
 */
export function backward(
  at: usize,
  size: i32,
  places: i32,
  taps: i32,
  stride: i32,
  dilation: i32,
  before: i32,
  phase: i32,
): Axis {
  const axis = changetype<Axis>(at);
  const tapStep = stride / divisor(stride, dilation);
  let tap = 0;
  while (tap < min(taps, tapStep) && (phase + before - tap * dilation) % stride !== 0) tap++;
  axis.size = size;
  axis.first = phase;
  axis.step = stride;
  axis.count = phase < places ? (places - 1 - phase) / stride + 1 : 0;
  axis.tap = tap;
  axis.tapStep = tapStep;
  axis.taps = tap < min(taps, tapStep) ? (taps - 1 - tap) / tapStep + 1 : 0;
  axis.from = (phase + before - tap * dilation) / stride;
  axis.fromStep = (-dilation * tapStep) / stride;
  axis.move = 1;
  return axis;
}

/** The greatest common divisor. */
function divisor(a: i32, b: i32): i32 {
  while (b > 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}
