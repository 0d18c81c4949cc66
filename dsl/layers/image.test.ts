/** Sizes of images against windows that are moved by hand, and what the builders refuse. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  averagePool,
  conv2d,
  conv2dTranspose,
  depthwiseConv2d,
  type Layer,
  layers,
  nest,
  type Padding,
  type PortType,
  relu,
  slice,
  transpose,
} from "../index.js";

const sizesOf = (layer: Layer, h: number, w: number): readonly unknown[] | string => {
  const output = layers[layer.op].forward(layer.options, [{ dtype: "real", shape: [h, w, 2] } as PortType]);
  return typeof output === "string" ? output : (output.shape ?? []).slice(0, 2);
};

/** The places of a window, counted one after the other. */
const counted = (n: number, k: number, stride: number, dilation: number, padding: Padding): number => {
  let places = 0;
  for (let at = 0; at < n; at += stride) {
    const last = at + (k - 1) * dilation;
    if (padding === "same" || last < n) places++;
  }
  return places;
};

test("a window has as many places as can be counted", () => {
  for (let n = 1; n <= 12; n++)
    for (const k of [1, 2, 3, 5])
      for (const stride of [1, 2, 3])
        for (const dilation of [1, 2])
          for (const padding of ["same", "valid"] as const) {
            const [rows, columns] = [n, 12].map((size) => counted(size, k, stride, dilation, padding));
            const want =
              rows === 0
                ? `at least [${(k - 1) * dilation + 1}, ${(k - 1) * dilation + 1}, ?] but receives [${n}, 12, 2]`
                : [rows, columns];
            const moves = { stride, dilation, padding };
            const cases = {
              conv2d: conv2d(3, k, moves),
              depthwiseConv2d: depthwiseConv2d(k, moves),
              ...(dilation === 1 && { averagePool: averagePool(k, { stride, padding }) }),
            };
            for (const [who, layer] of Object.entries(cases))
              assert.equal(
                sizesOf(layer, n, 12),
                typeof want === "string" ? `${who} takes ${want}` : want,
                `${who} ${JSON.stringify({ n, k, ...moves })}`,
              );
          }
});

test("conv2dTranspose gives the image that its convolution takes", () => {
  for (let h = 1; h <= 6; h++)
    for (const k of [1, 2, 3, 5])
      for (const stride of [1, 2, 3])
        for (const padding of ["same", "valid"] as const) {
          const [rows, columns] = sizesOf(conv2dTranspose(2, k, { stride, padding }), h, 6) as [
            number,
            number,
          ];
          const back = sizesOf(conv2d(2, k, { stride, padding }), rows, columns);
          assert.equal(back, [h, 6], JSON.stringify({ h, k, stride, padding }));
        }
});

test("what no layer can be is refused by its builder, by name", () => {
  const refused = (make: () => unknown, sentence: string): void => assert.throws(make, sentence);
  refused(() => conv2d(0, 3), "conv2d: channels: ");
  refused(() => conv2d(8, 1.5), "conv2d: kernel: 0: ");
  refused(() => conv2d(8, 3, { groups: 3 }), "conv2d: channels: takes a multiple of groups");
  refused(() => conv2d(8, 3, { padding: "full" as Padding }), "conv2d: padding: ");
  refused(() => averagePool([2, 0]), "averagePool: size: 1: ");
  refused(() => transpose([0, 0]), "transpose: order: takes each axis once");
  refused(() => transpose([1, 2]), "transpose: order: takes each axis once");
  refused(() => slice(0.5), "slice: begin: ");
  refused(() => nest(relu, 0), "nest takes a number of times from 1 to 10000 but receives 0");
});

test.run();
