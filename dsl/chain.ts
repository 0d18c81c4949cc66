/** Chains: graphs drawn as lists, and the types that follow the data through them. */
import { type Linear, linear } from "./layers/linear.js";
import type { Net } from "./net.js";
import type { Apply, Rule, RuleOf, TypedChain, Under } from "./rule.js";
import type { Port, Unknown } from "./shape.js";

/** What may be written in a chain: a number n is `linear(n)`. */
export type Member = Net | number;
type RuleOfMember<M> = M extends number ? Linear<M> : RuleOf<M>;

/** What a net of these ports receives from the one before it, at its first port. */
type Into<Ports, P> = Ports extends readonly unknown[] ? readonly [P] : { readonly [N in keyof Ports]: P };

/** What the last of the members gives for `In`, or the first sentence under the member's position. */
type Run<Ms, In, Place extends 0[] = []> = Ms extends readonly [infer M, ...infer Rest]
  ? Apply<RuleOfMember<M>, In> extends infer Out
    ? Out extends string
      ? `.${Under<Place["length"], Out>}`
      : Rest extends readonly [infer Next, ...unknown[]]
        ? Run<Rest, Into<RuleOfMember<Next>["ports"], Out extends Port ? Out : Unknown>, [...Place, 0]>
        : Out
    : never
  : Unknown;

/** The input ports of a chain, as far as its first member declares them. */
type Declared<Ports> = Ports extends readonly unknown[] ? { readonly [K in keyof Ports]: Unknown } : Ports;
type PortsOf<Ms> = Ms extends readonly [infer M, ...unknown[]] ? RuleOfMember<M>["ports"] : unknown;

/** The members, the one that does not fit replaced by its sentence. */
type Check<Ms> = { readonly [K in keyof Ms]: Told<Run<Ms, Declared<PortsOf<Ms>>>, K, Ms[K]> };
type Told<Out, K, M> = Out extends `.${K & string}${":" | "."}${string}`
  ? Out extends `.${infer Sentence}`
    ? Sentence
    : never
  : M;

/** A chain has the ports of its first member, and gives what its last gives at `output`. */
export interface ChainRule<Ms> extends Rule {
  readonly ports: PortsOf<Ms>;
  readonly output: "output";
  readonly inside: unknown;
  readonly out: Run<Ms, this["in"]>;
}

/**
 * A graph drawn as a list: each net receives the output of the one before it at its first port; a bare number n
 * is `linear(n)`. The input ports are those of the first member, the one output port is `output`.
 *
 *     chain([append(), 128, relu, 128, relu, 2])
 */
export const chain = <const Ms extends readonly Member[]>(layers: Check<Ms>): TypedChain<ChainRule<Ms>> => ({
  op: "chain",
  layers: (layers as readonly Member[]).map((layer) => (typeof layer === "number" ? linear(layer) : layer)),
});
