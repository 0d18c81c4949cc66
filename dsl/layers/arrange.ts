import * as z from "zod/mini";
import type { Multiply } from "../arithmetic.js";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { PortType, Shape } from "../net.js";
import type { Integer } from "../ports.js";
import type { OneInput, TypedLayer } from "../rule.js";
import { completed, countOf, type ShapeOf, type Show, show } from "../shape.js";
import { define, make, noOptions, one, size } from "./definition.js";

type Sizes = readonly number[];
/** The number of elements; `number` while a size is not known. */
export type Count<S extends Sizes, Acc extends number = 1> = number extends S[number] | S["length"]
  ? S extends readonly []
    ? Acc
    : number
  : S extends readonly [infer D extends number, ...infer Rest extends Sizes]
    ? Count<Rest, Multiply<Acc, D>>
    : Acc;

/** The same elements, of the same kind, in another shape. */
type Reshaped<P, S extends Sizes> = P extends Integer<infer Min, infer Max> ? Integer<Min, Max, S> : S;

export interface Reshape<S extends readonly (number | null)[]> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? null extends S[number]
      ? Reshaped<P, Filled<S, number>>
      : number extends Count<Filled<S, number>> | Count<ShapeOf<P>>
        ? Reshaped<P, Filled<S, number>>
        : Count<ShapeOf<P>> extends Count<Filled<S, number>>
          ? Reshaped<P, Filled<S, number>>
          : Takes<"reshape", `${Count<Filled<S, number>>} numbers`, Show<P>>
    : never;
}
type Filled<S extends readonly unknown[], D extends number> = {
  readonly [K in keyof S]: S[K] extends number ? S[K] : D;
};

/** The input in another shape, its kind kept. */
const reshaped = (input: PortType | undefined, shape: Shape): PortType =>
  input?.dtype === "integer" ? { ...input, shape } : { dtype: "real", shape };

export const reshapeDefinition = define({
  kind: "function",
  options: z.strictObject({
    shape: z
      .readonly(z.array(z.nullable(size)).check(z.maxLength(8)))
      .check(z.refine((s) => s.filter((d) => d === null).length < 2, { message: "takes at most one any" })),
  }),
  ports: one,
  forward: ({ shape }, [input]) => {
    const count = countOf(input?.shape ?? null);
    const full = completed(shape, count);
    const known = shape.reduce((n: number, d) => n * (d ?? 1), 1);
    if (count !== null && countOf(full) !== count)
      return takes(
        "reshape",
        shape.includes(null) ? `a multiple of ${known} numbers` : `${known} numbers`,
        show(input ?? null),
      );
    return reshaped(input, full);
  },
  backward: (_, [input], output) => [input?.shape ? completed(input.shape, countOf(output)) : null],
});

/** The same numbers, row-major, in another shape; one size may be `any`, and follows from the others. */
export const reshape = <const S extends readonly (number | null)[]>(shape: S): TypedLayer<Reshape<S>> =>
  make("reshape", reshapeDefinition, { shape });

export interface Flatten extends OneInput {
  readonly out: this["in"] extends readonly [infer P] ? Reshaped<P, readonly [Count<ShapeOf<P>>]> : never;
}

export const flattenDefinition = define({
  kind: "function",
  options: noOptions,
  ports: one,
  forward: (_, [input]) => reshaped(input, [countOf(input?.shape ?? null)]),
  backward: (_, [input], output) => [input?.shape ? completed(input.shape, countOf(output)) : null],
});

/** The same numbers, row-major, as one list: [a, b, c] → [a · b · c], a real → [1]. */
export const flatten = (): TypedLayer<Flatten> => make("flatten", flattenDefinition, {});
