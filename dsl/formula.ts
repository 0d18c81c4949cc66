/**
 * Traced functions as formulas: once as MathML for the page, once as a line of plain text. Both come from one
 * walk over the steps; a `Style` says how each form is written.
 */

import { scalarOps } from "./expression.js";
import { mathml } from "./formula-mathml.js";
import { text } from "./formula-text.js";
import type { Fn, Step } from "./net.js";
import { type SymbolName, symbolName } from "./symbol-name.js";

/** A piece of a formula; what binds less tightly than its place asks for is put in parentheses. */
export interface Piece {
  readonly markup: string;
  /** 1 comparison, 2 sum, 2.5 fraction with a slash, 3 product, 4 power, 5 anything that needs no parentheses. */
  readonly precedence: 1 | 2 | 2.5 | 3 | 4 | 5;
  /** Begins with a digit, so that a product before it needs its dot. */
  readonly digit?: true;
}

/** How the forms are written. */
export interface Style {
  /** `digits`, or digits · 10^exponent; without digits the power alone. */
  number(digits: string, exponent?: number): string;
  name(base: string, accent: string | null, subscript: string): string;
  infix(left: string, sign: string, right: string): string;
  product(left: string, right: string): string;
  prefix(sign: string, operand: string): string;
  fraction(over: Piece, under: Piece): Piece;
  root(of: Piece): Piece;
  power(base: string, exponent: Piece): string;
  call(name: string, args: readonly string[]): string;
  fence(open: string, inner: string, close: string): string;
  cases(condition: Piece, then: Piece, otherwise: Piece): Piece;
  lines(equations: readonly string[]): string;
}

export interface Formula {
  /** A `<math>` element; every name in it is escaped. */
  readonly mathml: string;
  /** The same in one line of Unicode text. */
  readonly text: string;
}

/**
 * The formula of a traced function, with `name = ` before it if a name is given.
 *
 *     formulaOf(fn({ t: integer(1, 200) }, ({ t }) => t.sub(1).div(199).sub(0.5)), { name: "tScale" }).text
 *     // "tScale = (t − 1)/199 − 1/2"
 *
 * Where writing out what is shared would make it longer than 120 signs, shared parts are named u₁, u₂, … in lines of their own.
 */
export function formulaOf(fn: Pick<Fn, "body">, { name }: { readonly name?: string } = {}): Formula {
  const equations = (style: Style): string => style.lines(equationsOf(fn.body, style, name));
  return { mathml: equations(mathml), text: equations(text) };
}

const limit = 120;

function equationsOf(body: readonly Step[], style: Style, name: string | undefined): string[] {
  const named = sharedSteps(body);
  const letters = tableLetters(body);
  const pieces: Piece[] = [];
  const lines: string[] = [];
  const equation = (left: string, right: Piece): string => style.infix(left, "=", right.markup);
  for (const [position, step] of body.entries()) {
    const piece = write(step, pieces, body, letters, style);
    if (named.has(position)) {
      const symbol = style.name("u", null, String(lines.length + 1));
      lines.push(equation(symbol, piece));
      pieces.push({ markup: symbol, precedence: 5 });
    } else pieces.push(piece);
  }
  const result = pieces[body.length - 1] as Piece;
  const whole =
    name === undefined ? result.markup : equation(writeName(symbolName(name), style).markup, result);
  return [...lines, whole];
}

/** Positions of the steps to be named: none as long as the whole, written out, is short. */
function sharedSteps(body: readonly Step[]): ReadonlySet<number> {
  const sizes: number[] = [];
  const uses = new Map<number, number>();
  for (const step of body) {
    const args = "args" in step ? step.args : [];
    sizes.push(args.reduce((sum, arg) => sum + (sizes[arg] as number), 1));
    for (const arg of args) uses.set(arg, (uses.get(arg) ?? 0) + 1);
  }
  if ((sizes[body.length - 1] ?? 0) <= limit) return new Set();
  return new Set(
    [...uses].filter(([arg, count]) => count > 1 && (sizes[arg] as number) > 2).map(([arg]) => arg),
  );
}

/** Tables without a label are called a, b, c, … except for what is a port's name. */
function tableLetters(body: readonly Step[]): ReadonlyMap<Step, string> {
  const taken = new Set(body.map((step) => (step.op === "input" ? step.name : "")));
  const free = [..."abcdfghklmpqrsuvwz"].filter((letter) => !taken.has(letter));
  const unnamed = body.filter((step) => step.op === "lookup" && step.label === undefined);
  return new Map(unnamed.map((step, i) => [step, free[i] ?? `a${i}`]));
}

