/** Convolutions and pooling of images [batch, h, w, c]. */
import { sizeOf } from "../../dsl/array.js";
import type { ProgramBuilder } from "../builder.js";
import type { Conv2dAttrs, ValueId } from "../program.js";
import { type LayerContext, type Lowering, project } from "./context.js";

type Pair = readonly [number, number];
interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: "same" | "valid";
}
type Shape4 = readonly [number, number, number, number];
const along = <T>(f: (axis: 0 | 1) => T): readonly [T, T] => [f(0), f(1)];

/**
 * How many zeros lie before the first pixel, from the sizes of the image and of what the window gives. "same" centres
 * the windows, and puts what is left over behind the image (TensorFlow's rule).
 */
function beforeOf({ kernel, stride, dilation, padding }: Window, image: Pair, places: Pair): Pair {
  if (padding === "valid") return [0, 0];
  return along((axis) => {
    const reach = (places[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1;
    return Math.floor(Math.max(0, reach - image[axis]) / 2);
  });
}

const geometry = (window: Window, groups: number, image: Pair, places: Pair): Conv2dAttrs => ({
  strides: window.stride,
  dilations: window.dilation,
  before: beforeOf(window, image, places),
  groups,
});

/** Height and width of images, or of an example's shape. */
const imageOf = (shape: readonly number[]): Pair => shape.slice(-3, -1) as unknown as Pair;
const biased = ({ b, options, parameter }: LayerContext, y: ValueId): ValueId =>
  options.bias === false ? y : b.apply("add", y, parameter("bias"));

function convolve(context: LayerContext, x: ValueId, groups: number): ValueId {
  const { b, outputShape, options, parameter } = context;
  const weight = parameter("weight");
  const [kh, kw, c, n] = b.shape(weight) as Shape4;
  const window = options as unknown as Omit<Window, "kernel">;
  // a filter of one pixel is a product
  if (kh * kw * groups * window.stride[0] * window.stride[1] === 1)
    return project(b, x, b.reshape(weight, [c, n]), options.bias === false ? undefined : parameter("bias"));
  const places = imageOf(outputShape);
  const attrs = geometry({ ...window, kernel: [kh, kw] }, groups, imageOf(b.shape(x)), places);
  return biased(context, b.conv2d(x, weight, attrs, places));
}

export const convolutions = {
  conv2d: (context, x = -1) => convolve(context, x, context.options.groups as number),
  depthwiseConv2d: (context, x = -1) => convolve(context, x, context.b.shape(x)[3] as number),
  // The transpose of the convolution that leads from its output to its input.
  conv2dTranspose: (context, x = -1) => {
    const { b, outputShape, options, parameter } = context;
    const weight = parameter("weight");
    const [kh, kw] = b.shape(weight) as Shape4;
    const window = {
      ...(options as unknown as Window),
      kernel: [kh, kw] as const,
      dilation: [1, 1] as const,
    };
    const size = imageOf(outputShape);
    const attrs = geometry(window, 1, size, imageOf(b.shape(x)));
    return biased(context, b.conv2dInput(x, weight, attrs, size));
  },
} satisfies Record<string, Lowering>;

export const pools = {
  averagePool: (context, x = -1) => {
    const { b } = context;
    const window = poolWindow(context);
    const blocks = blocksOf(b, x, window);
    if (blocks) return meanOfBlocks(b, x, blocks);
    const { parts, shares } = partsOf(context, x, window, 0);
    return b.apply(
      "mul",
      parts.reduce((sum, part) => b.apply("add", sum, part)),
      shares,
    );
  },
  maxPool: (context, x = -1) => {
    const { b } = context;
    const { parts } = partsOf(context, x, poolWindow(context), lowest);
    return parts.reduce((max, part) => b.apply("max", max, part));
  },
} satisfies Record<string, Lowering>;

/** The most negative float32. */
const lowest = -3.4028234663852886e38;

const poolWindow = ({ options }: LayerContext): Window => {
  const { size, ...rest } = options as unknown as Omit<Window, "kernel" | "dilation"> & {
    readonly size: Pair;
  };
  return { ...rest, kernel: size, dilation: [1, 1] };
};

/** The size of blocks that the window cuts the image into, where it does. */
function blocksOf(b: ProgramBuilder, x: ValueId, { kernel, stride }: Window): Pair | undefined {
  const image = imageOf(b.shape(x));
  return along((axis) => kernel[axis] === stride[axis] && image[axis] % kernel[axis] === 0).every(Boolean)
    ? kernel
    : undefined;
}

/** The mean of each block: [b, h, w, c] → [b, h/size, w/size, c]. */
export function meanOfBlocks(b: ProgramBuilder, x: ValueId, [sh, sw]: Pair): ValueId {
  const [batch, h, w, c] = b.shape(x) as Shape4;
  const blocks = b.reshape(x, [batch, h / sh, sh, w / sw, sw, c]);
  return b.reshape(b.mean(blocks, [2, 4]), [batch, h / sh, w / sw, c]);
}

/**
 * For each place of the window, the pixels that lie there, one for each window: [b, h', w', c]; `outside` stands
 * around the image. And one over the number of pixels in each window, [1, h', w', 1].
 */
function partsOf(
  { b, outputShape }: LayerContext,
  x: ValueId,
  window: Window,
  outside: number,
): { readonly parts: readonly ValueId[]; readonly shares: ValueId } {
  const { kernel, stride } = window;
  const [batch, h, w, c] = b.shape(x) as Shape4;
  const places = imageOf(outputShape);
  const before = beforeOf(window, [h, w], places);
  const sizes = along((axis) =>
    Math.max(([h, w] as const)[axis] + before[axis], (places[axis] - 1) * stride[axis] + kernel[axis]),
  );
  const wide = b.pad(x, [0, ...before, 0], [batch, ...sizes, c], { value: outside });
  const parts = Array.from({ length: sizeOf(kernel) }, (_, at) =>
    b.slice(
      wide,
      [0, Math.floor(at / kernel[1]), at % kernel[1], 0],
      [batch, ...places, c],
      [1, ...stride, 1],
    ),
  );
  const count = (axis: 0 | 1, place: number): number => {
    const from = place * stride[axis] - before[axis];
    return Math.min(from + kernel[axis], ([h, w] as const)[axis]) - Math.max(from, 0);
  };
  const shares = Float32Array.from({ length: sizeOf(places) }, (_, i) => {
    const [row, column] = [Math.floor(i / places[1]), i % places[1]];
    return 1 / (count(0, row) * count(1, column));
  });
  return { parts, shares: b.constant(shares, [1, ...places, 1]) };
}
