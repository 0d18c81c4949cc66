import { linear } from "./layers/linear.js";
import type { Net } from "./net.js";
import type { AnyRule, TypedChain } from "./rule.js";

/** What may be written in a chain: a number is `linear` of it. */
export type Member = Net | number;

/** A graph drawn as a list: each net receives the output of the one before it; a bare number n is `linear(n)`. */
export const chain = (layers: readonly Member[]): TypedChain<AnyRule> => ({
  op: "chain",
  layers: layers.map((layer) => (typeof layer === "number" ? linear(layer) : layer)),
});
