/** Axes exchanged, and arrays cut out and surrounded. Transpose, part and slice keep integers. */
import * as z from "zod/mini";
import type { Add, AtMost, Subtract } from "../arithmetic.js";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { PortType, Shape, Size } from "../net.js";
import type { Integer } from "../ports.js";
import type { OneInput, TypedLayer } from "../rule.js";
import { merge, type ShapeOf, type Show, show } from "../shape.js";
import { axisOf, type Split } from "./axes.js";
import { define, make, one, whole } from "./definition.js";

type Sizes = readonly number[];

/** The input's kind with another shape. */
const like = (input: PortType | undefined, shape: Shape | null): PortType =>
  input?.dtype === "integer" ? { ...input, shape } : { dtype: "real", shape };
type Like<P, S extends Sizes> = P extends Integer<infer Min, infer Max> ? Integer<Min, Max, S> : S;

/** So many sizes that are not known. */
const open = (rank: number): Shape => Array<null>(rank).fill(null);

// ---- transpose -----------------------------------------------------------------------------------------------

export interface Transpose<Order extends Sizes> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? number extends Order["length"]
      ? Like<P, Sizes>
      : ShapeOf<P>["length"] extends Order["length"]
        ? Like<P, Ordered<ShapeOf<P>, Order>>
        : Takes<"transpose", Show<{ readonly [K in keyof Order]: number }>, Show<P>>
    : never;
}
type Ordered<S extends Sizes, Order extends Sizes> = {
  readonly [K in keyof Order]: S[Order[K]] extends number ? S[Order[K]] : number;
};

export const transposeDefinition = define({
  kind: "function",
  options: z.strictObject({
    order: z.readonly(z.array(z.int().check(z.gte(0))).check(z.minLength(1), z.maxLength(8))).check(
      z.refine(
        (order) => order.every((axis) => axis < order.length) && new Set(order).size === order.length,
        {
          message: "takes each axis once",
        },
      ),
    ),
  }),
  ports: one,
  forward: ({ order }, [input]) => {
    const shape = merge(input?.shape ?? null, open(order.length));
    if (!shape) return takes("transpose", show(open(order.length)), show(input ?? null));
    return like(
      input,
      order.map((axis) => shape[axis] ?? null),
    );
  },
  backward: ({ order }, [input], output) => [
    output?.length === order.length
      ? (merge(
          input?.shape ?? null,
          order.map((_, axis) => output[order.indexOf(axis)] ?? null),
        ) ??
        input?.shape ??
        null)
      : (input?.shape ?? null),
  ],
});

/**
 * The axes of an example in another order: axis i of the output is axis order[i] of the input. `transpose([1, 0])`
 * exchanges rows and columns. `order` names each axis from 0 once. Refuses arrays of another number of axes.
 */
export const transpose = <const Order extends readonly number[]>(
  order: Order,
): TypedLayer<Transpose<Order>> => make("transpose", transposeDefinition, { order });

// ---- part ----------------------------------------------------------------------------------------------------

export interface Part<Index extends number, Axis extends number> extends OneInput {
  readonly out: number extends Axis
    ? Sizes
    : this["in"] extends readonly [infer P]
      ? [Split<ShapeOf<P>, Axis>] extends [never]
        ? Takes<"part", `an axis ${Axis}`, Show<P>>
        : Split<ShapeOf<P>, Axis> extends readonly [
              infer Before extends Sizes,
              infer D extends number,
              infer After extends Sizes,
            ]
          ? AtMost<Needed<Index>, D> extends false
            ? Takes<"part", `at least ${Needed<Index>} along axis ${Axis}`, Show<P>>
            : Like<P, readonly [...Before, ...After]>
          : never
      : never;
}
/** How many there must be for there to be one of this index. */
type Needed<Index extends number> = `${Index}` extends `-${infer N extends number}` ? N : Add<Index, 1>;
const needed = (index: number): number => (index < 0 ? -index : index + 1);

