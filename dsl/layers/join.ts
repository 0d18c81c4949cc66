import * as z from "zod/mini";
import type { Add } from "../arithmetic.js";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { Shape } from "../net.js";
import type { LayerRule, TypedLayer } from "../rule.js";
import { type Agree, type Merge, merge, type ShapeOf, type Show, show } from "../shape.js";
import { axisOf, type Split } from "./axes.js";
import { define, make, noOptions, reals } from "./definition.js";

type Sizes = readonly number[];

/** [n, ...rest] and [...rest] to [n + 1, ...rest]; with [m, ...rest] to [n + m, ...rest]. */
export interface Append extends LayerRule {
  readonly ports: readonly ["0", "1"];
  readonly out: this["in"] extends readonly [infer A, infer B]
    ? ShapeOf<A> extends readonly [infer N extends number, ...infer Rest extends Sizes]
      ? ShapeOf<B> extends infer S extends Sizes
        ? S["length"] extends Rest["length"]
          ? Agree<S, Rest> extends true
            ? readonly [Add<N, 1>, ...Merge<Rest, S>]
            : Takes<"append", Show<Rest>, Show<S>>
          : S extends readonly [infer M extends number, ...infer More extends Sizes]
            ? Agree<More, Rest> extends true
              ? readonly [Add<N, M>, ...Merge<Rest, More>]
              : Takes<"append", Show<Rest>, Show<S>>
            : Takes<"append", Show<Rest>, Show<S>>
        : never
      : Takes<"append", "[?, ...]", Show<A>>
    : never;
}

export const appendDefinition = define({
  kind: "function",
  options: noOptions,
  ports: () => ["0", "1"],
  forward: (_, [array, element]) => {
    const a = array?.shape ?? null;
    const b = element?.shape ?? null;
    if (a === null) return reals(null);
    const [n, ...rest] = a;
    if (n === undefined) return takes("append", "[?, ...]", show(a));
    if (b === null) return reals([null, ...rest]);
    const whole = b.length === a.length;
    const merged = merge(rest, whole ? b.slice(1) : b);
    if (!merged) return takes("append", show(rest), show(b));
    const m = whole ? (b[0] ?? null) : 1;
    return reals([n === null || m === null ? null : n + m, ...merged]);
  },
  backward: (_, [array, element], output) => {
    const a = array?.shape ?? null;
    const b = element?.shape ?? null;
    if (output === null || output.length === 0) return [a, b];
    const [k = null, ...rest] = output;
    const [n, m] = [a?.[0] ?? null, b?.length === output.length ? (b[0] ?? null) : b && 1];
    const less = (d: number | null): number | null => (k === null || d === null || k <= d ? null : k - d);
    const first = merge(a, [less(m), ...rest]);
    const second =
      b === null ? null : b.length === output.length ? merge(b, [less(n), ...rest]) : merge(b, rest);
    return [first ?? a, second ?? b];
  },
});

/**
 * An array and one more element: [n] and a real → [n + 1], [n, ...rest] and [...rest] → [n + 1, ...rest].
 * A second array of the same rank goes after the first: [n, ...rest] and [m, ...rest] → [n + m, ...rest].
 */
export const append = (): TypedLayer<Append> => make("append", appendDefinition, {});

/** Arrays to one that is as long along an axis as all of them together. */
export interface Concat<Axis extends number> extends LayerRule {
  readonly ports: readonly string[];
  readonly out: number extends Axis
    ? Sizes
    : this["in"] extends readonly [infer P, ...infer More]
      ? [Split<ShapeOf<P>, Axis>] extends [never]
        ? Takes<"concat", `an axis ${Axis}`, Show<ShapeOf<P>>>
        : Joined<Axis, More, Split<ShapeOf<P>, Axis>>
      : never;
}
type Joined<Axis extends number, Ps, Acc> = Acc extends readonly [
  infer Before extends Sizes,
  infer D extends number,
  infer After extends Sizes,
]
  ? Ps extends readonly [infer P, ...infer More]
    ? Agree<ShapeOf<P>, readonly [...Before, number, ...After]> extends true
      ? Split<ShapeOf<P>, Axis> extends readonly [
          infer Before2 extends Sizes,
          infer D2 extends number,
          infer After2 extends Sizes,
        ]
        ? Joined<Axis, More, readonly [Merge<Before, Before2>, Add<D, D2>, Merge<After, After2>]>
        : never
      : Takes<"concat", Show<readonly [...Before, number, ...After]>, Show<ShapeOf<P>>>
    : readonly [...Before, D, ...After]
  : never;

export const concatDefinition = define({
  kind: "function",
  options: z.strictObject({ axis: z._default(z.int(), -1) }),
  ports: () => "variadic",
  forward: ({ axis }, inputs) => {
    let known: Shape | null = null;
    let total: number | null = 0;
    let at: number | undefined;
    for (const { shape } of inputs) {
      if (shape === null) {
        total = null;
        continue;
      }
      at ??= axisOf(axis, shape.length);
      if (at === undefined) return takes("concat", `an axis ${axis}`, show(shape));
      const open: Shape = shape.map((d, i) => (i === at ? null : d));
      const next = merge(known, open);
      if (!next) return takes("concat", show(known), show(shape));
      known = next;
      const size: number | null = shape[at] ?? null;
      total = total === null || size === null ? null : total + size;
    }
    return reals(known?.map((d, i) => (i === at ? total : d)) ?? null);
  },
  backward: ({ axis }, inputs, output) => {
    const at = output === null ? undefined : axisOf(axis, output.length);
    if (output === null || at === undefined) return inputs.map((i) => i.shape);
    const sizes = inputs.map((i) => i.shape?.[at] ?? null);
    const rest = output[at] ?? null;
    const others = sizes.reduce((n: number, d) => n + (d ?? 0), 0);
    const lone = sizes.filter((d) => d === null).length === 1 && rest !== null && rest > others;
    return inputs.map(({ shape }, i) => {
      const size = sizes[i] ?? (lone && rest !== null ? rest - others : null);
      return (
        merge(
          shape,
          output.map((d, j) => (j === at ? size : d)),
        ) ?? shape
      );
    });
  },
});

/** Joins any number of arrays along `axis` (default −1, the last; counted from 0); all other sizes are equal. */
export const concat = <const Axis extends number = -1>(
  options: { readonly axis?: Axis } = {},
): TypedLayer<Concat<Axis>> => make("concat", concatDefinition, options);
