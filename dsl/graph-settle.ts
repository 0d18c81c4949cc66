/** Graphs in any order of writing, at compile time: a walk that resolves the sources of each node before it. */
import type { Tuple } from "./union.js";

/**
 * Resolves the nodes that the outputs need, sources first; gives `Cycle` where they lead in a circle. Without it a
 * node that lies 30 steps behind its first unresolved source would be too deep for TypeScript. A walk with its own
 * stack: a name is first put behind its sources as `Close`, and resolved when that comes up. Out of fuel (900
 * steps; TypeScript allows 1,000) it stops, which only means that the rest is to be written in the data's order.
 */
export type Settle<
  C,
  E,
  Stack,
  Open = never,
  Done = null,
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
export interface Cycle<K, M extends string> {
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
export type Push<Names, Stack> = Names extends readonly [infer K, ...infer More]
  ? readonly [K, Push<More, Stack>]
  : Stack;
/** Wires as a tuple. */
export type Listed<W> = W extends string
  ? readonly [W]
  : W extends readonly unknown[]
    ? W
    : Tuple<W[keyof W]>;