export const partDefinition = define({
  kind: "function",
  options: z.strictObject({ axis: z._default(z.int(), 0), index: whole }),
  ports: one,
  forward: ({ axis, index }, [input]) => {
    const shape = input?.shape ?? null;
    if (shape === null) return like(input, null);
    const at = axisOf(axis, shape.length);
    if (at === undefined) return takes("part", `an axis ${axis}`, show(input ?? null));
    const size = shape[at] ?? null;
    if (size !== null && size < needed(index))
      return takes("part", `at least ${needed(index)} along axis ${axis}`, show(input ?? null));
    return like(
      input,
      shape.filter((_, i) => i !== at),
    );
  },
  backward: ({ axis }, [input], output) => [
    output === null ? (input?.shape ?? null) : within(input, output, axis, [null]),
  ],
});

/** The output's sizes with `sizes` put in at an axis of the whole, as far as they agree with the input's. */
const within = (
  input: PortType | undefined,
  rest: Shape,
  axis: number,
  sizes: readonly Size[],
): Shape | null => {
  const shape = input?.shape ?? null;
  const at = axisOf(axis, rest.length + sizes.length);
  return at === undefined
    ? shape
    : (merge(shape, [...rest.slice(0, at), ...sizes, ...rest.slice(at)]) ?? shape);
};

/**
 * The element of this index along `axis` (default 0), which goes: `part(0)` of [n, c] is the first row, [c]. Index and
 * axis count from 0, or from −1 backwards. Refuses an axis that is not there, and an index beyond the last.
 */
export const part = <const Index extends number, const Axis extends number = 0>(
  index: Index,
  options: { readonly axis?: Axis } = {},
): TypedLayer<Part<Index, Axis>> => make("part", partDefinition, { index, ...options });

// ---- slice ---------------------------------------------------------------------------------------------------

/** `End` null: to the last. */
export interface Slice<Begin extends number, End extends number | null, Axis extends number>
  extends OneInput {
  readonly out: number extends Axis
    ? Sizes
    : this["in"] extends readonly [infer P]
      ? [Split<ShapeOf<P>, Axis>] extends [never]
        ? Takes<"slice", `an axis ${Axis}`, Show<P>>
        : Split<ShapeOf<P>, Axis> extends readonly [
              infer Before extends Sizes,
              infer D extends number,
              infer After extends Sizes,
            ]
          ? Length<From<Begin, D>, End extends null ? D : From<End & number, D>, D> extends infer N
            ? [N] extends [never]
              ? Takes<"slice", `more along axis ${Axis}`, Show<P>>
              : Like<P, readonly [...Before, N & number, ...After]>
            : never
          : never
      : never;
}
/** A place counted from the front; never where it lies before it. */
type From<I extends number, D extends number> = `${I}` extends `-${infer N extends number}`
  ? Subtract<D, N>
  : I;
type Length<B extends number, E extends number, D extends number> = [B] extends [never]
  ? never
  : [E] extends [never]
    ? never
    : AtMost<E, D> extends false
      ? never
      : Subtract<E, B> extends infer N
        ? [N] extends [0]
          ? never
          : N
        : never;

/** The places from and to, of so many; undefined where they hold none or lie outside. */
const rangeOf = (
  begin: number,
  end: number | undefined,
  size: number,
): readonly [number, number] | undefined => {
  const from = begin < 0 ? begin + size : begin;
  const to = end === undefined ? size : end < 0 ? end + size : end;
  return from >= 0 && from < to && to <= size ? [from, to] : undefined;
};

