import * as z from "zod/mini";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { PortType } from "../net.js";
import type { OneInput, TypedLayer } from "../rule.js";
import { type ShapeOf, type Show, show } from "../shape.js";
import { define, make, noOptions, one, reals, sameShape } from "./definition.js";
import type { Elementwise } from "./elementwise.js";

/** Reals of the input's shape, which has a last axis. */
export interface LastAxis<Who extends string> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? ShapeOf<P> extends readonly []
      ? Takes<Who, "[..., ?]", Show<P>>
      : ShapeOf<P>
    : never;
}

/** The shape stays; a number has no last axis, and is refused. */
export const lastAxis =
  (who: string) =>
  (_: unknown, [input]: readonly (PortType | undefined)[]): PortType | string =>
    input?.shape?.length === 0 ? takes(who, "[..., ?]", show(input)) : reals(input?.shape ?? null);

export const softmaxDefinition = define({
  kind: "activation",
  options: noOptions,
  ports: one,
  forward: lastAxis("softmax"),
  backward: sameShape,
});

/** e^x / Σ e^x over the last axis; the shape stays. */
export const softmax = (): TypedLayer<LastAxis<"softmax">> => make("softmax", softmaxDefinition, {});

export const layerNormDefinition = define({
  kind: "norm",
  options: z.strictObject({ epsilon: z._default(z.number().check(z.positive()), 1e-5) }),
  ports: one,
  forward: lastAxis("layerNorm"),
  backward: sameShape,
  parameters: (_, [input]) => {
    const shape = [input?.shape?.at(-1) ?? 1];
    return { weight: { shape, init: { kind: "ones" } }, bias: { shape, init: { kind: "zeros" } } };
  },
});

/**
 * (x − mean)/√(variance + epsilon) · weight + bias over the last axis, the variance with denominator n.
 * `epsilon`: default 10⁻⁵. weight [n] begins as ones and bias [n] as zeros. arXiv 1607.06450.
 */
export const layerNorm = (options: { readonly epsilon?: number } = {}): TypedLayer<LastAxis<"layerNorm">> =>
  make("layerNorm", layerNormDefinition, options);

export const rmsNormDefinition = define({
  kind: "norm",
  options: z.strictObject({ epsilon: z._default(z.number().check(z.positive()), 1e-5) }),
  ports: one,
  forward: lastAxis("rmsNorm"),
  backward: sameShape,
  parameters: (_, [input]) => ({ weight: { shape: [input?.shape?.at(-1) ?? 1], init: { kind: "ones" } } }),
});

/**
 * x/√(mean x² + epsilon) · weight over the last axis. `epsilon`: default 10⁻⁵. weight [n] begins as ones.
 * arXiv 1910.07467.
 */
export const rmsNorm = (options: { readonly epsilon?: number } = {}): TypedLayer<LastAxis<"rmsNorm">> =>
  make("rmsNorm", rmsNormDefinition, options);

export const dropoutDefinition = define({
  kind: "layer",
  options: z.strictObject({ p: z.number().check(z.gte(0), z.lt(1)) }),
  ports: one,
  forward: (_, [input]) => reals(input?.shape ?? null),
  backward: sameShape,
});

/** In training each number is 0 with probability p and x/(1 − p) otherwise; in evaluation x. JMLR 15 (2014) 1929. */
export const dropout = (p: number): TypedLayer<Elementwise> => make("dropout", dropoutDefinition, { p });
