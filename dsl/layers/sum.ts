import type { Takes } from "../message.js";
import type { LayerRule, TypedLayer } from "../rule.js";
import type { Agree, Merge, ShapeOf, Show } from "../shape.js";
import { alike, define, make, noOptions, sameShape } from "./definition.js";

/** Any number of arrays of one shape to one more of it. */
export interface Alike<Who extends string> extends LayerRule {
  readonly ports: readonly string[];
  readonly out: this["in"] extends readonly [infer P, ...infer More] ? Common<Who, More, ShapeOf<P>> : never;
}
/** The one shape of all, or the sentence about the first that has another. */
export type Common<Who extends string, Ps, Acc extends readonly number[]> = Ps extends readonly [
  infer P,
  ...infer More,
]
  ? Agree<ShapeOf<P>, Acc> extends true
    ? Common<Who, More, Merge<Acc, ShapeOf<P>>>
    : Takes<Who, Show<Acc>, Show<ShapeOf<P>>>
  : Acc;

const allOf = (who: string) =>
  define({
    kind: "function",
    options: noOptions,
    ports: () => "variadic",
    forward: (_, inputs) => alike(who, inputs),
    backward: sameShape,
  });

export const plusDefinition = allOf("plus");
export const timesDefinition = allOf("times");

/** a + b + …, of one shape. */
export const plus = (): TypedLayer<Alike<"plus">> => make("plus", plusDefinition, {});

/** a · b · …, element by element, of one shape. */
export const times = (): TypedLayer<Alike<"times">> => make("times", timesDefinition, {});
