/** Images [h, w, c]: the sizes that a window moved over them gives, at run time and in the types. */
import * as z from "zod/mini";
import type { Add, CeilDivide, Divide, IsMultiple, Multiply, Subtract } from "../arithmetic.js";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { PortType, Shape, Size } from "../net.js";
import { merge, type ShapeOf, type Show, show } from "../shape.js";
import { size } from "./definition.js";

type Sizes = readonly number[];

/** Along the height and along the width; a number stands for both. */
export type Pair = number | readonly [number, number];
type PairOf = readonly [number, number];

export const pairOf = (pair: Pair): PairOf => (typeof pair === "number" ? [pair, pair] : pair);
export const pairSchema = z.readonly(z.tuple([size, size]));

/**
 * What a window meets at the border. "valid": it stays inside. "same": zeros lie around the image, so many that the
 * output has ⌈size/stride⌉ positions, the smaller half of them before (TensorFlow's rule).
 */
export type Padding = "same" | "valid";
export const paddingSchema = z.enum(["same", "valid"]);

/** A window on its way over an image. */
export interface Window {
  readonly kernel: PairOf;
  readonly stride: PairOf;
  readonly dilation: PairOf;
  readonly padding: Padding;
}

/** How far a kernel of `k` places reaches: (k − 1)·dilation + 1. */
const extent = ({ kernel, dilation }: Window, axis: 0 | 1): number => (kernel[axis] - 1) * dilation[axis] + 1;

/** The number of places of the window along an axis of so many positions; at most 0 where it does not fit. */
const placesOf = (window: Window, axis: 0 | 1, positions: Size): Size => {
  if (positions === null) return null;
  const stride = window.stride[axis];
  return window.padding === "same"
    ? Math.ceil(positions / stride)
    : Math.floor((positions - extent(window, axis)) / stride) + 1;
};

/** The number of positions from that of places; null where several have as many. */
const positionsOf = (window: Window, axis: 0 | 1, places: Size): Size =>
  places === null || window.stride[axis] !== 1
    ? null
    : window.padding === "same"
      ? places
      : places - 1 + extent(window, axis);

/** The three sizes of an image as far as they are known; undefined for what is none. */
export const imageOf = (input: PortType | undefined): readonly [Size, Size, Size] | undefined => {
  const shape = merge(input?.shape ?? null, [null, null, null]);
  return shape ? [shape[0] ?? null, shape[1] ?? null, shape[2] ?? null] : undefined;
};

/** The image that a window gives, with `channels` of the input's, or the sentence. */
export const windowed = (
  who: string,
  window: Window,
  input: PortType | undefined,
  channels: (c: Size) => Size | string,
): PortType | string => {
  const image = imageOf(input);
  if (!image) return takes(who, "[?, ?, ?]", show(input ?? null));
  const [h, w, c] = image;
  const n = channels(c);
  if (typeof n === "string") return takes(who, n, show(input ?? null));
  const [rows, columns] = [placesOf(window, 0, h), placesOf(window, 1, w)];
  if ((rows !== null && rows < 1) || (columns !== null && columns < 1))
    return takes(who, `at least [${extent(window, 0)}, ${extent(window, 1)}, ?]`, show(input ?? null));
  return { dtype: "real", shape: [rows, columns, n] };
};

/** What is known of the image that a window was moved over. */
export const unwindowed = (
  window: Window,
  input: PortType | undefined,
  output: Shape | null,
  channels: (n: Size) => Size,
): readonly (Shape | null)[] => {
  const known = imageOf({ dtype: "real", shape: output });
  const shape = input?.shape ?? null;
  if (!known) return [shape];
  const [h, w, n] = known;
  return [merge(shape, [positionsOf(window, 0, h), positionsOf(window, 1, w), channels(n)]) ?? shape];
};

/** "a multiple of 3 channels", where c is not. */
export const multiple = (c: Size, groups: number): string | null =>
  c !== null && c % groups !== 0 ? `a multiple of ${groups} channels` : null;

/** n/d where that is a whole number, else null. */
export const exactly = (n: Size, d: number): Size =>
  n !== null && Number.isInteger(n / d) && n > 0 ? n / d : null;

// ---- at compile time -----------------------------------------------------------------------------------------

/** Of a pair along an axis. */
export type Along<P extends Pair, Axis extends 0 | 1> = P extends PairOf
  ? P[Axis]
  : P extends number
    ? P
    : never;

/** The kernel, its steps and its reach: what the sizes of an output depend on. */
export interface WindowType {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Padding;
}

type Extent<K extends number, D extends number> = D extends 1 ? K : Add<Multiply<Subtract<K, 1>, D>, 1>;
type ExtentOf<W extends WindowType, Axis extends 0 | 1> = Extent<
  Along<W["kernel"], Axis>,
  Along<W["dilation"], Axis>
>;
/** As `placesOf`; never where the window does not fit. */
export type Places<W extends WindowType, Axis extends 0 | 1, N extends number> = Padding extends W["padding"]
  ? number
  : W["padding"] extends "same"
    ? CeilDivide<N, Along<W["stride"], Axis>>
    : Fitted<Subtract<N, ExtentOf<W, Axis>>, Along<W["stride"], Axis>>;
type Fitted<Rest extends number, S extends number> = [Rest] extends [never] ? never : Add<Divide<Rest, S>, 1>;

/** The image that a window gives, with `N` channels, or the sentence. */
export type Windowed<Who extends string, W extends WindowType, P, N extends number> =
  ShapeOf<P> extends readonly [infer H extends number, infer V extends number, number]
    ? [Places<W, 0, H>] extends [never]
      ? TooSmall<Who, W, P>
      : [Places<W, 1, V>] extends [never]
        ? TooSmall<Who, W, P>
        : readonly [Places<W, 0, H>, Places<W, 1, V>, N]
    : NoImage<Who, P>;
type TooSmall<Who extends string, W extends WindowType, P> = Takes<
  Who,
  `at least ${Show<readonly [ExtentOf<W, 0>, ExtentOf<W, 1>, number]>}`,
  Show<P>
>;
export type NoImage<Who extends string, P> = Takes<Who, "[?, ?, ?]", Show<P>>;
export type Multiples<Who extends string, G extends number, P> = Takes<
  Who,
  `a multiple of ${G} channels`,
  Show<P>
>;
/** Whether the last size is a multiple of `G`; true where that cannot be told. */
export type InGroups<S extends Sizes, G extends number> = G extends 1
  ? true
  : S extends readonly [...Sizes, infer C extends number]
    ? IsMultiple<C, G>
    : true;
