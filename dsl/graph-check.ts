/**
 * A graph at compile time: what each of its nodes carries, and the sentences for what is wrong with its edges.
 * Each property of `Carried` is resolved once and kept, so that a graph written in the order of its data costs
 * TypeScript a fixed amount for each node.
 */
import type { Missing, NoNode, NoSource, Superfluous, Takes } from "./message.js";
import type { Apply, Outputs, Rule, RuleOf, Under } from "./rule.js";
import type { Fits, Port, Show, TypeOf, Unknown } from "./shape.js";

// ---- what the nodes carry ------------------------------------------------------------------------------------

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
/** A key as it is at run time: 0 and "0" are one. */
type Text<K> = K extends number ? `${K}` : K;

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

// ---- any order of writing --------------------------------------------------------------------------------------

/**
 * Resolves the nodes that the outputs need, sources first; gives `Cycle` where they lead in a circle. Without it a
 * node that lies 30 steps behind its first unresolved source would be too deep for TypeScript. A walk with its own
 * stack: a name is first put behind its sources as `Close`, and resolved when that comes up. Out of fuel (900
 * steps; TypeScript allows 1,000) it stops, which only means that the rest is to be written in the data's order.
 */
type Settle<
  C,
  E,
  Stack,
  Open = never,
  Done = never,
  Tens extends readonly 0[] = Ninety,
  Ones extends readonly 0[] = Ten,
> = Ones extends readonly [0, ...infer Left extends readonly 0[]]
  ? Stack extends readonly [infer K, infer Rest]
    ? K extends Done
      ? Settle<C, E, Rest, Open, Done, Tens, Left>
      : K extends Close<infer Name extends keyof C>
        ? C[Name] extends infer _
          ? Settle<C, E, Rest, Open, Done | Name, Tens, Left>
          : never
        : K extends Open
          ? Cycle<K, `cycle: ${K & string} -> ${Path<Rest, K>}`>
          : K extends keyof C
            ? Settle<
                C,
                E,
                Push<K extends keyof E ? Listed<E[K]> : [], readonly [Close<K>, Rest]>,
                Open | K,
                Done,
                Tens,
                Left
              >
            : K extends `${infer Node}.${string}`
              ? Settle<C, E, readonly [Node, Rest], Open, Done, Tens, Left>
              : Settle<C, E, Rest, Open, Done, Tens, Left>
    : Done
  : Tens extends readonly [0, ...infer Left extends readonly 0[]]
    ? Settle<C, E, Stack, Open, Done, Left, Ten>
    : Done;
interface Close<K> {
  readonly close: K;
}
interface Cycle<K, M extends string> {
  readonly at: K;
  readonly message: M;
}
/** The open names on the stack from the top down to `K`. */
type Path<Stack, K> = Stack extends readonly [infer Top, infer Rest]
  ? Top extends Close<infer Name extends string>
    ? Name extends K
      ? Name
      : `${Name} -> ${Path<Rest, K>}`
    : Path<Rest, K>
  : never;
