import * as z from "zod/mini";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { Integer } from "../ports.js";
import type { OneInput, TypedLayer } from "../rule.js";
import { merge, type ShapeOf, type Show, show } from "../shape.js";
import { define, make, one, reals, size } from "./definition.js";

export interface Embedding<Out extends number> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? P extends Integer
      ? readonly [...ShapeOf<P>, Out]
      : Takes<"embedding", "an integer", Show<P>>
    : never;
}

export const embeddingDefinition = define({
  kind: "layer",
  options: z.strictObject({ nOut: size }),
  ports: one,
  forward: ({ nOut }, [input]) =>
    input?.dtype !== "integer"
      ? takes("embedding", "an integer", show(input ?? null))
      : reals(input.shape && [...input.shape, nOut]),
  backward: (_, [input], output) => [
    merge(input?.shape ?? null, output?.slice(0, -1) ?? null) ?? input?.shape ?? null,
  ],
  parameters: ({ nOut }, [input]) => ({
    weight: {
      shape: [input?.dtype === "integer" ? input.max - input.min + 1 : 1, nOut],
      init: { kind: "normal", std: 1 },
    },
  }),
});

/**
 * Row i − min of a learned table: integer(min, max) → [nOut], and integers [...] → [..., nOut].
 * The table, [max − min + 1, nOut], begins standard normal.
 */
export const embedding = <const Out extends number>(nOut: Out): TypedLayer<Embedding<Out>> =>
  make("embedding", embeddingDefinition, { nOut });

export interface SinusoidalEmbedding<Out extends number> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? ShapeOf<P> extends readonly []
      ? readonly [Out]
      : Takes<"sinusoidalEmbedding", "real", Show<P>>
    : never;
}

export const sinusoidalEmbeddingDefinition = define({
  kind: "function",
  options: z.strictObject({
    nOut: size.check(z.multipleOf(2)),
    maxPeriod: z._default(z.number().check(z.positive()), 10_000),
  }),
  ports: one,
  forward: ({ nOut }, [input]) =>
    merge(input?.shape ?? null, [])
      ? reals([nOut])
      : takes("sinusoidalEmbedding", "real", show(input ?? null)),
  backward: () => [[]],
});

/**
 * sin(t ω_k), cos(t ω_k), side by side for each k < nOut/2, with ω_k = maxPeriod^(−2k/nOut): a number → [nOut], nOut even.
 * `maxPeriod`: default 10,000. arXiv 1706.03762, section 3.5.
 */
export const sinusoidalEmbedding = <const Out extends number>(
  nOut: Out,
  options: { readonly maxPeriod?: number } = {},
): TypedLayer<SinusoidalEmbedding<Out>> =>
  make("sinusoidalEmbedding", sinusoidalEmbeddingDefinition, { nOut, ...options });
