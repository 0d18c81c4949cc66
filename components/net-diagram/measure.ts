/** How wide words and formulas are. The page measures; without a page, Arial's average widths stand in. */
import type { Formula, Letter } from "./drawing.js";

/** The fonts of a drawing: size in px and weight, and for symbols the italic serif. */
export const fonts = {
  title: { size: 13, weight: 400, family: "text" },
  sign: { size: 18, weight: 400, family: "text" },
  bold: { size: 13, weight: 600, family: "text" },
  detail: { size: 11.5, weight: 400, family: "text" },
  small: { size: 11, weight: 400, family: "text" },
  symbol: { size: 16, weight: 400, family: "symbol" },
  index: { size: 11.2, weight: 400, family: "symbol" },
} as const;
export type Font = keyof typeof fonts;

export interface Measure {
  /** The width of a line of text, in px. */
  text(words: string, font: Font): number;
  /** The size of a formula as MathML, or null where it cannot be drawn and its text takes its place. */
  formula(formula: Formula): { readonly width: number; readonly height: number } | null;
}

const narrow = new Set("ijlftI.,:;|!'()[]1 ");
const wide = new Set("mwMWQ@%—");

/** Arial's widths within a few per cent, and no formulas. */
export const estimate: Measure = {
  text: (words, font) => {
    const { size, weight } = fonts[font];
    let ems = 0;
    for (const c of words)
      ems += narrow.has(c)
        ? 0.31
        : wide.has(c)
          ? 0.86
          : c >= "A" && c <= "Z"
            ? 0.69
            : c >= "0" && c <= "9"
              ? 0.556
              : 0.54;
    return ems * size * (weight > 400 ? 1.06 : 1);
  },
  formula: () => null,
};

/** The width of a letter with its index. */
export const letterWidth = (letter: Letter, measure: Measure): number =>
  measure.text(letter.base, "symbol") +
  (letter.subscript === "" ? 0 : measure.text(letter.subscript, "index"));
