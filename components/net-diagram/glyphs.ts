/** The little pictures in nodes: an activation's own curve, a density, bars. Places are relative to the centre. */
import { scalarOps } from "../../dsl/expression.js";
import type { UnaryOp } from "../../dsl/net.js";
import type { Glyph } from "./drawing.js";
import type { Mark } from "./mark.js";

const fixed = (x: number): string => String(Math.round(x * 10) / 10);

/** A function from −2.4 to 2.4 in a tile of 36, with its axes; it breaks where the function leaves the tile. */
function curve(f: (x: number) => number): Mark[] {
  const xs = Array.from({ length: 61 }, (_, i) => (i - 30) * 0.08);
  const ys = xs.map(f);
  const seen = ys.filter((y) => Math.abs(y) <= 2.4);
  const [low, high] = [Math.min(0, ...seen), Math.max(0, ...seen)];
  const scale = Math.min(9, 20 / Math.max(high - low, 0.1));
  const top = ((high + low) / 2) * scale;
  let path = "";
  let pen = "M";
  for (const [i, x] of xs.entries()) {
    const y = top - (ys[i] as number) * scale;
    if (!(Math.abs(y) <= 12.5)) pen = "M";
    else {
      path += `${pen}${fixed(x * 4.8)} ${fixed(y)}`;
      pen = "L";
    }
  }
  const zero = fixed(Math.max(-12, Math.min(12, top)));
  return [
    { tag: "path", attrs: { class: "faint", d: `M-12 ${zero}H12M0 -12V12` } },
    { tag: "path", attrs: { class: "glyph", d: path } },
  ];
}

/** Softmax of x and −x. */
const logistic = (x: number): number => 1 / (1 + Math.exp(-2 * x));

const bell = Array.from({ length: 21 }, (_, i) => {
  const z = (i - 10) * 0.32;
  return `${i === 0 ? "M" : "L"}${fixed(-11 + i * 1.1)} ${fixed(6.9 - 13 * Math.exp((-z * z) / 2))}`;
}).join("");

export function glyphMarks(glyph: Glyph): Mark[] {
  if (typeof glyph === "object")
    return curve(
      glyph.curve === "softmax" ? logistic : (x) => scalarOps[glyph.curve as UnaryOp].evaluate(x, 0, 0),
    );
  switch (glyph) {
    case "normal":
      return [
        { tag: "path", attrs: { class: "faint", d: "M-11 7.6h22" } },
        { tag: "path", attrs: { class: "glyph thin", d: bell } },
      ];
    case "uniform":
      return [
        { tag: "path", attrs: { class: "faint", d: "M-11 7.6h22" } },
        { tag: "path", attrs: { class: "glyph thin", d: "M-8 6.9V-4H8V6.9" } },
      ];
    case "bars":
      return [0, 1, 2, 3, 4].map((i) => ({
        tag: "rect",
        attrs: { class: "solid", x: fixed(-10.2 + i * 4.4), y: -5.5, width: 2.8, height: 11, rx: 0.8 },
      }));
    case "dot":
      return [{ tag: "circle", attrs: { class: "data", r: 4 } }];
  }
}
