/**
 * Convolutions of images and their transposes, each by one of three kernels: Winograd's transforms, vectors of channels
 * where every group is one channel, else products with the filter.
 */
import type { Conv2dAttrs, OpOf, ValueId } from "../../program.js";
import type { Emitter } from "./emit.js";
import { type Lowering, only } from "./lowering.js";
import { tileRows } from "./matmul.js";
import type { Code } from "./wasm.js";

type Shape4 = readonly [number, number, number, number];
/** The arrays that y = conv2d(x, filter) joins; a transpose gives x or the filter instead. */
interface Geometry extends Conv2dAttrs {
  readonly x: Shape4;
  readonly filter: Shape4;
  readonly y: Shape4;
}

function geometryOf(op: OpOf<"conv2d" | "conv2dInput" | "conv2dFilter">, { value }: Emitter): Geometry {
  const shape = (id: ValueId): Shape4 => value(id).shape as unknown as Shape4;
  const [first, second] = [shape(only(op.inputs)), shape(only(op.inputs, 1))];
  const made = shape(only(op.outputs));
  if (op.prim === "conv2d") return { ...op.attrs, x: first, filter: second, y: made };
  if (op.prim === "conv2dInput") return { ...op.attrs, x: made, filter: second, y: first };
  return { ...op.attrs, x: first, filter: made, y: second };
}

type Way = "products" | "channels" | "winograd";

/**
 * The way that takes the least time: 3×3 taps side by side go by Winograd's transforms where they cost less than the
 * products that they save. The factors are cycles of one core, measured on images of 7×7 to 28×28 with 4 to 192 channels.
 */
function wayOf({ x, filter, y, strides, dilations, groups }: Geometry): Way {
  const [kh, kw, channels, n] = filter;
  if (groups > 1) return channels === 1 && n === groups ? "channels" : "products";
  const [b, rows, places] = y;
  const c = x[3];
  const near = [kh, kw].every((size) => size === 3) && [...strides, ...dilations].every((d) => d === 1);
  if (!near || c % 4 > 0 || n % 8 > 0) return "products";
  const patches = b * Math.ceil(rows / 4) * Math.ceil(places / 4);
  const products = 1.2 * b * rows * places * c * n;
  const transforms = patches * (5 * c * n + 30 * c + 30 * n) + 20 * c * n;
  return transforms < products ? "winograd" : "products";
}

/** At most so many columns of a filter are few: its gradient is then made without panels of eight. */
const fewColumns = 4;
const isFew = ({ x, filter, groups }: Geometry): boolean =>
  groups === 1 && filter[3] <= fewColumns && x[3] >= 2 * fewColumns;

/** The sizes, strides and so on that the kernels of products and of channels take. */
function sizes({ x, filter, y, strides, dilations, before, groups }: Geometry, way: Way): number[] {
  const [, h, w, c] = x;
  const [kh, kw, , n] = filter;
  const rest = [y[1], y[2], ...strides, ...dilations, ...before];
  return way === "channels" ? [h, w, c, kh, kw, ...rest] : [h, w, c, kh, kw, n, ...rest, groups];
}

type Images = "conv2d" | "conv2dInput";
const channelKernels = { conv2d: "depthwise", conv2dInput: "depthwiseInput" } as const;

/** Images that are enough to be the parts of the work: then a thread may go on with its own from layer to layer. */
export const manyImages = 16;

/** The rows of the output that are made at a time, by each kernel; and how many of those are a part of the work. */
function units(geometry: Geometry, made: Shape4): { perImage: number; perPart: number } {
  const [b, rows] = made;
  const perImage = wayOf(geometry) === "winograd" ? Math.ceil(rows / 4) : rows;
  return { perImage, perPart: b >= manyImages ? perImage : 1 };
}

