/** Measures words and formulas on the page, each once, with the fonts that the element has there. */
import type { Formula } from "./drawing.js";
import { type Font, fonts, type Measure } from "./measure.js";

/** `root` is where formulas are tried out, with the styles of the drawing. */
export function pageMeasure(host: Element, root: ShadowRoot): Measure {
  const style = getComputedStyle(host);
  const families = {
    text: style.getPropertyValue("--gf-font").trim() || "sans-serif",
    symbol: style.getPropertyValue("--gf-var-font").trim() || "serif",
  };
  const context = document.createElement("canvas").getContext("2d");
  const widths = new Map<string, number>();
  const formulas = new Map<string, { width: number; height: number } | null>();
  const tried = (mathml: string): DOMRect => {
    const trial = document.createElement("div");
    trial.className = "math trial";
    trial.innerHTML = mathml;
    root.append(trial);
    const box = (trial.firstElementChild ?? trial).getBoundingClientRect();
    trial.remove();
    return box;
  };
  // A browser that draws MathML gives this space its width.
  const able = Math.abs(tried('<math><mspace width="77px" height="9px"></mspace></math>').width - 77) < 8;
  return {
    text(words: string, font: Font): number {
      const key = `${font}\n${words}`;
      let width = widths.get(key);
      if (width === undefined && context) {
        const { size, weight, family } = fonts[font];
        context.font = `${family === "symbol" ? "italic " : ""}${weight} ${size}px ${families[family]}`;
        width = context.measureText(words).width;
        widths.set(key, width);
      }
      return width ?? 0;
    },
    formula(formula: Formula) {
      let size = formulas.get(formula.mathml);
      if (size === undefined) {
        const { width, height } = able ? tried(formula.mathml) : new DOMRect();
        size = width > 0 && height > 0 ? { width, height } : null;
        formulas.set(formula.mathml, size);
      }
      return size;
    },
  };
}
