/** Unions of names, taken apart. Their order is the compiler's own and means nothing. */

/** The members of a union counted. */
export type Size<U, Count extends 0[] = []> = [U] extends [never]
  ? Count["length"]
  : Size<Exclude<U, Last<U>>, [...Count, 0]>;
/** One member: of overloads, the last is the one that is inferred. */
type Last<U> = (U extends unknown ? (f: () => U) => void : never) extends (f: infer F) => void
  ? F extends () => infer L
    ? L
    : never
  : never;
/** Whether there is exactly one member. */
export type Single<U> = [U] extends [never] ? false : [Exclude<U, Last<U>>] extends [never] ? true : false;

/** The members as a tuple. */
export type Tuple<U, Done extends readonly unknown[] = readonly []> = [U] extends [never]
  ? Done
  : Tuple<Exclude<U, Last<U>>, readonly [Last<U>, ...Done]>;

/** A key as it is at run time: 0 and "0" are one. */
export type Text<K> = K extends number ? `${K}` : K;
