/**
 * Arithmetic on literal sizes, digit by digit, so that 50,000 costs five steps; `number`, and whatever is not a
 * plain whole number (−1, 1e21), gives `number`.
 */

type Units = {
  "0": [];
  "1": [0];
  "2": [0, 0];
  "3": [0, 0, 0];
  "4": [0, 0, 0, 0];
  "5": [0, 0, 0, 0, 0];
  "6": [0, 0, 0, 0, 0, 0];
  "7": [0, 0, 0, 0, 0, 0, 0];
  "8": [0, 0, 0, 0, 0, 0, 0, 0];
  "9": [0, 0, 0, 0, 0, 0, 0, 0, 0];
};
type Digit = keyof Units;

/** The digits of a number from the last to the first; never where it has none. */
type Digits<
  Text extends string,
  Done extends readonly Digit[] = [],
> = Text extends `${infer D extends Digit}${infer Rest}`
  ? Digits<Rest, [D, ...Done]>
  : Text extends ""
    ? Done
    : never;

/** The sum of two numbers given as reversed digits, as a text. */
type Sum<
  A extends readonly Digit[],
  B extends readonly Digit[],
  Carry extends 0[] = [],
  Done extends string = "",
> = A extends readonly [infer X extends Digit, ...infer RestA extends readonly Digit[]]
  ? B extends readonly [infer Y extends Digit, ...infer RestB extends readonly Digit[]]
    ? Put<`${[...Units[X], ...Units[Y], ...Carry]["length"] & number}`, RestA, RestB, Done>
    : Carry extends []
      ? `${Reverse<A>}${Done}`
      : Put<`${[...Units[X], 0]["length"] & number}`, RestA, [], Done>
  : B extends readonly [Digit, ...Digit[]]
    ? Sum<B, A, Carry, Done>
    : Carry extends []
      ? Done
      : `1${Done}`;
type Put<
  Digits extends string,
  A extends readonly Digit[],
  B extends readonly Digit[],
  Done extends string,
> = Digits extends `1${infer D extends Digit}`
  ? Sum<A, B, [0], `${D}${Done}`>
  : Sum<A, B, [], `${Digits}${Done}`>;
type Reverse<A extends readonly Digit[]> = A extends readonly [
  infer X extends Digit,
  ...infer Rest extends readonly Digit[],
]
  ? `${Reverse<Rest>}${X}`
  : "";

/** The product, by Horner's rule over the digits of B from the first: acc · 10 + A · digit. */
type Product<
  A extends readonly Digit[],
  B extends string,
  Acc extends string = "0",
> = B extends `${infer D extends Digit}${infer Rest}`
  ? Product<A, Rest, Repeat<A, Units[D], Acc extends "0" ? "0" : `${Acc}0`>>
  : Acc;
type Repeat<
  A extends readonly Digit[],
  Times extends readonly 0[],
  Acc extends string,
> = Times extends readonly [0, ...infer Rest extends readonly 0[]]
  ? Repeat<A, Rest, Sum<A, Digits<Acc>>>
  : Acc;

type Num<Text extends string> = Text extends `${infer N extends number}` ? N : number;
type Plain<A extends number> = number extends A ? false : [Digits<`${A}`>] extends [never] ? false : true;

/** a + b */
export type Add<A extends number, B extends number> =
  Plain<A> extends true
    ? Plain<B> extends true
      ? Num<Sum<Digits<`${A}`>, Digits<`${B}`>>>
      : number
    : number;

/** a · b */
export type Multiply<A extends number, B extends number> = A extends 1
  ? B
  : B extends 1
    ? A
    : Plain<A> extends true
      ? Plain<B> extends true
        ? Num<Product<Digits<`${A}`>, `${B}`>>
        : number
      : number;

/** Whether a <= b; true where that cannot be told. */
export type AtMost<A extends number, B extends number> = A extends B
  ? true
  : Plain<A> extends true
    ? Plain<B> extends true
      ? Compare<Digits<`${A}`>, Digits<`${B}`>>
      : true
    : true;
/** From the last digit to the first: a later digit that differs overrules. */
type Compare<
  A extends readonly Digit[],
  B extends readonly Digit[],
  SoFar extends boolean = true,
