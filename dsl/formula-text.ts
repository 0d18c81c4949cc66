import type { Piece, Style } from "./formula.js";

const above: Readonly<Record<string, string>> = {
  Bar: "\u0304",
  Hat: "\u0302",
  Tilde: "\u0303",
  Dot: "\u0307",
};
const inUnicode = (plain: string, small: string): ReadonlyMap<string, string> =>
  new Map([...plain].map((sign, i) => [sign, [...small][i] as string]));
const below = inUnicode("0123456789aehijklmnoprstuvx,", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ,");
const raised = inUnicode("0123456789−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ");

/** In small signs where Unicode has all of them, else after a mark. */
const small = (signs: ReadonlyMap<string, string>, mark: string, content: string): string => {
  const mapped = [...content].map((sign) => signs.get(sign));
  if (mapped.every((sign) => sign !== undefined)) return mapped.join("");
  return `${mark}${[...content].length === 1 ? content : `(${content})`}`;
};
const fenced = (piece: Piece, least: number): string =>
  piece.precedence < least ? `(${piece.markup})` : piece.markup;

/** One line of Unicode. */
export const text: Style = {
  number: (digits, exponent) => {
    if (exponent === undefined) return digits;
    return `${digits}${digits && "·"}10${small(raised, "^", String(exponent).replace("-", "−"))}`;
  },
  name: (base, accent, subscript) =>
    (base + (accent === null ? "" : (above[accent] as string))).normalize("NFC") +
    small(below, "_", subscript),
  infix: (left, sign, right) => (sign === "·" ? `${left}·${right}` : `${left} ${sign} ${right}`),
  product: (left, right) => `${left} ${right}`,
  prefix: (sign, operand) => sign + operand,
  fraction: (over, under) => ({ markup: `${fenced(over, 2.5)}/${fenced(under, 4)}`, precedence: 2.5 }),
  root: (of) => ({ markup: `√${fenced(of, 5)}`, precedence: 5 }),
  power: (base, exponent) => base + small(raised, "^", exponent.markup),
  call: (name, args) => `${name}(${args.join(", ")})`,
  fence: (open, inner, close) => open + inner + close,
  cases: (condition, then, otherwise) => ({
    markup: `(${then.markup} if ${condition.markup}, else ${otherwise.markup})`,
    precedence: 5,
  }),
  lines: (equations) => equations.join("\n"),
};
