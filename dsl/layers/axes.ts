/** Axes counted from the front, 0, 1, …, or from the back, −1, −2, …; in messages and types alike. */

type Sizes = readonly number[];

/** The axis counted from the front, or undefined where a shape of this rank has no such axis. */
export const axisOf = (axis: number, rank: number): number | undefined => {
  const place = axis < 0 ? axis + rank : axis;
  return place >= 0 && place < rank ? place : undefined;
};

/** `[before, size, after]` of an axis; never where the shape has no such axis. */
export type Split<
  S extends Sizes,
  Axis extends number,
  Before extends Sizes = readonly [],
> = S extends readonly [infer D extends number, ...infer After extends Sizes]
  ? `${Axis}` extends `${Before["length"]}` | `-${S["length"]}`
    ? readonly [Before, D, After]
    : Split<After, Axis, readonly [...Before, D]>
  : never;

/** The first of `Axes` that the shape does not have; never where it has them all. */
export type NoAxis<S extends Sizes, Axes extends Sizes> = Axes extends readonly [
  infer A extends number,
  ...infer More extends Sizes,
]
  ? [Split<S, A>] extends [never]
    ? A
    : NoAxis<S, More>
  : never;

/** The shape without `Axes`, given as a union of texts. */
export type Drop<
  S extends Sizes,
  Axes extends string,
  Kept extends Sizes = readonly [],
  At extends 0[] = [],
> = S extends readonly [infer D extends number, ...infer Rest extends Sizes]
  ? [Extract<`${At["length"]}` | `-${S["length"]}`, Axes>] extends [never]
    ? Drop<Rest, Axes, readonly [...Kept, D], [...At, 0]>
    : Drop<Rest, Axes, Kept, [...At, 0]>
  : Kept;