/** `conv2d` and its transpose in the images. */
function images<P extends Images>(prim: P): Lowering<P> {
  const back = prim === "conv2dInput";
  const lowering: Lowering<Images> = {
    pieces: (op, emitter) => {
      const geometry = geometryOf(op, emitter);
      const made = back ? geometry.x : geometry.y;
      const { perImage, perPart } = units(geometry, made);
      return (made[0] * perImage) / perPart;
    },
    code: (op, emitter, first, last): Code => {
      const { kernels, address, real, scratch, call } = emitter;
      const geometry = geometryOf(op, emitter);
      const { x, filter, y, before, groups } = geometry;
      const [from, to] = back ? [y, x] : [x, y];
      const { perPart } = units(geometry, to);
      const [source, weights] = [real(only(op.inputs)), real(only(op.inputs, 1))];
      const arrays = [source.address, weights.address, address(only(op.outputs))];
      const parts = [first * perPart, last * perPart];
      const way = wayOf(geometry);
      const run = (): Code => {
        if (way === "winograd") {
          const [[, h, w, c], [, rows, places, n]] = [from, to];
          const padding = before.map((p) => (back ? 2 - p : p));
          const numbers = [h, w, c, rows, places, n, ...padding, Number(back), ...parts];
          return call("winograd", ...arrays, ...numbers, scratch(kernels.winogradScratch(c, n)));
        }
        if (way === "channels") {
          const numbers = [...sizes(geometry, way), ...parts, scratch(kernels.depthwiseScratch())];
          return call(channelKernels[prim], ...arrays, ...numbers);
        }
        const taps = filter[0] * filter[1];
        const room = scratch(kernels.convolutionScratch(taps, from[3] / groups, to[3] / groups));
        return call(prim, ...arrays, ...sizes(geometry, way), ...parts, room);
      };
      return [...source.code, ...weights.code, ...run()];
    },
    cut: (op, emitter) => {
      const geometry = geometryOf(op, emitter);
      const [from, to] = back ? [geometry.y, geometry.x] : [geometry.x, geometry.y];
      const { perImage, perPart } = units(geometry, to);
      const image = ([, h, w, c]: Shape4): number => h * w * c;
      if (perPart === perImage)
        return new Map([
          [only(op.inputs), image(from)],
          [only(op.outputs), image(to)],
        ]);
      return new Map(to[1] === perImage ? [[only(op.outputs), to[2] * to[3]]] : []);
    },
  };
  return lowering as unknown as Lowering<P>;
}

export const conv2d: Lowering<"conv2d"> = images("conv2d");
export const conv2dInput: Lowering<"conv2dInput"> = images("conv2dInput");

export const conv2dFilter: Lowering<"conv2dFilter"> = {
  pieces: (op, emitter) => {
    const geometry = geometryOf(op, emitter);
    const [kh, kw, channels] = geometry.filter;
    const way = wayOf(geometry);
    if (way === "winograd") return channels / 4;
    if (way === "channels" || isFew(geometry)) return kh * kw;
    return op.attrs.groups * Math.ceil((kh * kw * channels) / tileRows);
  },
  code: (op, emitter, from, to) => {
    const { kernels, address, real, scratch, call } = emitter;
    const geometry = geometryOf(op, emitter);
    const { x, y, before, groups } = geometry;
    const [images, slopes] = [real(only(op.inputs)), real(only(op.inputs, 1))];
    const arrays = [images.address, slopes.address, address(only(op.outputs))];
    const way = wayOf(geometry);
    const run = (): Code => {
      const [[b, h, w, c], [, rows, places, n]] = [x, y];
      if (way === "winograd") {
        const room = scratch(kernels.winogradFilterScratch(4 * (to - from), c, n));
        return call("winogradFilter", ...arrays, h, w, c, rows, places, n, ...before, b, from, to, room);
      }
      const parts = [b, from, to];
      if (isFew(geometry)) {
        // The number of groups, 1, is the last of the sizes.
        const numbers = [...sizes(geometry, way).slice(0, -1), ...parts];
        return call("fewFilter", ...arrays, ...numbers, scratch(kernels.fewFilterScratch(c)));
      }
      const numbers = [...sizes(geometry, way), ...parts];
      if (way === "channels")
        return call("depthwiseFilter", ...arrays, ...numbers, scratch(kernels.depthwiseScratch()));
      return call("conv2dFilter", ...arrays, ...numbers, scratch(kernels.conv2dFilterScratch(n / groups)));
    };
    return [...images.code, ...slopes.code, ...run()];
  },
};
