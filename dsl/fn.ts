/** Traced functions: the same operations on every number of a port, declared as an arrow function, kept as data. */
import { type Symbolic, type SymbolsOf, trace } from "./expression.js";
import { type Takes, takes } from "./message.js";
import type { PortType, Shape, WholeNumber } from "./net.js";
import { type Integer, type PortSpecs, type PortsOf, portsOf } from "./ports.js";
import type { Rule, TypedFn } from "./rule.js";
import {
  type Agree,
  type Fits,
  type Merge,
  merge,
  type Port,
  type ShapeOf,
  type Show,
  show,
  type TypeOf,
  type Unknown,
} from "./shape.js";

/**
 * FunctionLayer: `f` is called once with a symbol for each port, and what it computes is kept as a list of steps.
 *
 *     fn({ t: integer(1, 200) }, ({ t }) => t.sub(1).div(199).sub(0.5))
 *     fn({ t: integer(1, 200), x0: [2], eps: [2] }, ({ t, x0, eps }) => a(t).mul(x0).add(b(t).mul(eps)))
 *
 * Elementwise: all ports have one shape, which is the result's, or are single numbers, which stand for every
 * element. With `output` each number of the result is the nearest whole one within its bounds (`nearest`), so that it may
 * index a table or an embedding:
 *
 *     fn({ label: integer(0, 9), u: real }, ({ label, u }) => u.lt(0.1).select(10, label), { output: integer(0, 10) })
 *
 * Throws a TypeError where two shapes clash, where `f` returns no symbol (see `trace`), and where `output` is not one
 * whole number that float32 holds.
 */
export function fn<const P extends PortSpecs, const O extends WholeNumber | undefined = undefined>(
  inputs: CheckPorts<P>,
  f: (symbols: SymbolsOf<PortsOf<P>>) => Symbolic,
  { output }: { readonly output?: O } = {},
): TypedFn<FnRule<{ readonly [N in keyof P]: TypeOf<P[N]> }, O>> {
  const ports = portsOf(inputs as PortSpecs);
  const fault = elementwiseShape(ports);
  const said = typeof fault === "string" ? fault : output && outputFault(output);
  if (typeof said === "string") throw new TypeError(`fn: ${said}`);
  const body = trace(ports, f as (symbols: SymbolsOf<typeof ports>) => Symbolic);
  return { op: "fn", inputs: ports, body, ...(output && { output }) };
}

/** Beyond this float32 does not hold every whole number. */
const mostWhole = 2 ** 24;

/** A sentence where a result cannot be rounded to this port. */
export function outputFault(port: PortType): string | undefined {
  const fits =
    port.dtype === "integer" &&
    port.shape?.length === 0 &&
    [port.min, port.max].every((n) => Number.isInteger(n) && Math.abs(n) <= mostWhole);
  return fits ? undefined : takes("output", "integer(min, max) within ±16777216", show(port));
}

/** ⌊x + 1/2⌋ kept within min … max: the nearest whole number, halves upwards; NaN becomes min. */
export function nearest(x: number, { min, max }: Pick<WholeNumber, "min" | "max">): number {
  const whole = Math.floor(x + 0.5);
  return min <= whole ? Math.min(whole, max) : min;
}

/**
 * The shape of an elementwise result: what all ports but the single numbers have in common. A sentence where two
 * of them clash: `port eps takes [2] or real but receives [3]`.
 */
export function elementwiseShape(ports: Readonly<Record<string, PortType>>): Shape | null | string {
  let common: Shape | null | undefined;
  for (const [name, { shape }] of Object.entries(ports)) {
    if (shape?.length === 0) continue;
    const both = common === undefined ? shape : merge(common, shape);
    if (both === undefined) return clash(name, show(common ?? null), show(shape));
    common = both;
  }
  return common === undefined ? [] : common;
}

const clash = (port: string, want: string, got: string): string =>
  takes(`port ${port}`, `${want} or real`, got);
type Clash<Port, Want, Got> = Takes<`port ${Port & string}`, `${Show<Want>} or real`, Show<Got>>;

// ---- at compile time -----------------------------------------------------------------------------------------

/** The ports as declared, those that clash with another replaced by their sentence. */
type CheckPorts<P> = {
  readonly [N in keyof P]: [Clashes<{ readonly [K in keyof P]: TypeOf<P[K]> }, N>] extends [never]
    ? P[N]
    : `fn: ${Clashes<{ readonly [K in keyof P]: TypeOf<P[K]> }, N>}`;
};

/** The sentences for port `N`, one for each other port whose shape contradicts its own. */
type Clashes<P, N extends keyof P> = {
  [K in keyof P]: P[K] extends Port
    ? P[N] extends Port
      ? ShapeOf<P[K]> extends readonly []
        ? never
        : ShapeOf<P[N]> extends readonly []
          ? never
          : Agree<ShapeOf<P[N]>, ShapeOf<P[K]>> extends true
            ? never
            : Clash<N, ShapeOf<P[K]>, ShapeOf<P[N]>>
      : never
    : never;
}[keyof P];

/** What is known of each port: as declared, and as received. */
type Known<P, In> = {
  readonly [N in keyof P]: N extends keyof In
    ? ShapeOf<P[N]> extends readonly []
      ? readonly []
      : Merge<ShapeOf<P[N]>, ShapeOf<In[N]>>
    : P[N];
};
/** The shapes that are not of single numbers, as a union. */
type Arrays<P> = { [N in keyof P]: ShapeOf<P[N]> extends readonly [] ? never : ShapeOf<P[N]> }[keyof P];
/** Those of them whose sizes are all literal. */
type Literal<U> = U extends readonly number[] ? (number extends U["length"] | U[number] ? never : U) : never;
type Single<U, V = U> = U extends unknown ? ([V] extends [U] ? true : false) : never;
type Common<P> = [Arrays<P>] extends [never]
  ? readonly []
  : [Literal<Arrays<P>>] extends [never]
    ? true extends Single<Arrays<P>>
      ? Arrays<P>
      : Unknown
    : Literal<Arrays<P>>;

type Misfit<P, In> = {
  [N in keyof P]: N extends keyof In
    ? Fits<In[N], P[N]> extends true
      ? never
      : Takes<`port ${N & string}`, Show<P[N]>, Show<In[N]>>
    : never;
}[keyof P];
type AnyClash<P> = { [N in keyof P]: Clashes<P, N> }[keyof P];

/** Of this shape the reals, or the whole numbers of `O`. */
type Given<S, O> = O extends Integer<infer Min, infer Max> ? (S extends Shape ? Integer<Min, Max, S> : S) : S;

/** A traced function's ports are as declared; it gives reals of their common shape, or whole numbers, at `output`. */
export interface FnRule<P, O = undefined> extends Rule {
  readonly ports: P;
  readonly output: "output";
  readonly inside: unknown;
  readonly out: [Misfit<P, this["in"]>] extends [never]
    ? [AnyClash<Known<P, this["in"]>>] extends [never]
      ? Given<Common<Known<P, this["in"]>>, O>
      : AnyClash<Known<P, this["in"]>>
    : Misfit<P, this["in"]>;
}
