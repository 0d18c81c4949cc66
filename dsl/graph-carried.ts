/**
 * What the nodes of a graph carry, at compile time, and the rule of the graph itself. Each property of `Carried`
 * is resolved once and kept, so that a node costs TypeScript a fixed amount.
 */
import type { Takes } from "./message.js";
import type { Apply, Outputs, Rule, RuleOf } from "./rule.js";
import type { Fits, Port, Show, TypeOf, Unknown } from "./shape.js";
import type { Single, Text } from "./union.js";

/** What each node gives: a port, `Outputs`, or a sentence. */
export type Carried<I, N, E> = {
  readonly [K in keyof N]: Apply<
    RuleOf<N[K]>,
    Received<RuleOf<N[K]>["ports"], K extends keyof E ? E[K] : Nothing, I, N, Carried<I, N, E>>
  >;
};
type Nothing = readonly [];

/** What a node of these ports receives: a tuple in their order, or a record where they are declared by name. */
type Received<Ports, W, I, N, S> = Ports extends readonly string[]
  ? W extends string
    ? readonly [At<W, I, N, S>]
    : W extends readonly unknown[]
      ? { readonly [K in keyof W]: At<W[K], I, N, S> }
      : InOrder<{ readonly [P in keyof W as Text<P>]: W[P] }, Ports, I, N, S>
  : W extends string
    ? { readonly [P in keyof Ports]: At<W, I, N, S> }
    : W extends readonly unknown[]
      ? Nothing
      : { readonly [P in keyof W]: At<W[P], I, N, S> };
/** A record by port as a tuple in the order of the ports; that of a variadic node is by "0", "1", …. */
type InOrder<W, Ports extends readonly string[], I, N, S> = number extends Ports["length"]
  ? Numbered<W, I, N, S>
  : { readonly [K in keyof Ports]: At<W[Ports[K] & keyof W], I, N, S> };
type Numbered<W, I, N, S, Done extends readonly unknown[] = []> = `${Done["length"]}` extends infer P extends
  keyof W
  ? Numbered<W, I, N, S, [...Done, At<W[P], I, N, S>]>
  : Done;
/** What `"name"` or `"node.port"` reads; unknown where it is at fault or cannot be told. */
export type At<From, I, N, S> = From extends keyof S
  ? Only<S[From]>
  : From extends keyof I
    ? TypeOf<I[From]>
    : From extends `${infer Node extends keyof N & keyof S & string}.${infer Rest}`
      ? Only<Within<RuleOf<N[Node]>, S[Node], Rest>>
      : Unknown;
type Only<P> = P extends Port ? P : Unknown;
/** A port, or else a node, within a node. */
type Within<R extends Rule, Out, Name> =
  Out extends Outputs<infer O>
    ? Name extends keyof O
      ? O[Name]
      : Inside<R, Name>
    : Name extends R["output"]
      ? Out
      : Inside<R, Name>;
type Inside<R extends Rule, Name> = Name extends keyof R["inside"] ? R["inside"][Name] : Unknown;

/** The last word that is not `output`. */
export type OutputName<From> = From extends `${infer Head}.${infer Rest}`
  ? Rest extends "output"
    ? OutputName<Head>
    : OutputName<Rest>
  : From & string;

/** The outputs as a record from port to source. */
type Named<O> = O extends string
  ? { readonly [P in OutputName<O>]: O }
  : O extends readonly unknown[]
    ? { readonly [From in O[number] as OutputName<From>]: From }
    : O;
type Given<O, I, N, S> = { readonly [P in keyof O]: At<O[P], I, N, S> };

/** A graph's rule: its ports take what they declare, and its outputs do not depend on it. */
export interface GraphRule<I, N, E, O> extends Rule {
  readonly ports: { readonly [P in keyof I]: TypeOf<I[P]> };
  readonly output: keyof Named<O> & string;
  readonly inside: Carried<I, N, E>;
  readonly out: [Misfits<I, this["in"]>] extends [never]
    ? Single<keyof Named<O>> extends true
      ? Given<Named<O>, I, N, Carried<I, N, E>>[keyof Named<O>]
      : Outputs<Given<Named<O>, I, N, Carried<I, N, E>>>
    : Misfits<I, this["in"]>;
}
type Misfits<I, In> = {
  readonly [P in keyof I]: P extends keyof In
    ? Fits<In[P], TypeOf<I[P]>> extends true
      ? never
      : Takes<`port ${P & string}`, Show<TypeOf<I[P]>>, Show<In[P]>>
    : never;
}[keyof I];
