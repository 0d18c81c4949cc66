/**
 * Shapes of one example: how they read in words, and how two partly known ones become one. Each function has a
 * twin among the types, of the same name in upper case, for sizes that are literal.
 */
import type { AtMost } from "./arithmetic.js";
import type { PortType, Shape, Size } from "./net.js";
import type { Integer, Real } from "./ports.js";

// ---- at run time ---------------------------------------------------------------------------------------------

/** `[28, ?, 1]`, `[...]` when the rank is not known, `real`, `integer(1, 200)`. */
export const show = (port: PortType | Shape | null): string => {
  if (port === null) return "[...]";
  if ("dtype" in port) {
    if (port.dtype === "real") return show(port.shape);
    const whole = `integer(${port.min}, ${port.max})`;
    return port.shape?.length === 0 ? whole : `${whole} ${show(port.shape)}`;
  }
  return port.length === 0 ? "real" : `[${port.map((d) => d ?? "?").join(", ")}]`;
};

/** What is known of a shape by two accounts; `undefined` when they contradict each other. */
export const merge = (a: Shape | null, b: Shape | null): Shape | null | undefined => {
  if (a === null || b === null) return a ?? b;
  if (a.length !== b.length) return undefined;
  const sizes: Size[] = [];
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? null;
    const y = b[i] ?? null;
    if (x !== null && y !== null && x !== y) return undefined;
    sizes.push(x ?? y);
  }
  return sizes;
};

/** True when every size is known. */
export const isKnown = (shape: Shape | null): shape is readonly number[] =>
  shape?.every((d) => d !== null) ?? false;

/** The number of elements; `null` while a size is not known. */
export const countOf = (shape: Shape | null): Size =>
  isKnown(shape) ? shape.reduce((n: number, d) => n * (d ?? 1), 1) : null;

/** `shape` with its one unknown size, if it has just one, chosen to give `count` elements; else as it is. */
export const completed = (shape: Shape, count: Size): Shape => {
  if (count === null || shape.filter((d) => d === null).length !== 1) return shape;
  const size = count / shape.reduce((n: number, d) => n * (d ?? 1), 1);
  return Number.isInteger(size) && size > 0 ? shape.map((d) => d ?? size) : shape;
};

/** Whether a port declared as `want` can take `got`: integers are read as reals, never the reverse. */
export const fits = (got: PortType, want: PortType): boolean =>
  merge(got.shape, want.shape) !== undefined &&
  (want.dtype === "real" || (got.dtype === "integer" && want.min <= got.min && got.max <= want.max));

// ---- at compile time -----------------------------------------------------------------------------------------

/** A port as the types see it: reals are a tuple of sizes, `number` for those only known at run time. */
export type Port = readonly number[] | Integer;
/** A port of unknown rank. Whatever is unknown fits, and is left to the run-time check. */
export type Unknown = readonly number[];

/** The `Port` of a specification. */
export type TypeOf<P> = PortType extends P
  ? Unknown
  : P extends readonly unknown[]
    ? Sizes<P>
    : P extends Integer
      ? P
      : P extends Real<infer S>
        ? S extends readonly unknown[]
          ? Sizes<S>
          : Unknown
        : Unknown;
type Sizes<S extends readonly unknown[]> = {
  readonly [K in keyof S]: S[K] extends number ? S[K] : number;
};

/** The sizes of a port, whether real or integer. */
export type ShapeOf<P> = P extends readonly number[]
  ? P
  : P extends Integer<number, number, infer S>
    ? S extends readonly unknown[]
      ? Sizes<S>
      : Unknown
    : Unknown;

export type Show<P> = P extends readonly number[]
  ? number extends P["length"]
    ? "[...]"
    : P extends readonly []
      ? "real"
      : `[${Join<P>}]`
  : P extends Integer<infer Min, infer Max, infer S>
    ? S extends readonly []
      ? `integer(${Digits<Min>}, ${Digits<Max>})`
      : `integer(${Digits<Min>}, ${Digits<Max>}) ${Show<ShapeOf<P>>}`
    : "[...]";
type Join<S extends readonly number[]> = S extends readonly [infer D extends number]
  ? Digits<D>
  : S extends readonly [infer D extends number, ...infer Rest extends readonly number[]]
    ? `${Digits<D>}, ${Join<Rest>}`
    : "";
type Digits<D extends number> = number extends D ? "?" : `${D}`;

/** True unless two shapes contradict each other. */
export type Agree<A extends readonly number[], B extends readonly number[]> = number extends
  | A["length"]
  | B["length"]
  ? true
  : A["length"] extends B["length"]
    ? false extends { [K in keyof A]: Same<A[K], B[K & keyof B]> }[number]
      ? false
      : true
    : false;
type Same<A, B> = number extends A ? true : number extends B ? true : A extends B ? true : false;

/** What is known of two shapes that agree. */
export type Merge<A extends readonly number[], B extends readonly number[]> = number extends A["length"]
  ? B
  : number extends B["length"]
    ? A
    : { readonly [K in keyof A]: number extends A[K] ? B[K & keyof B] & number : A[K] };

/** Whether a port declared as `Want` can take `Got`. */
export type Fits<Got, Want> = Want extends readonly number[]
  ? Agree<ShapeOf<Got>, Want>
  : Want extends Integer<infer Min, infer Max>
    ? Got extends Integer<infer GotMin, infer GotMax>
      ? [AtMost<Min, GotMin>, AtMost<GotMax, Max>] extends [true, true]
        ? Agree<ShapeOf<Got>, ShapeOf<Want>>
        : false
      : Got extends readonly number[]
        ? number extends Got["length"]
          ? true
          : false
        : true
    : true;
