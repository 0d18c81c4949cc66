import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  averagePool,
  chain,
  conv2d,
  conv2dTranspose,
  depthwiseConv2d,
  downsample,
  graph,
  maxPool,
  type Net,
  resize,
  upsample,
} from "../../dsl/index.js";
import { withParameters } from "../../dsl/parameters.js";
import { read } from "../../test/lowered.js";

/** A layer on images of this shape, with these arrays. */
function on(
  shape: readonly number[],
  layer: Net,
  arrays: Readonly<Record<string, readonly [shape: readonly number[], data: readonly number[]]>> = {},
): (x: readonly number[], batch?: number) => readonly number[] {
  const net = graph({
    inputs: { x: shape },
    nodes: { y: layer },
    edges: { y: "x" },
    outputs: "y",
  } as never) as Net;
  const named = Object.entries(arrays).map(([field, [size, data]]) => [
    `y.${field}`,
    { shape: size, dtype: "float32" as const, data: Float32Array.from(data) },
  ]);
  const ready = withParameters(net, Object.fromEntries(named));
  return (x, batch = 1) => Object.values(read(ready, { x }, { batch }).outputs)[0] as readonly number[];
}
const close = (got: readonly number[], want: readonly number[]): void => {
  assert.is(got.length, want.length);
  want.forEach((v, i) => {
    assert.ok(Math.abs((got[i] as number) - v) < 1e-6, `${i}: ${got[i]}, not ${v} in ${got.join(", ")}`);
  });
};
const ramp = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const ones = (n: number): number[] => Array<number>(n).fill(1);

test("conv2d, same: the smaller half of the zeros lies before the image, as in TensorFlow", () => {
  // 4 pixels, kernel 3, stride 2: 2 places reach 5 pixels, so that one zero is needed, and lies behind
  const y = on([4, 1, 1], conv2d(1, [3, 1], { stride: [2, 1], bias: false }), {
    weight: [
      [3, 1, 1, 1],
      [1, 10, 100],
    ],
  });
  close(y([1, 2, 3, 4]), [321, 43]);
  // 5 pixels, kernel 3, stride 2: 3 places reach 7 pixels, one zero on each side
  const odd = on([5, 1, 1], conv2d(1, [3, 1], { stride: [2, 1], bias: false }), {
    weight: [
      [3, 1, 1, 1],
      [1, 10, 100],
    ],
  });
  close(odd([1, 2, 3, 4, 5]), [210, 432, 54]);
  // an even kernel: one zero, behind
  const even = on([3, 1, 1], conv2d(1, [2, 1], { bias: false }), {
    weight: [
      [2, 1, 1, 1],
      [1, 10],
    ],
  });
  close(even([1, 2, 3]), [21, 32, 3]);
});

test("conv2d, valid and dilated, with its bias", () => {
  const y = on([5, 1, 1], conv2d(1, [2, 1], { padding: "valid", dilation: [3, 1] }), {
    weight: [
      [2, 1, 1, 1],
      [1, 10],
    ],
    bias: [[1], [0.5]],
  });
  close(y([1, 2, 3, 4, 5]), [41.5, 52.5]);
});

test("conv2d of one pixel mixes channels; its groups do not meet", () => {
  const mix = on([2, 1, 2], conv2d(2, 1, { bias: false }), {
    weight: [
      [1, 1, 2, 2],
      [1, 2, 10, 20],
    ],
  });
  close(mix([1, 2, 3, 4]), [21, 42, 43, 86]);
  const apart = on([2, 1, 2], conv2d(2, 1, { groups: 2, bias: false }), {
    weight: [
      [1, 1, 1, 2],
      [10, 100],
    ],
  });
  close(apart([1, 2, 3, 4]), [10, 200, 30, 400]);
});

test("depthwiseConv2d: output channel n is of input channel ⌊n/multiplier⌋", () => {
  const y = on([1, 1, 2], depthwiseConv2d(1, { multiplier: 2, bias: false }), {
    weight: [
      [1, 1, 1, 4],
      [1, 10, 100, 1000],
    ],
  });
  close(y([3, 7]), [3, 30, 700, 7000]);
});