type Ten = readonly [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
type Ninety = readonly [...Ten, ...Ten, ...Ten, ...Ten, ...Ten, ...Ten, ...Ten, ...Ten, ...Ten];
/** The stack `[top, rest]` with a tuple of names on top. */
type Push<Names, Stack> = Names extends readonly [infer K, ...infer More]
  ? readonly [K, Push<More, Stack>]
  : Stack;
/** Wires as a tuple. */
type Listed<W> = W extends string ? readonly [W] : W extends readonly unknown[] ? W : Tuple<W[keyof W]>;
type Tuple<U, Done extends readonly unknown[] = readonly []> = [U] extends [never]
  ? Done
  : Tuple<Exclude<U, Last<U>>, readonly [Last<U>, ...Done]>;

// ---- what is wrong with the edges ----------------------------------------------------------------------------

/** `E`, the wires of each node that is at fault replaced by the sentence. Names made in a loop are not checked. */
export type CheckEdges<I, N, E, O> = {
  readonly [K in keyof E]: string extends keyof N | keyof E
    ? E[K]
    : K extends keyof N
      ? Settle<Carried<I, N, E>, E, Push<Listed<O>, null>> extends infer Settled
        ? [Settled] extends [Cycle<infer At, infer M>]
          ? K extends At
            ? M
            : E[K]
          : Told<K, Fault<I, N, E, K>, E[K]>
        : never
      : `${K & string}: ${NoNode}`;
};
type Told<K, M, W> = [M] extends [never] ? W : Under<K & string, M & string>;

/** The sentences for the nodes that nothing leads to although they have ports; `unknown` without any. */
export type CheckNodes<N, E> = [Bares<N, E>] extends [never] ? unknown : Bares<N, E>;
type Bares<N, E> = {
  readonly [K in Exclude<keyof N, keyof E>]: Bare<RuleOf<N[K]>["ports"]> extends infer M extends string
    ? Under<K & string, M>
    : never;
}[Exclude<keyof N, keyof E>];
/** The sentence for a node without edges. */
type Bare<Ports> = unknown extends Ports
  ? never
  : Ports extends readonly string[]
    ? number extends Ports["length"]
      ? Missing<"0">
      : Ports extends readonly [infer P extends string, ...unknown[]]
        ? Missing<P>
        : never
    : Missing<keyof Ports & string>;

type Fault<I, N, E, K extends keyof N & keyof E> =
  Misnamed<RuleOf<N[K]>["ports"], E[K], I, N> extends infer M
    ? [M] extends [never]
      ? Extract<Carried<I, N, E>[K], string>
      : M
    : never;

/** Sentences about names: sources that are not there, ports that are missing or superfluous. */
type Misnamed<Ports, W, I, N> = unknown extends Ports
  ? NoSources<W, unknown, I, N>
  : Ports extends readonly string[]
    ? W extends string
      ? Ports extends readonly [string, infer P extends string, ...unknown[]]
        ? Missing<P>
        : Ports extends readonly []
          ? Superfluous<"0">
          : NoSources<readonly [W], Ports, I, N>
      : W extends readonly unknown[]
        ? NoSources<W, Ports, I, N> | WrongLength<W, Ports>
        :
            | WrongNames<
                W,
                number extends Ports["length"] ? `${number}` : Ports[number],
                number extends Ports["length"] ? "0" : Ports[number]
              >
            | NoSources<W, Ports, I, N>
    : W extends string
      ? Single<keyof Ports> extends true
        ? NoSources<{ readonly [P in keyof Ports]: W }, Ports, I, N>
        : Takes<"it", `${Size<keyof Ports>} inputs`, "1">
      : W extends readonly unknown[]
        ? W["length"] extends Size<keyof Ports>
          ? NoSources<W, Ports, I, N>
          : Takes<"it", `${Size<keyof Ports>} inputs`, `${W["length"]}`>
        : WrongNames<W, keyof Ports, keyof Ports> | NoSources<W, Ports, I, N>;

type WrongNames<W, Known, Needed> =
  | (Exclude<Text<keyof W>, Known> extends infer P extends string ? Superfluous<P> : never)
  | (Exclude<Needed, Text<keyof W>> extends infer P extends string ? Missing<P> : never);
type WrongLength<W extends readonly unknown[], Ports extends readonly string[]> = number extends
  | Ports["length"]
  | W["length"]
  ? never
  : Ports extends readonly [...{ [K in keyof W]: unknown }, infer P extends string, ...unknown[]]
    ? Missing<P>
    : W["length"] extends Ports["length"]
      ? never
      : Superfluous<`${Ports["length"]}`>;

/** The sentences for the sources that are not there, of a list or a record of wires. */
type NoSources<W, Ports, I, N> = W extends string
  ? NoSourceFor<"its port", W, I, N>
  : W extends readonly unknown[]
    ? { readonly [K in keyof W]: NoSourceFor<PortAt<Ports, K>, W[K], I, N> }[number]
    : { readonly [P in keyof W]: NoSourceFor<`port ${P & string}`, W[P], I, N> }[keyof W];
type PortAt<Ports, K> = Ports extends readonly string[]
  ? K extends keyof Ports
    ? number extends Ports["length"]
      ? `port ${K & string}`
      : `port ${Ports[K] & string}`
    : `port ${K & string}`
  : `port ${K & string}`;
/** The sentence for one source, unless it is there. */
type NoSourceFor<To extends string, From, I, N> = string extends From
  ? never
  : From extends keyof I | keyof N
    ? never
    : From extends `${infer Node}.${infer Rest}`
      ? Node extends keyof N
        ? HasInside<RuleOf<N[Node]>, Rest> extends true
          ? never
          : NoSource<To, From>
        : NoSource<To, From>
      : NoSource<To, From & string>;
type HasInside<R extends Rule, Name extends string> = unknown extends R["inside"]
  ? true
  : Name extends R["output"] | keyof R["inside"]
    ? true
    : Name extends `${infer Node}.${string}`
      ? Node extends keyof R["inside"]
        ? true
        : false
      : false;

/** The members of a union counted. */
type Size<U, Count extends 0[] = []> = [U] extends [never]
  ? Count["length"]
  : Size<Exclude<U, Last<U>>, [...Count, 0]>;
type Last<U> = (U extends unknown ? (f: () => U) => void : never) extends (f: infer F) => void
  ? F extends () => infer L
    ? L
    : never
  : never;
type Single<U> = [U] extends [never] ? false : [Exclude<U, Last<U>>] extends [never] ? true : false;

// ---- the outputs ---------------------------------------------------------------------------------------------

/** `O`, each output from a name that is not there replaced by its sentence. */
export type CheckOutputs<I, N, O> = O extends string
  ? Or<NoSourceFor<`output ${OutputName<O>}`, O, I, N>, O>
  : O extends readonly unknown[]
    ? { readonly [K in keyof O]: Or<NoSourceFor<`output ${OutputName<O[K]>}`, O[K], I, N>, O[K]> }
    : { readonly [P in keyof O]: Or<NoSourceFor<`output ${P & string}`, O[P], I, N>, O[P]> };
type Or<M, W> = [M] extends [never] ? W : M;

/** The last word that is not `output`. */
type OutputName<From> = From extends `${infer Head}.${infer Rest}`
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
