/**
 * Shape rules as types. A rule is an interface whose `out` is computed from `this["in"]`: TypeScript puts the
 * ports that a net receives in `in`, and reads what it gives, or a sentence, from `out`. Nets carry their rule
 * as a phantom, so that they stay plain data.
 */
import type { Chain, Fn, Graph, Layer, Repeat } from "./net.js";
import type { Unknown } from "./shape.js";

export interface Rule {
  /** A tuple of `Port` in the order of the ports, or a record of them where `ports` is one. */
  readonly in: unknown;
  /** A `Port`, `Outputs` when there are several, or a sentence; one that starts with a dot begins with a path. */
  readonly out: unknown;
  /** Names in order, `readonly string[]` for any number of them, or a record of declared ports. */
  readonly ports: unknown;
  /** The names of the output ports, as a union. */
  readonly output: string;
  /** The nodes of a graph, by name. */
  readonly inside: unknown;
}
/** What a net with several outputs gives. */
export interface Outputs<O> {
  readonly outputs: O;
}

/** A layer's rule: one output, nothing inside. */
export interface LayerRule extends Rule {
  readonly ports: readonly string[];
  readonly output: "output";
  readonly inside: Nothing;
}
/** Inside a layer there are no nodes. */
export type Nothing = Readonly<Record<never, never>>;
/** A layer of one input port. */
export interface OneInput extends LayerRule {
  readonly ports: readonly ["input"];
}
/** A layer without inputs, which gives `P`. */
export interface Source<P> extends LayerRule {
  readonly ports: readonly [];
  readonly out: P;
}
/** A net whose type tells nothing, such as one read from JSON. */
export interface AnyRule extends Rule {
  readonly out: Unknown;
  readonly ports: unknown;
  readonly output: string;
}

declare const rule: unique symbol;
/** Carries a rule; nothing is there at run time. */
export interface Typed<R> {
  readonly [rule]?: R;
}
export interface TypedLayer<R> extends Layer, Typed<R> {}
export interface TypedFn<R> extends Fn, Typed<R> {}
export interface TypedChain<R> extends Chain, Typed<R> {}
export interface TypedGraph<R> extends Graph, Typed<R> {}
export type TypedRepeat<R> = Repeat & Typed<R>;

/** The rule of a net. */
export type RuleOf<N> = N extends { readonly [rule]?: infer R } ? (R extends Rule ? R : AnyRule) : AnyRule;

/** What a net of rule `R` gives for `In`. A faulty or unknown input gives an unknown output: one mistake is told once. */
export type Apply<R extends Rule, In> =
  true extends IsUnknown<In extends readonly unknown[] ? In[number] : In[keyof In]>
    ? Unknown
    : (R & { readonly in: In })["out"];
type IsUnknown<P> = P extends readonly number[] ? (number extends P["length"] ? true : false) : false;

/** Puts a name before a sentence or a path: `3: reshape takes …`, `model.3: reshape takes …`. */
export type Under<Name extends string | number, M extends string> = M extends `.${string}`
  ? `${Name}${M}`
  : `${Name}: ${M}`;
