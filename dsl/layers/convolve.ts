/** Convolutions of images. */
import * as z from "zod/mini";
import type { Add, Multiply, Subtract } from "../arithmetic.js";
import { takes } from "../message.js";
import type { PortType, Size } from "../net.js";
import type { OneInput, TypedLayer } from "../rule.js";
import { merge, type ShapeOf, show } from "../shape.js";
import { define, make, one, type Parameter, reals, size } from "./definition.js";
import {
  type Along,
  exactly,
  type InGroups,
  imageOf,
  type Multiples,
  multiple,
  type NoImage,
  type Padding,
  type Pair,
  paddingSchema,
  pairOf,
  pairSchema,
  unwindowed,
  type Windowed,
  type WindowType,
  windowed,
} from "./image.js";

const window = {
  kernel: pairSchema,
  stride: z._default(pairSchema, [1, 1]),
  dilation: z._default(pairSchema, [1, 1]),
  padding: z._default(paddingSchema, "same"),
};
const bias = z._default(z.boolean(), true);

/** Weight and bias uniform between ±1/√fanIn, as PyTorch's. */
const filters = (
  weight: readonly [number, number, number, number],
  channels: number,
  bias: boolean,
  fanIn: number,
): Readonly<Record<string, Parameter>> => {
  const init = { kind: "uniform", bound: 1 / Math.sqrt(fanIn) } as const;
  return { weight: { shape: weight, init }, ...(bias ? { bias: { shape: [channels], init } } : {}) };
};
const channelsOf = (input: PortType | undefined): number => input?.shape?.at(-1) ?? 1;

/** How a kernel moves. */
interface Moves<S extends Pair, D extends Pair, P extends Padding> {
  readonly stride?: S;
  readonly dilation?: D;
  readonly padding?: P;
  readonly bias?: boolean;
}

// ---- conv2d --------------------------------------------------------------------------------------------------

export interface Conv2d<N extends number, W extends WindowType, G extends number> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? InGroups<ShapeOf<P>, G> extends false
      ? ShapeOf<P>["length"] extends 3
        ? Multiples<"conv2d", G, P>
        : NoImage<"conv2d", P>
      : Windowed<"conv2d", W, P, N>
    : never;
}

export const conv2dDefinition = define({
  kind: "layer",
  options: z.strictObject({ channels: size, ...window, groups: z._default(size, 1), bias }).check(
    z.refine(({ channels, groups }) => channels % groups === 0, {
      message: "takes a multiple of groups",
      path: ["channels"],
    }),
  ),
  ports: one,
  forward: (options, [input]) =>
    windowed("conv2d", options, input, (c) => multiple(c, options.groups) ?? options.channels),
  backward: (options, [input], output) => unwindowed(options, input, output, () => input?.shape?.[2] ?? null),
  parameters: ({ channels, kernel: [kh, kw], groups, bias }, [input]) => {
    const c = channelsOf(input) / groups;
    return filters([kh, kw, c, channels], channels, bias, kh * kw * c);
  },
});

/**
 * y[i, j, n] = b[n] + Σ x[i·stride + u·dilation − before, …, c] W[u, v, c, n] over the kernel's places (u, v) and the
 * channels: [h, w, c] → [h', w', channels]. `kernel`, `stride` and `dilation` (default 1) are numbers, or pairs along
 * height and width. `padding`: "same" (default) gives h' = ⌈h/stride⌉, with zeros around the image, the smaller half
 * before, as TensorFlow's; "valid" gives h' = ⌊(h − (kernel − 1)·dilation − 1)/stride⌋ + 1. `groups` (default 1)
 * divides c and `channels`: group g of the output reads group g of the input alone. `bias`: default true.
 * W [kernel, kernel, c/groups, channels] and b [channels] begin uniform between ±1/√(kernel²·c/groups), as PyTorch's.
 * Refuses what is not [h, w, c], c that `groups` does not divide, and with "valid" images smaller than the kernel.
 */
export const conv2d = <
  const N extends number,
  const K extends Pair,
  const S extends Pair = 1,
  const D extends Pair = 1,
  const P extends Padding = "same",
  const G extends number = 1,
>(
  channels: N,
  kernel: K,
  options: Moves<S, D, P> & { readonly groups?: G } = {},
): TypedLayer<Conv2d<N, { kernel: K; stride: S; dilation: D; padding: P }, G>> => {
  const { stride = 1, dilation = 1, ...rest } = options;
  const pairs = { kernel: pairOf(kernel), stride: pairOf(stride), dilation: pairOf(dilation) };
  return make("conv2d", conv2dDefinition, { channels, ...pairs, ...rest });
};

// ---- depthwiseConv2d -----------------------------------------------------------------------------------------

export interface DepthwiseConv2d<M extends number, W extends WindowType> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? ShapeOf<P> extends readonly [number, number, infer C extends number]
      ? Windowed<"depthwiseConv2d", W, P, Multiply<C, M>>
      : NoImage<"depthwiseConv2d", P>
    : never;
}

