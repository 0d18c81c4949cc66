import * as z from "zod/mini";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { OneInput, TypedLayer } from "../rule.js";
import { merge, type ShapeOf, type Show, show } from "../shape.js";
import { define, make, one, reals, size } from "./definition.js";

export interface Linear<Out extends number> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? ShapeOf<P> extends readonly [...infer Lead extends readonly number[], number]
      ? readonly [...Lead, Out]
      : Takes<"linear", "[..., ?]", Show<P>>
    : never;
}

export const linearDefinition = define({
  kind: "layer",
  options: z.strictObject({ nOut: size, bias: z._default(z.boolean(), true) }),
  ports: one,
  forward: ({ nOut }, [input]) => {
    if (!input?.shape) return reals(null);
    if (input.shape.length === 0) return takes("linear", "[..., ?]", show(input));
    return reals([...input.shape.slice(0, -1), nOut]);
  },
  backward: (_, [input], output) => [
    output === null || output.length === 0
      ? (input?.shape ?? null)
      : (merge(input?.shape ?? null, [...output.slice(0, -1), null]) ?? null),
  ],
  parameters: ({ nOut, bias }, [input]) => {
    const nIn = input?.shape?.at(-1) ?? 1;
    const init = { kind: "uniform", bound: 1 / Math.sqrt(nIn) } as const;
    return { weight: { shape: [nIn, nOut], init }, ...(bias ? { bias: { shape: [nOut], init } } : {}) };
  },
});

/**
 * y = x W + b over the last axis: [..., nIn] → [..., nOut], nIn from the wiring.
 * W: [nIn, nOut] and b: [nOut] begin uniform between ±1/√nIn, as PyTorch's. `bias`: default true.
 */
export const linear = <const Out extends number>(
  nOut: Out,
  options: { readonly bias?: boolean } = {},
): TypedLayer<Linear<Out>> => make("linear", linearDefinition, { nOut, ...options });
