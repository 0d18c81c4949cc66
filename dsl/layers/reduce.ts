import * as z from "zod/mini";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { OneInput, TypedLayer } from "../rule.js";
import { type ShapeOf, type Show, show } from "../shape.js";
import { axisOf, type Drop, type NoAxis } from "./axes.js";
import { define, make, one, reals } from "./definition.js";

/** The input's shape without `Axes`; without axes given, a number. */
export interface Reduce<Who extends string, Axes> extends OneInput {
  readonly out: Axes extends readonly number[]
    ? this["in"] extends readonly [infer P]
      ? number extends Axes["length"] | Axes[number]
        ? readonly number[]
        : Without<Who, ShapeOf<P>, Axes>
      : never
    : readonly [];
}
type Without<Who extends string, S extends readonly number[], Axes extends readonly number[]> = [
  NoAxis<S, Axes>,
] extends [never]
  ? Drop<S, `${Axes[number]}`>
  : Takes<Who, `an axis ${NoAxis<S, Axes>}`, Show<S>>;

const reduce = (who: string) =>
  define({
    kind: "function",
    options: z.strictObject({ axes: z.optional(z.readonly(z.array(z.int()))) }),
    ports: one,
    forward: ({ axes }, [input]) => {
      if (axes === undefined) return reals([]);
      const shape = input?.shape ?? null;
      if (shape === null) return reals(null);
      const bad = axes.find((axis) => axisOf(axis, shape.length) === undefined);
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