function write(
  step: Step,
  pieces: readonly Piece[],
  body: readonly Step[],
  letters: ReadonlyMap<Step, string>,
  style: Style,
): Piece {
  const fenced = (piece: Piece, least: number): string =>
    piece.precedence < least ? style.fence("(", piece.markup, ")") : piece.markup;
  if (step.op === "input") return writeName(symbolName(step.name), style);
  if (step.op === "constant") return writeNumber(step.value, style);
  if (step.op === "lookup") {
    const index = body[step.args[0]];
    const below = index?.op === "input" ? index.name : "";
    return writeName(symbolName(step.label ?? (letters.get(step) as string), below), style);
  }
  const args = step.args.map((arg) => pieces[arg] as Piece);
  const [a, b, c] = args as [Piece, Piece, Piece];
  const sum = (left: Piece, sign: "+" | "−", right: Piece): Piece => ({
    markup: style.infix(fenced(left, 2), sign, fenced(right, 2.5)),
    precedence: 2,
  });
  const { notation } = scalarOps[step.op];
  switch (notation.form) {
    case "call":
      return {
        markup: style.call(
          notation.name,
          args.map((arg) => arg.markup),
        ),
        precedence: 5,
      };
    case "infix": {
      if (notation.sign === "·") return writeProduct(step.args, args, body, style, fenced);
      if (notation.precedence === 1)
        return { markup: style.infix(fenced(a, 2), notation.sign, fenced(b, 2)), precedence: 1 };
      // −a + b = b − a;  a + (−b) = a − b;  a − (−b) = a + b
      const [left, right] = step.args.map((arg) => negated(body, pieces, arg, style));
      const minus = notation.sign === "−";
      if (right) return sum(a, minus ? "+" : "−", right);
      return left && !minus ? sum(b, "−", left) : sum(a, minus ? "−" : "+", b);
    }
    case "negative":
      return { markup: style.prefix("−", fenced(a, 2.5)), precedence: 2 };
    case "fraction":
      return style.fraction(a, b);
    case "reciprocal":
      return style.fraction(writeNumber(1, style), a);
    case "root":
      return style.root(a);
    case "reciprocalRoot":
      return style.fraction(writeNumber(1, style), style.root(a));
    case "square":
      return { markup: style.power(fenced(a, 5), writeNumber(2, style)), precedence: 4 };
    case "power":
      return { markup: style.power(fenced(a, 5), b), precedence: 4 };
    case "bars":
      return { markup: style.fence("|", a.markup, "|"), precedence: 5 };
    case "floor":
      return { markup: style.fence("⌊", a.markup, "⌋"), precedence: 5 };
    case "cases":
      return style.cases(a, b, c);
  }
}

/** What the step at this place is the negative of, if it is written as one. */
function negated(body: readonly Step[], pieces: readonly Piece[], place: number, style: Style): Piece | null {
  const step = body[place] as Step;
  if (step.op === "neg") return pieces[step.args[0] as number] as Piece;
  return step.op === "constant" && step.value < 0 ? writeNumber(-step.value, style) : null;
}

/** Factors stand side by side, a number first; before a digit comes a dot. */
function writeProduct(
  places: readonly number[],
  args: readonly Piece[],
  body: readonly Step[],
  style: Style,
  fenced: (piece: Piece, least: number) => string,
): Piece {
  const factor = body[places[1] as number];
  const [left, right] = (factor?.op === "constant" ? [args[1], args[0]] : args) as [Piece, Piece];
  const write = (first: Piece): string =>
    right.digit && right.precedence >= 4
      ? style.infix(fenced(first, 3), "·", fenced(right, 4))
      : style.product(fenced(first, 3), fenced(right, 4));
  if (factor?.op === "constant" && factor.value < 0)
    return { markup: style.prefix("−", write(writeNumber(-factor.value, style))), precedence: 2 };
  return {
    markup: write(left),
    precedence: 3,
    ...(left.digit && left.precedence >= 3 ? { digit: true } : {}),
  };
}

function writeName(symbol: SymbolName, style: Style): Piece {
  if (symbol.form === "letter")
    return { markup: style.name(symbol.base, symbol.accent, symbol.subscript), precedence: 5 };
  const of = writeName(symbol.of, style);
  if (symbol.form === "root") return style.root(of);
  return { markup: style.infix(style.number("1"), "−", of.markup), precedence: 2, digit: true };
}

/** A number with at most six digits. */
function writeNumber(value: number, style: Style): Piece {
  if (value < 0) return { markup: style.prefix("−", writeNumber(-value, style).markup), precedence: 2 };
  const ratio = asFraction(value);
  const whole = (n: number): Piece => ({ markup: style.number(String(n)), precedence: 5, digit: true });
  if (ratio) return { ...style.fraction(whole(ratio[0]), whole(ratio[1])), digit: true };
  const [digits = "", exponent] = String(Number(value.toPrecision(6))).split("e");
  if (exponent === undefined) return { markup: style.number(digits), precedence: 5, digit: true };
  const markup = style.number(digits === "1" ? "" : digits, Number(exponent));
  return { markup, precedence: digits === "1" ? 4 : 3, digit: true };
}

/** p/q where the value is exactly that double: halves and quarters, and what has no short decimal. */
function asFraction(value: number): readonly [number, number] | null {
  if (Number.isInteger(value)) return null;
  const limitOfQ = String(value).length > 7 ? 1000 : 4;
  for (let q = 2; q <= limitOfQ; q++) {
    const p = Math.round(value * q);
    if (p / q === value && p > 0) return [p, q];
  }
  return null;
}
