/** A net used many times over, with one set of arrays: on each element, on its own result, along a sequence. */
import type { Takes } from "./message.js";
import type { Net } from "./net.js";
import type { Integer } from "./ports.js";
import type { Apply, Nothing, Rule, RuleOf, TypedRepeat, Under } from "./rule.js";
import type { Agree, Merge, Port, ShapeOf, Show, Unknown } from "./shape.js";
import type { Single } from "./union.js";

type Sizes = readonly number[];

/** A repeated net: one output, and nothing inside that an edge could read, since it is there many times. */
interface RepeatRule extends Rule {
  readonly output: "output";
  readonly inside: Nothing;
}

/** One element of a sequence. */
type ElementOf<P> =
  ShapeOf<P> extends readonly [number, ...infer S extends Sizes]
    ? P extends Integer<infer Min, infer Max>
      ? Integer<Min, Max, S>
      : S
    : Unknown;
/** A sequence of it. */
type Stack<N extends number, P> =
  P extends Integer<infer Min, infer Max>
    ? Integer<Min, Max, readonly [N, ...ShapeOf<P>]>
    : number extends ShapeOf<P>["length"]
      ? Unknown
      : readonly [N, ...ShapeOf<P>];
/** The sentence about what is no sequence. */
type NoSequence<Who extends string, P> = P extends unknown
  ? ShapeOf<P> extends readonly []
    ? Takes<Who, "[?, ...]", Show<P>>
    : never
  : never;
/** The one length of all sequences; `number` where they have several, which the check at run time refuses. */
type LengthOf<Ps> = Single<First<Ps>> extends true ? First<Ps> : number;
type First<P> = P extends unknown
  ? ShapeOf<P> extends readonly [infer N extends number, ...Sizes]
    ? N
    : never
  : never;
/** What the member gives; unknown where it has several outputs. */
type Given<N, In> =
  Apply<RuleOf<N>, In> extends infer Out
    ? Out extends string
      ? `.${Under<"net", Out>}`
      : Out extends Port
        ? Out
        : Unknown
    : never;
/** What a member that gives `Out` makes of its own input `S`: that, or the sentence. */
type Kept<Who extends string, S extends Sizes, Out> = Out extends string
  ? Out
  : Agree<S, ShapeOf<Out>> extends true
    ? Merge<S, ShapeOf<Out>>
    : Takes<Who, `a net that gives ${Show<S>}`, `one that gives ${Show<ShapeOf<Out>>}`>;

// ---- map -----------------------------------------------------------------------------------------------------

export interface MapRule<N> extends RepeatRule {
  readonly ports: Sequences<RuleOf<N>["ports"]>;
  readonly out: [NoSequence<"map", Values<this["in"]>>] extends [never]
    ? Given<N, Elements<this["in"]>> extends infer Out
      ? Out extends string
        ? Out
        : Stack<LengthOf<Values<this["in"]>>, Out>
      : never
    : NoSequence<"map", Values<this["in"]>>;
}
type Elements<In> = { readonly [K in keyof In]: ElementOf<In[K]> };
type Values<In> = In extends readonly unknown[] ? In[number] : In[keyof In];
type Sequences<Ports> = unknown extends Ports
  ? Ports
  : Ports extends readonly unknown[]
    ? Ports
    : { readonly [P in keyof Ports]: Stack<number, Ports[P]> };

/**
 * The net on each element of a sequence: [n, ...s] → [n, ...t] where the net makes [...t] of [...s]. Where it has
 * several input ports each receives a sequence, all of one length. Its path is `net`, its arrays are those of one.
 * Refuses what is no sequence, and a net of several outputs.
 *
 *     map(chain([linear(64), gelu, linear(16)]))
 */
export const map = <const N extends Net>(net: N): TypedRepeat<MapRule<N>> => ({ op: "map", net });

// ---- nest ----------------------------------------------------------------------------------------------------

export interface NestRule<N> extends RepeatRule {
  readonly ports: RuleOf<N>["ports"];
  readonly out: ShapeOf<Values<this["in"]>> extends infer S extends Sizes
    ? Kept<"nest", S, Given<N, All<this["in"], S>>>
    : never;
}

type All<In, S> = { readonly [K in keyof In]: S };

/** How often a net may be nested, by all the nests around it together. */
export const mostTimes = 10_000;

/**
 * f(f(… f(x))): the net `times` times, each on the result of the last: [...s] → [...s]. Its path is `net`, its arrays
 * are those of one. The net has one input and gives the shape that it takes, or is refused; so is a number of times
 * that is not from 1 to 10,000, nests in nests multiplied.
 */
export const nest = <const N extends Net>(net: N, times: number): TypedRepeat<NestRule<N>> => {
  if (!Number.isInteger(times) || times < 1 || times > mostTimes)
    throw new RangeError(`nest takes a number of times from 1 to ${mostTimes} but receives ${times}`);
  return { op: "nest", net, times };
};

// ---- fold ----------------------------------------------------------------------------------------------------

export interface FoldRule<N, All extends boolean> extends RepeatRule {
  readonly ports: readonly ["state", "input"];
  readonly out: this["in"] extends readonly [infer S, infer I]
    ? [NoSequence<"fold", I>] extends [never]
      ? Kept<
          "fold",
          ShapeOf<S>,
          Given<N, { readonly state: ShapeOf<S>; readonly input: ElementOf<I> }>
        > extends infer Out
        ? Out extends string
          ? Out
          : All extends true
            ? Stack<First<I>, Out>
            : Out
        : never
      : NoSequence<"fold", I>
    : never;
}

/**
 * A net with the ports `state` and `input`, which gives the next state, along a sequence: the ports of the whole are
 * `state` [...s], the first one, and `input` [n, ...r]; the output is the last state [...s], or with `all` (default
 * false) every one, [n, ...s]. The net's path is `net`, its arrays are those of one. Refuses a net of other ports or
 * several outputs, one that gives another shape than its state's, and what is no sequence.
 *
 *     fold(fn({ state: [3], input: [3] }, ({ state, input }) => state.mul(0.9).add(input)))
 */
export const fold = <const N extends Net, const All extends boolean = false>(
  net: N,
  options: { readonly all?: All } = {},
): TypedRepeat<FoldRule<N, All>> => ({ op: "fold", net, ...(options.all && { all: true as const }) });
