import * as z from "zod/mini";
import { bodyFault, bodySchema } from "../body.js";
import { type Symbolic, trace } from "../expression.js";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { PortType, Shape, Size } from "../net.js";
import type { LayerRule, TypedLayer } from "../rule.js";
import { type Agree, type ShapeOf, type Show, show } from "../shape.js";
import { alike, define, make, reals, sameShape } from "./definition.js";
import type { Common } from "./sum.js";

export type Broadcast = "none" | "leading" | "trailing";
type Sizes = readonly number[];

/** As many ports as `Args` has members; their shapes equal, or aligned at the first or the last axes. */
export interface Thread<Args extends readonly unknown[], B extends Broadcast> extends LayerRule {
  readonly ports: number extends Args["length"] ? readonly string[] : Positions<Args>;
  readonly out: this["in"] extends readonly [infer P, ...infer More]
    ? B extends "none"
      ? Common<"thread", More, ShapeOf<P>>
      : Together<B, More, ShapeOf<P>>
    : never;
}
type Positions<
  Args extends readonly unknown[],
  Done extends readonly string[] = [],
> = Args["length"] extends Done["length"] ? Done : Positions<Args, readonly [...Done, `${Done["length"]}`]>;

type Together<B extends Broadcast, Ps, Acc> = Acc extends Sizes
  ? Ps extends readonly [infer P, ...infer More]
    ? Together<B, More, Pair<B, Acc, ShapeOf<P>>>
    : Acc
  : Acc;
type Pair<B extends Broadcast, X extends Sizes, Y extends Sizes> = (
  B extends "leading"
    ? Leading<X, Y>
    : Trailing<X, Y>
) extends infer S extends Sizes
  ? S
  : Takes<"thread", Show<X>, Show<Y>>;
type Leading<X extends Sizes, Y extends Sizes, Done extends Sizes = readonly []> = X extends readonly [
  infer A extends number,
  ...infer RestX extends Sizes,
]
  ? Y extends readonly [infer B extends number, ...infer RestY extends Sizes]
    ? Either<A, B> extends infer D extends number
      ? Leading<RestX, RestY, readonly [...Done, D]>
      : null
    : readonly [...Done, ...X]
  : readonly [...Done, ...Y];
type Trailing<X extends Sizes, Y extends Sizes, Done extends Sizes = readonly []> = X extends readonly [
  ...infer RestX extends Sizes,
  infer A extends number,
]
  ? Y extends readonly [...infer RestY extends Sizes, infer B extends number]
    ? Either<A, B> extends infer D extends number
      ? Trailing<RestX, RestY, readonly [D, ...Done]>
      : null
    : readonly [...X, ...Done]
  : readonly [...Y, ...Done];
/** Of two sizes, 1 gives way; null where they contradict each other. */
type Either<A extends number, B extends number> = A extends 1
  ? B
  : B extends 1
    ? A
    : number extends A
      ? B
      : Agree<readonly [A], readonly [B]> extends true
        ? A
        : null;

/** Of two sizes, 1 gives way to the other; undefined where they contradict each other. */
const either = (a: Size, b: Size): Size | undefined => {
  if (a === 1) return b;
  if (b === 1) return a;
  return a === null || b === null ? (a ?? b) : a === b ? a : undefined;
};

/** NumPy's rule: sizes equal or 1, the shorter shape filled up with ones before it (trailing) or after it (leading). */
const broadcast = (kind: Broadcast, inputs: readonly PortType[]): PortType | string => {
  let common: Shape = [];
  for (const { shape } of inputs) {
    if (shape === null) return reals(null);
    const rank = Math.max(common.length, shape.length);
    const fill = (s: Shape): Shape => {
      const ones = Array<number>(rank - s.length).fill(1);
      return kind === "leading" ? [...s, ...ones] : [...ones, ...s];
    };
    const [x, y] = [fill(common), fill(shape)];
    const next = x.map((d, i) => either(d, y[i] ?? null));
    if (next.includes(undefined)) return takes("thread", show(common), show(shape));
    common = next as Size[];
  }
  return reals(common);
};

/** The names of a thread's ports. */
const positions = (arity: number): string[] => Array.from({ length: arity }, (_, i) => `${i}`);
const portsOf = (arity: number): Readonly<Record<string, PortType>> =>
  Object.fromEntries(positions(arity).map((name) => [name, reals([])]));

export const threadDefinition = define({
  kind: "function",
  options: z
    .strictObject({
      arity: z.int().check(z.gte(1), z.lte(100)),
      body: bodySchema,
      broadcast: z._default(z.enum(["none", "leading", "trailing"]), "none"),
    })
    .check(
      z.superRefine(({ arity, body }, context) => {
        const message = bodyFault(body, portsOf(arity));
        if (message !== null) context.addIssue({ code: "custom", path: ["body"], message });
      }),
    ),
  ports: ({ arity }) => positions(arity),
  forward: (options, inputs) =>
    options.broadcast === "none" ? alike("thread", inputs) : broadcast(options.broadcast, inputs),
  backward: (options, inputs, output) =>
    options.broadcast === "none" ? sameShape(options, inputs, output) : inputs.map((i) => i.shape),
});

/**
 * f element by element over as many arrays as it has arguments: `thread((x, y) => x.mul(y).add(1))`.
 * `broadcast`: "none" (default) wants equal shapes; "trailing" aligns them at the last axes and "leading" at the
 * first, sizes of 1 and missing axes being repeated. f is called once, with symbols, and traced.
 */
export const thread = <Args extends readonly Symbolic[], const B extends Broadcast = "none">(
  f: (...args: Args) => Symbolic,
  options: { readonly broadcast?: B } = {},
): TypedLayer<Thread<Args, B>> => {
  const names = positions(f.length);
  const body = trace(portsOf(f.length), (symbols) =>
    f(...(names.map((name) => symbols[name]) as unknown as Args)),
  );
  return make("thread", threadDefinition, { arity: f.length, body, ...options });
};