test("conv2dTranspose: each pixel spreads a filter", () => {
  const valid = on([2, 1, 1], conv2dTranspose(1, [3, 1], { stride: [2, 1], padding: "valid", bias: false }), {
    weight: [
      [3, 1, 1, 1],
      [1, 10, 100],
    ],
  });
  close(valid([1, 2]), [1, 10, 102, 20, 200]);
  // same, twice the size: the convolution back has its one zero behind, so that the last number goes
  const same = on([2, 1, 1], conv2dTranspose(1, [3, 1], { stride: [2, 1] }), {
    weight: [
      [3, 1, 1, 1],
      [1, 10, 100],
    ],
    bias: [[1], [0.5]],
  });
  close(same([1, 2]), [1.5, 10.5, 102.5, 20.5]);
});

test("averagePool, same: what lies outside of the image is not counted", () => {
  const y = on([3, 3, 1], averagePool(2, { stride: 2, padding: "same" }));
  // 1 2 3 / 4 5 6 / 7 8 9: the zero column and row lie behind
  close(y(ramp(9)), [3, 4.5, 7.5, 9]);
  close(on([3, 3, 1], averagePool(3, { stride: 1, padding: "same" }))(ones(9)), ones(9));
  // blocks, by channel
  close(on([2, 4, 2], averagePool(2))(ramp(16)), [6, 7, 10, 11]);
  // windows that overlap, and what is left over is left out
  close(on([4, 1, 1], averagePool([2, 1], { stride: [1, 1] }))([1, 2, 4, 8]), [1.5, 3, 6]);
  close(on([5, 1, 1], averagePool([2, 1]))([1, 2, 4, 8, 16]), [1.5, 6]);
});

test("maxPool, same: what lies outside is below every number", () => {
  const y = on([3, 3, 1], maxPool(2, { stride: 2, padding: "same" }));
  close(y(ramp(9).map((v) => -v)), [-1, -3, -7, -9]);
  close(on([4, 1, 1], maxPool([3, 1], { stride: [1, 1], padding: "same" }))([1, 9, 3, 2]), [9, 9, 9, 3]);
});

test("upsample and downsample by whole factors", () => {
  close(on([1, 2, 1], upsample([2, 3]))([1, 2]), [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]);
  close(on([4, 2, 1], downsample([4, 1], { method: "nearest" }))(ramp(8)), [5, 6]);
  close(on([2, 4, 1], downsample())(ramp(8)), [3.5, 5.5]);
});

test("bilinear: half-pixel centres, the outermost pixels going on for ever", () => {
  close(on([1, 2, 1], upsample([1, 2], { method: "bilinear" }))([0, 4]), [0, 1, 3, 4]);
  close(on([2, 1, 1], upsample([2, 1], { method: "bilinear" }))([0, 4]), [0, 1, 3, 4]);
  // 3 pixels to 2: centres at 0.25 and 1.75
  close(on([1, 3, 1], resize([1, 2]))([0, 4, 8]), [1, 7]);
  // the factor is even: between the two middle pixels of each block
  close(on([1, 4, 1], downsample([1, 2], { method: "bilinear" }))([0, 2, 10, 20]), [1, 15]);
  // a plane stays a plane, but for the border
  const plane = on(
    [4, 4, 1],
    resize([8, 8]),
  )(Array.from({ length: 16 }, (_, i) => Math.floor(i / 4) + 10 * (i % 4)));
  close(plane.slice(8 + 1, 8 + 7), [2.75, 7.75, 12.75, 17.75, 22.75, 27.75]);
});

test("nearest resizing reads pixel ⌊(i + ½)·n/n′⌋", () => {
  close(on([1, 3, 1], resize([1, 5], { method: "nearest" }))([1, 2, 3]), [1, 1, 2, 3, 3]);
  close(on([1, 6, 1], resize([1, 4], { method: "nearest" }))(ramp(6)), [1, 3, 4, 6]);
});

test("images of a batch do not meet", () => {
  const layer = chain([
    conv2d(3, 3),
    upsample(2, { method: "bilinear" }),
    averagePool(3, { stride: 2, padding: "same" }),
  ]);
  const y = on([3, 2, 2], layer);
  const [one, two] = [ramp(12), ramp(12).map((v) => Math.sin(v))];
  close(y([...one, ...two], 2), [...y(one), ...y(two)]);
});

test.run();