export const depthwiseConv2dDefinition = define({
  kind: "layer",
  options: z.strictObject({ multiplier: z._default(size, 1), ...window, bias }),
  ports: one,
  forward: (options, [input]) =>
    windowed("depthwiseConv2d", options, input, (c) => (c === null ? null : c * options.multiplier)),
  backward: (options, [input], output) =>
    unwindowed(options, input, output, (n) => exactly(n, options.multiplier)),
  parameters: ({ multiplier, kernel: [kh, kw], bias }, [input]) => {
    const channels = channelsOf(input) * multiplier;
    return filters([kh, kw, 1, channels], channels, bias, kh * kw);
  },
});

/**
 * Each channel convolved by itself, with `multiplier` (default 1) kernels: [h, w, c] → [h', w', c·multiplier], output
 * channel n from input channel ⌊n/multiplier⌋; a `conv2d` of c groups. `stride`, `dilation`, `padding`, `bias`, h' and
 * w' as in `conv2d`. W [kernel, kernel, 1, c·multiplier] and b [c·multiplier] begin uniform between ±1/kernel.
 * Refuses what is not [h, w, c], and with "valid" images smaller than the kernel.
 */
export const depthwiseConv2d = <
  const K extends Pair,
  const M extends number = 1,
  const S extends Pair = 1,
  const D extends Pair = 1,
  const P extends Padding = "same",
>(
  kernel: K,
  options: Moves<S, D, P> & { readonly multiplier?: M } = {},
): TypedLayer<DepthwiseConv2d<M, { kernel: K; stride: S; dilation: D; padding: P }>> => {
  const { stride = 1, dilation = 1, ...rest } = options;
  const pairs = { kernel: pairOf(kernel), stride: pairOf(stride), dilation: pairOf(dilation) };
  return make("depthwiseConv2d", depthwiseConv2dDefinition, { ...pairs, ...rest });
};

// ---- conv2dTranspose -----------------------------------------------------------------------------------------

export interface Conv2dTranspose<N extends number, K extends Pair, S extends Pair, P extends Padding>
  extends OneInput {
  readonly out: this["in"] extends readonly [infer I]
    ? ShapeOf<I> extends readonly [infer H extends number, infer W extends number, number]
      ? readonly [Spread<H, Along<K, 0>, Along<S, 0>, P>, Spread<W, Along<K, 1>, Along<S, 1>, P>, N]
      : NoImage<"conv2dTranspose", I>
    : never;
}
type Spread<N extends number, K extends number, S extends number, P extends Padding> = Padding extends P
  ? number
  : P extends "same"
    ? Multiply<N, S>
    : Add<Multiply<Subtract<N, 1>, S>, K>;

export const conv2dTransposeDefinition = define({
  kind: "layer",
  options: z.strictObject({
    channels: size,
    kernel: pairSchema,
    stride: z._default(pairSchema, [1, 1]),
    padding: z._default(paddingSchema, "same"),
    bias,
  }),
  ports: one,
  forward: ({ channels, kernel, stride, padding }, [input]) => {
    const image = imageOf(input);
    if (!image) return takes("conv2dTranspose", "[?, ?, ?]", show(input ?? null));
    const spread = (n: Size, axis: 0 | 1): Size =>
      n === null ? null : padding === "same" ? n * stride[axis] : (n - 1) * stride[axis] + kernel[axis];
    return reals([spread(image[0], 0), spread(image[1], 1), channels]);
  },
  backward: ({ kernel, stride, padding }, [input], output) => {
    const shape = input?.shape ?? null;
    const image = imageOf(reals(output));
    if (!image) return [shape];
    const gathered = (n: Size, axis: 0 | 1): Size =>
      padding === "same" || n === null
        ? exactly(n, stride[axis])
        : exactly(n - kernel[axis] + stride[axis], stride[axis]);
    return [merge(shape, [gathered(image[0], 0), gathered(image[1], 1), null]) ?? shape];
  },
  parameters: ({ channels, kernel: [kh, kw], bias }, [input]) =>
    filters([kh, kw, channels, channelsOf(input)], channels, bias, kh * kw * channels),
});

/**
 * The transpose of the convolution [h', w', channels] → [h, w, c] with filter W, plus b: [h, w, c] → [h', w', channels].
 * With "same" (default) h' = h·stride, with "valid" h' = (h − 1)·stride + kernel. `stride`: default 1; `bias`: default
 * true. W [kernel, kernel, channels, c] and b [channels] begin uniform between ±1/√(kernel²·channels), as PyTorch's.
 * Refuses what is not [h, w, c].
 */
export const conv2dTranspose = <
  const N extends number,
  const K extends Pair,
  const S extends Pair = 1,
  const P extends Padding = "same",
>(
  channels: N,
  kernel: K,
  options: { readonly stride?: S; readonly padding?: P; readonly bias?: boolean } = {},
): TypedLayer<Conv2dTranspose<N, K, S, P>> => {
  const { stride = 1, ...rest } = options;
  const pairs = { kernel: pairOf(kernel), stride: pairOf(stride) };
  return make("conv2dTranspose", conv2dTransposeDefinition, { channels, ...pairs, ...rest });
};
