import * as z from "zod/mini";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { PortType } from "../net.js";
import type { LayerRule, TypedLayer } from "../rule.js";
import { type ShapeOf, type Show, show } from "../shape.js";
import { define, make, type Parameter, reals, size } from "./definition.js";
import { type InGroups, type Multiples, multiple } from "./image.js";

type Sizes = readonly number[];
const sequence = "[?, ?] or [?, ?, ?]";
type Sequence = typeof sequence;

export interface Attention<H extends number, Cross extends boolean> extends LayerRule {
  readonly ports: Cross extends true ? readonly ["input", "context"] : readonly ["input"];
  readonly out: this["in"] extends readonly [infer P, ...infer More]
    ? ShapeOf<P>["length"] extends 2 | 3
      ? InGroups<ShapeOf<P>, H> extends false
        ? Multiples<"attention", H, P>
        : More extends readonly [infer C]
          ? ShapeOf<C>["length"] extends 2 | 3
            ? Same<ShapeOf<P>>
            : Takes<"port context", Sequence, Show<C>>
          : Same<ShapeOf<P>>
      : Takes<"attention", Sequence, Show<P>>
    : never;
}
type Same<S extends Sizes> = S;

const isSequence = ({ shape }: PortType): boolean =>
  shape === null || shape.length === 2 || shape.length === 3;

export const attentionDefinition = define({
  kind: "layer",
  options: z.strictObject({
    heads: z._default(size, 1),
    causal: z._default(z.boolean(), false),
    cross: z._default(z.boolean(), false),
    bias: z._default(z.boolean(), true),
  }),
  ports: ({ cross }) => (cross ? ["input", "context"] : ["input"]),
  forward: ({ heads }, [input = reals(null), context = reals(null)]) => {
    if (!isSequence(input)) return takes("attention", sequence, show(input));
    const fault = multiple(input.shape?.at(-1) ?? null, heads);
    if (fault) return takes("attention", fault, show(input));
    if (!isSequence(context)) return takes("port context", sequence, show(context));
    return reals(input.shape);
  },
  backward: ({ cross }, [input, context], output) =>
    cross ? [output ?? input?.shape ?? null, context?.shape ?? null] : [output ?? input?.shape ?? null],
  parameters: ({ bias, cross }, [input, context]) => {
    const c = input?.shape?.at(-1) ?? 1;
    const from = cross ? (context?.shape?.at(-1) ?? 1) : c;
    const arrays = (nIn: number, field: string): readonly (readonly [string, Parameter])[] => {
      const init = { kind: "uniform", bound: 1 / Math.sqrt(nIn) } as const;
      const weight = [`${field}Weight`, { shape: [nIn, c], init }] as const;
      return bias ? [weight, [`${field}Bias`, { shape: [c], init }]] : [weight];
    };
    return Object.fromEntries([
      ...arrays(c, "query"),
      ...arrays(from, "key"),
      ...arrays(from, "value"),
      ...arrays(c, "output"),
    ]);
  },
});

/**
 * softmax(Q Kᵀ/√(c/heads)) V for each of `heads` (default 1) equal groups of channels, side by side and projected:
 * Q = x W_q + b_q, K = z W_k + b_k, V = z W_v + b_v, y = (heads joined) W_o + b_o. x is a sequence [n, c] or the
 * positions of an image [h, w, c]; y is of x's shape. z is x itself, or with `cross` the second port `context`,
 * [m, c'] or [h', w', c']. `causal` (default false): position i attends to positions 0 … i only. `bias`: default true.
 * Arrays queryWeight and outputWeight [c, c], keyWeight and valueWeight [c', c], queryBias, keyBias, valueBias and
 * outputBias [c] begin uniform between ±1/√(rows of the weight), as `linear`'s. Refuses c that `heads` does not divide,
 * and what is neither sequence nor image. arXiv 1706.03762, section 3.2.
 */
export const attention = <const H extends number = 1, const Cross extends boolean = false>(
  options: {
    readonly heads?: H;
    readonly causal?: boolean;
    readonly cross?: Cross;
    readonly bias?: boolean;
  } = {},
): TypedLayer<Attention<H, Cross>> => make("attention", attentionDefinition, options);
