import type { Style } from "./formula.js";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (content: string): string => content.replace(/[&<>"']/g, (sign) => entities[sign] as string);
const above: Readonly<Record<string, string>> = { Bar: "¯", Hat: "^", Tilde: "~", Dot: "˙" };

const identifier = (name: string): string => `<mi>${escaped(name)}</mi>`;
const operator = (sign: string): string => `<mo>${escaped(sign)}</mo>`;
const row = (...parts: readonly string[]): string => `<mrow>${parts.join("")}</mrow>`;
const whole = (digits: string): boolean => /^\d+(\.\d+)?$/.test(digits);

/** MathML Core, as browsers draw it. */
export const mathml: Style = {
  number: (digits, exponent) => {
    if (exponent === undefined) return `<mn>${digits}</mn>`;
    const size = `<mn>${Math.abs(exponent)}</mn>`;
    const power = `<msup><mn>10</mn>${exponent < 0 ? row(operator("−"), size) : size}</msup>`;
    return digits === "" ? power : row(`<mn>${digits}</mn>`, operator("·"), power);
  },
  name: (base, accent, subscript) => {
    const letter =
      accent === null
        ? identifier(base)
        : `<mover accent="true">${identifier(base)}<mo stretchy="false">${above[accent]}</mo></mover>`;
    if (subscript === "") return letter;
    const parts = subscript.split(",").map((part) => (whole(part) ? `<mn>${part}</mn>` : identifier(part)));
    return `<msub>${letter}${row(parts.join(operator(",")))}</msub>`;
  },
  infix: (left, sign, right) => row(left, operator(sign), right),
  product: (left, right) => row(left, "<mo>&#x2062;</mo>", right),
  prefix: (sign, operand) => row(operator(sign), operand),
  fraction: (over, under) => ({ markup: `<mfrac>${over.markup}${under.markup}</mfrac>`, precedence: 4 }),
  root: (of) => ({ markup: `<msqrt>${of.markup}</msqrt>`, precedence: 5 }),
  power: (base, exponent) => `<msup>${row(base)}${exponent.markup}</msup>`,
  call: (name, args) =>
    row(identifier(name), "<mo>&#x2061;</mo>", row(operator("("), args.join(operator(",")), operator(")"))),
  fence: (open, inner, close) => row(operator(open), inner, operator(close)),
  cases: (condition, then, otherwise) => ({
    markup: row(
      operator("{"),
      `<mtable columnalign="left">${[
        [then.markup, condition.markup],
        [otherwise.markup, "<mtext>else</mtext>"],
      ]
        .map(([value, when]) => `<mtr><mtd>${value}</mtd><mtd>${when}</mtd></mtr>`)
        .join("")}</mtable>`,
    ),
    precedence: 4,
  }),
  lines: (equations) => {
    const [only] = equations;
    const inner =
      equations.length === 1
        ? only
        : `<mtable>${equations.map((equation) => `<mtr><mtd>${equation}</mtd></mtr>`).join("")}</mtable>`;
    return `<math>${inner}</math>`;
  },
};