> = A extends readonly [infer X extends Digit, ...infer RestA extends readonly Digit[]]
  ? B extends readonly [infer Y extends Digit, ...infer RestB extends readonly Digit[]]
    ? Compare<RestA, RestB, X extends Y ? SoFar : Units[Y] extends [...Units[X], ...0[]] ? true : false>
    : false
  : B extends readonly []
    ? SoFar
    : true;

/** a − b; never where that is negative. */
export type Subtract<A extends number, B extends number> = B extends 0
  ? A
  : Plain<A> extends true
    ? Plain<B> extends true
      ? Difference<Digits<`${A}`>, Digits<`${B}`>> extends infer Text
        ? [Text] extends [never]
          ? never
          : Num<Trim<Text & string>>
        : never
      : number
    : number;
/** From the last digit to the first, `Borrow` taken from the next; never where the whole is negative. */
type Difference<
  A extends readonly Digit[],
  B extends readonly Digit[],
  Borrow extends 0[] = [],
  Done extends string = "",
> = A extends readonly [infer X extends Digit, ...infer RestA extends readonly Digit[]]
  ? B extends readonly [infer Y extends Digit, ...infer RestB extends readonly Digit[]]
    ? Less<Units[X], [...Units[Y], ...Borrow], RestA, RestB, Done>
    : Less<Units[X], Borrow, RestA, [], Done>
  : B extends readonly []
    ? Borrow extends []
      ? Done
      : never
    : never;
type Less<
  X extends readonly 0[],
  Y extends readonly 0[],
  A extends readonly Digit[],
  B extends readonly Digit[],
  Done extends string,
> = X extends readonly [...Y, ...infer Rest]
  ? Difference<A, B, [], `${Rest["length"] & number}${Done}`>
  : [...Ten, ...X] extends readonly [...Y, ...infer Rest]
    ? Difference<A, B, [0], `${Rest["length"] & number}${Done}`>
    : never;
type Ten = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/** Without zeros in front. */
type Trim<Text extends string> = Text extends `0${infer Rest}` ? (Rest extends "" ? "0" : Trim<Rest>) : Text;

/** Quotient and rest of a division by 2 … 99, as `[text, units]`; null where it cannot be told. */
type Division<A extends number, B extends number> =
  Plain<A> extends true
    ? Divisor<`${B}`> extends infer Units extends readonly 0[]
      ? Long<`${A}`, Units>
      : null
    : null;
/** As many zeros as the number says, for 1 … 99; null for others. */
type Divisor<Text extends string> = Text extends "0" | "number"
  ? null
  : Text extends Digit
    ? Units[Text]
    : Text extends `${infer T extends Digit}${infer U extends Digit}`
      ? [...TenTimes<Units[T]>, ...Units[U]]
      : null;
type TenTimes<T extends readonly 0[]> = [...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T];
/** Long division, from the first digit to the last. */
type Long<
  Text extends string,
  B extends readonly 0[],
  Rest extends readonly 0[] = [],
  Done extends string = "",
> = Text extends `${infer D extends Digit}${infer More}`
  ? Times<[...TenTimes<Rest>, ...Units[D]], B> extends readonly [
      infer Q extends number,
      infer R extends readonly 0[],
    ]
    ? Long<More, B, R, `${Done}${Q}`>
    : null
  : readonly [Done, Rest];
/** How often B goes into A, which is at most nine times, and what is left. */
type Times<A extends readonly 0[], B extends readonly 0[], Count extends 0[] = []> = A extends readonly [
  ...B,
  ...infer Rest extends readonly 0[],
]
  ? Times<Rest, B, [...Count, 0]>
  : readonly [Count["length"], A];

/** ⌊a/b⌋ */
export type Divide<A extends number, B extends number> = B extends 1
  ? A
  : Division<A, B> extends readonly [infer Q extends string, unknown]
    ? Num<Trim<Q>>
    : number;

/** ⌈a/b⌉ */
export type CeilDivide<A extends number, B extends number> = B extends 1
  ? A
  : Division<A, B> extends readonly [infer Q extends string, infer Rest]
    ? Rest extends readonly []
      ? Num<Trim<Q>>
      : Add<Num<Trim<Q>>, 1>
    : number;

/** Whether b divides a; true where that cannot be told. */
export type IsMultiple<A extends number, B extends number> = B extends 1
  ? true
  : Division<A, B> extends readonly [string, infer Rest]
    ? Rest extends readonly []
      ? true
      : false
    : true;
