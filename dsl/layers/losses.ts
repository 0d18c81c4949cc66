import * as z from "zod/mini";
import type { Add } from "../arithmetic.js";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { PortType } from "../net.js";
import type { Integer } from "../ports.js";
import type { LayerRule, TypedLayer } from "../rule.js";
import { type Agree, merge, type ShapeOf, type Show, show } from "../shape.js";
import { alike, define, make, noOptions, reals, sameShape } from "./definition.js";

const ports = (): readonly string[] => ["input", "target"];

/** Two arrays of one shape to a number. */
export interface Distance<Who extends string> extends LayerRule {
  readonly ports: readonly ["input", "target"];
  readonly out: this["in"] extends readonly [infer A, infer B]
    ? Agree<ShapeOf<B>, ShapeOf<A>> extends true
      ? readonly []
      : Takes<Who, Show<ShapeOf<A>>, Show<ShapeOf<B>>>
    : never;
}

const distance = (who: string) =>
  define({
    kind: "loss",
    options: noOptions,
    ports,
    forward: (_, inputs) => {
      const common = alike(who, inputs);
      return typeof common === "string" ? common : reals([]);
    },
    backward: (options, inputs) => sameShape(options, inputs, null),
  });

export const meanSquaredLossDefinition = distance("meanSquaredLoss");
export const meanAbsoluteLossDefinition = distance("meanAbsoluteLoss");

/** mean (input − target)² over one example; both ports of one shape, the output a number. */
export const meanSquaredLoss = (): TypedLayer<Distance<"meanSquaredLoss">> =>
  make("meanSquaredLoss", meanSquaredLossDefinition, {});

/** mean |input − target| over one example; both ports of one shape, the output a number. */
export const meanAbsoluteLoss = (): TypedLayer<Distance<"meanAbsoluteLoss">> =>
  make("meanAbsoluteLoss", meanAbsoluteLossDefinition, {});

/** [n] and a class, or [n] and [n], to a number. */
export interface CrossEntropyLoss extends LayerRule {
  readonly ports: readonly ["input", "target"];
  readonly out: this["in"] extends readonly [infer A, infer B]
    ? ShapeOf<A> extends readonly [infer N extends number]
      ? B extends Integer<infer Min, infer Max, readonly []>
        ? Agree<readonly [Add<Max, 1>], readonly [Add<N, Min>]> extends true
          ? readonly []
          : Takes<"crossEntropyLoss", Classes<N>, Show<B>>
        : Agree<ShapeOf<B>, ShapeOf<A>> extends true
          ? readonly []
          : Takes<"crossEntropyLoss", Classes<N>, Show<B>>
      : Takes<"crossEntropyLoss", "[?]", Show<A>>
    : never;
}
type Classes<N extends number> = number extends N
  ? "one of ? classes or [?]"
  : `one of ${N} classes or [${N}]`;

const classesOf = (target: PortType | undefined): number | null =>
  target?.dtype === "integer" && !target.shape?.length ? target.max - target.min + 1 : null;

export const crossEntropyLossDefinition = define({
  kind: "loss",
  options: z.strictObject({ from: z._default(z.enum(["logits", "probabilities"]), "logits") }),
  ports,
  forward: (_, [input, target]) => {
    const shape = merge(input?.shape ?? null, [null]);
    if (!input || !target || !shape) return takes("crossEntropyLoss", "[?]", show(input ?? null));
    const wanted = classesOf(target) === null ? target.shape : [classesOf(target)];
    if (merge(shape, wanted)) return reals([]);
    const n = shape[0] ?? "?";
    return takes("crossEntropyLoss", `one of ${n} classes or [${n}]`, show(target));
  },
  backward: (_, [input, target]) => {
    const n = classesOf(target);
    const shape = merge(input?.shape ?? null, n === null ? (target?.shape ?? null) : [n]) ?? null;
    return [shape, n === null ? shape : []];
  },
});

/**
 * −log p[target], p = softmax(input) from "logits" (the default) or input itself from "probabilities":
 * input [n]; target a class, an integer port of n values whose least is the first class; or −Σ target · log p
 * for probabilities [n]. The output is a number.
 */
export const crossEntropyLoss = (
  options: { readonly from?: "logits" | "probabilities" } = {},
): TypedLayer<CrossEntropyLoss> => make("crossEntropyLoss", crossEntropyLossDefinition, options);
