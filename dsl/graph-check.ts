/** The sentences, at compile time, for what is wrong with the edges and outputs of a graph. */
import type { Carried, OutputName } from "./graph-carried.js";
import type { Cycle, Listed, Push, Settle } from "./graph-settle.js";
import type { Missing, NoNode, NoSource, Superfluous, Takes } from "./message.js";
import type { Rule, RuleOf, Under } from "./rule.js";
import type { Single, Size, Text } from "./union.js";

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

/** `O`, each output from a name that is not there replaced by its sentence. */
export type CheckOutputs<I, N, O> = O extends string
  ? Or<NoSourceFor<`output ${OutputName<O>}`, O, I, N>, O>
  : O extends readonly unknown[]
    ? { readonly [K in keyof O]: Or<NoSourceFor<`output ${OutputName<O[K]>}`, O[K], I, N>, O[K]> }
    : { readonly [P in keyof O]: Or<NoSourceFor<`output ${P & string}`, O[P], I, N>, O[P]> };
type Or<M, W> = [M] extends [never] ? W : M;
