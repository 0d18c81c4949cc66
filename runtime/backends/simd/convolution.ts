/** Convolutions of images and their transposes, cut into rows of the output's images or of the filter. */
import type { Conv2dAttrs, OpOf, ValueId } from "../../program.js";
import type { Emitter } from "./emit.js";
import { type Lowering, only } from "./lowering.js";
import { tileRows } from "./matmul.js";
import type { Code } from "./wasm.js";

type Shape4 = readonly [number, number, number, number];
const shapeOf = ({ value }: Emitter, id: ValueId): Shape4 => value(id).shape as unknown as Shape4;

/** The numbers that the kernels take, from the images on the side of x, the filter and those on the side of y. */
function geometry({ strides, dilations, before, groups }: Conv2dAttrs, x: Shape4, filter: Shape4, y: Shape4) {
  const [, h, w, c] = x;
  const [kh, kw, , n] = filter;
  const [size, rest] = [
    [h, w, c, kh, kw],
    [y[1], y[2], ...strides, ...dilations, ...before],
  ];
  return depthwise(groups, filter) ? [...size, ...rest] : [...size, n, ...rest, groups];
}

/** Every group is one channel, which makes one. */
const depthwise = (groups: number, [, , channels, n]: Shape4): boolean => channels === 1 && n === groups;

type Images = "conv2d" | "conv2dInput";
const depthwiseKernels = { conv2d: "depthwise", conv2dInput: "depthwiseInput" } as const;

/** `conv2d` and its transpose in the images differ in which of them is x. */
function images<P extends Images>(kernel: P): Lowering<P> {
  type O = OpOf<Images>;
  const code = ({ attrs, inputs, outputs }: O, emitter: Emitter, from: number, to: number): Code => {
    const { kernels, address, real, scratch, call } = emitter;
    const [given, made] = [shapeOf(emitter, only(inputs)), shapeOf(emitter, only(outputs))];
    const filter = shapeOf(emitter, only(inputs, 1));
    const [x, y] = kernel === "conv2d" ? [given, made] : [made, given];
    const [source, weights] = [real(only(inputs)), real(only(inputs, 1))];
    const { groups } = attrs;
    const narrow = depthwise(groups, filter);
    const room = scratch(
      narrow
        ? kernels.depthwiseScratch()
        : kernels.convolutionScratch(filter[0] * filter[1], given[3] / groups, made[3] / groups),
    );
    const numbers = [...geometry(attrs, x, filter, y), from, to, room];
    return [
      ...source.code,
      ...weights.code,
      ...call(
        narrow ? depthwiseKernels[kernel] : kernel,
        source.address,
        weights.address,
        address(only(outputs)),
        ...numbers,
      ),
    ];
  };
  const lowering: Lowering<Images> = {
    pieces: ({ outputs }, emitter) => {
      const [b, rows] = shapeOf(emitter, only(outputs));
      return b * rows;
    },
    code,
    cut: ({ outputs }, emitter) => {
      const [, , places, n] = shapeOf(emitter, only(outputs));
      return new Map([[only(outputs), places * n]]);
    },
  };
  return lowering as unknown as Lowering<P>;
}

export const conv2d: Lowering<"conv2d"> = images("conv2d");
export const conv2dInput: Lowering<"conv2dInput"> = images("conv2dInput");

export const conv2dFilter: Lowering<"conv2dFilter"> = {
  pieces: ({ attrs, outputs }, emitter) => {
    const filter = shapeOf(emitter, only(outputs));
    const [kh, kw, channels] = filter;
    if (depthwise(attrs.groups, filter)) return kh * kw;
    return attrs.groups * Math.ceil((kh * kw * channels) / tileRows);
  },
  code: ({ attrs, inputs, outputs }, emitter, from, to) => {
    const { kernels, address, real, scratch, call } = emitter;
    const [x, dy] = [real(only(inputs)), real(only(inputs, 1))];
    const [images, filter] = [shapeOf(emitter, only(inputs)), shapeOf(emitter, only(outputs))];
    const narrow = depthwise(attrs.groups, filter);
    const room = scratch(
      narrow ? kernels.depthwiseScratch() : kernels.conv2dFilterScratch(filter[3] / attrs.groups),
    );
    const numbers = geometry(attrs, images, filter, shapeOf(emitter, only(inputs, 1)));
    numbers.push(images[0], from, to, room);
    const kernel = narrow ? "depthwiseFilter" : "conv2dFilter";
    return [
      ...x.code,
      ...dy.code,
      ...call(kernel, x.address, dy.address, address(only(outputs)), ...numbers),
    ];
  },
};
