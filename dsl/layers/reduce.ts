import { z } from "zod";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { OneInput, TypedLayer } from "../rule.js";
import { type ShapeOf, type Show, show } from "../shape.js";
import { define, make, one, reals } from "./definition.js";

type Sizes = readonly number[];

/** The input's shape without `Axes`; without axes given, a number. */
export interface Reduce<Who extends string, Axes> extends OneInput {
  readonly out: Axes extends readonly number[]
    ? this["in"] extends readonly [infer P]
      ? number extends Axes["length"] | Axes[number]
        ? Sizes
        : Without<Who, ShapeOf<P>, Axes>
      : never
    : readonly [];
}
type Without<Who extends string, S extends Sizes, Axes extends readonly number[]> = {
  readonly [K in keyof Axes]: HasAxis<S, Axes[K]> extends true ? never : Axes[K];
}[number] extends infer Bad extends number
  ? [Bad] extends [never]
    ? Drop<S, `${Axes[number]}`>
    : Takes<Who, `an axis ${Bad}`, Show<S>>
  : never;
/** The places of a shape as they may be written: "0" and "-3" for the first of three. */
type FromFront<S extends Sizes> = Exclude<keyof S, keyof Sizes>;
type FromBack<S extends Sizes> = S extends readonly [number, ...infer Rest extends Sizes]
  ? `-${S["length"]}` | FromBack<Rest>
  : never;
type HasAxis<S extends Sizes, A> = A extends number
  ? `${A}` extends FromFront<S> | FromBack<S>
    ? true
    : false
  : false;
type Drop<
  S extends Sizes,
  Axes extends string,
  Done extends Sizes = readonly [],
  At extends 0[] = [],
> = S extends readonly [infer D extends number, ...infer Rest extends Sizes]
  ? `${At["length"]}` | `-${S["length"]}` extends infer Name
    ? [Extract<Name, Axes>] extends [never]
      ? Drop<Rest, Axes, readonly [...Done, D], [...At, 0]>
      : Drop<Rest, Axes, Done, [...At, 0]>
    : never
  : Done;

const reduce = (who: string) =>
  define({
    kind: "function",
    options: z.strictObject({ axes: z.array(z.int()).readonly().optional() }),
    ports: one,
    forward: ({ axes }, [input]) => {
      if (axes === undefined) return reals([]);
      const shape = input?.shape ?? null;
      if (shape === null) return reals(null);
      const bad = axes.find((axis) => axis < -shape.length || axis >= shape.length);
      if (bad !== undefined) return takes(who, `an axis ${bad}`, show(shape));
      return reals(shape.filter((_, i) => !axes.includes(i) && !axes.includes(i - shape.length)));
    },
  });

export const totalDefinition = reduce("total");
export const meanDefinition = reduce("mean");

/** Σ x over `axes` (counted from 0, or from −1 backwards), which are dropped; over all of them by default. */
export const total = <const Axes extends readonly number[] | undefined = undefined>(
  options: { readonly axes?: Axes & {} } = {},
): TypedLayer<Reduce<"total", Axes>> => make("total", totalDefinition, options);

/** The mean over `axes` (counted from 0, or from −1 backwards), which are dropped; over all of them by default. */
export const mean = <const Axes extends readonly number[] | undefined = undefined>(
  options: { readonly axes?: Axes & {} } = {},
): TypedLayer<Reduce<"mean", Axes>> => make("mean", meanDefinition, options);