export const sliceDefinition = define({
  kind: "function",
  options: z.strictObject({
    axis: z._default(z.int(), 0),
    begin: z._default(whole, 0),
    end: z.optional(whole),
  }),
  ports: one,
  forward: ({ axis, begin, end }, [input]) => {
    const shape = input?.shape ?? null;
    if (shape === null) return like(input, null);
    const at = axisOf(axis, shape.length);
    if (at === undefined) return takes("slice", `an axis ${axis}`, show(input ?? null));
    const size = shape[at] ?? null;
    const range = size === null ? null : rangeOf(begin, end, size);
    if (range === undefined) return takes("slice", `more along axis ${axis}`, show(input ?? null));
    const length = range && range[1] - range[0];
    return like(
      input,
      shape.map((d, i) => (i === at ? length : d)),
    );
  },
  backward: ({ axis, begin, end = 0 }, [input], output) => {
    const at = output && axisOf(axis, output.length);
    if (output === null || at === undefined || at === null) return [input?.shape ?? null];
    const length = output[at] ?? null;
    // Counted from both ends the length tells the size: size + end − begin.
    const size = length !== null && begin >= 0 && end <= 0 ? length + begin - end : null;
    return [within(input, [...output.slice(0, at), ...output.slice(at + 1)], axis, [size])];
  },
});

/**
 * The elements from `begin` to before `end` along `axis` (default 0): `slice(0, -1)` is all but the last, `slice(1)`
 * all but the first. Places and axis count from 0, or negative from the back; without `end` it goes to the last.
 * Refuses an axis that is not there, and a range that is empty or goes beyond the array.
 */
export const slice = <
  const Begin extends number,
  const End extends number | null = null,
  const Axis extends number = 0,
>(
  begin: Begin,
  end?: End,
  options: { readonly axis?: Axis } = {},
): TypedLayer<Slice<Begin, End, Axis>> =>
  make("slice", sliceDefinition, { begin, ...(typeof end === "number" && { end }), ...options });

// ---- pad -----------------------------------------------------------------------------------------------------

export interface Pad<Before extends Sizes, After extends Sizes> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? number extends Before["length"]
      ? Sizes
      : ShapeOf<P>["length"] extends Before["length"]
        ? Padded<ShapeOf<P>, Before, After>
        : Takes<"pad", Show<{ readonly [K in keyof Before]: number }>, Show<P>>
    : never;
}
type Padded<S extends Sizes, Before extends Sizes, After extends Sizes> = {
  readonly [K in keyof S]: K extends keyof Before & keyof After
    ? Add<S[K], Add<Before[K] & number, After[K] & number>>
    : number;
};

const margin = z.readonly(z.array(z.int().check(z.gte(0))).check(z.minLength(1), z.maxLength(8)));
export const padDefinition = define({
  kind: "function",
  options: z.strictObject({ before: margin, after: margin, value: z._default(z.number(), 0) }).check(
    z.refine(({ before, after }) => before.length === after.length, {
      message: "takes as many as before",
      path: ["after"],
    }),
  ),
  ports: one,
  forward: ({ before, after }, [input]) => {
    const shape = merge(input?.shape ?? null, open(before.length));
    if (!shape) return takes("pad", show(open(before.length)), show(input ?? null));
    const sizes = shape.map((d, i) => (d === null ? null : d + (before[i] ?? 0) + (after[i] ?? 0)));
    return { dtype: "real", shape: sizes };
  },
  backward: ({ before, after }, [input], output) => {
    const shape = input?.shape ?? null;
    if (output?.length !== before.length) return [shape];
    const sizes = output.map((d, i) => {
      const n = d === null ? null : d - (before[i] ?? 0) - (after[i] ?? 0);
      return n !== null && n > 0 ? n : null;
    });
    return [merge(shape, sizes) ?? shape];
  },
});

/**
 * The array with `value` (default 0) around it: size i becomes before[i] + size + after[i], where `after` (default
 * `before`) and `before` have a number for each axis. Refuses arrays of another number of axes.
 */
export const pad = <const Before extends Sizes, const After extends Sizes = Before>(
  before: Before,
  after?: After,
  options: { readonly value?: number } = {},
): TypedLayer<Pad<Before, After>> =>
  make("pad", padDefinition, { before, after: after ?? before, ...options });
