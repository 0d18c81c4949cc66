/** What stands inside the outline of a node, and so how large the outline is. Places are relative to its centre. */
import type { DrawnNode, Formula, Glyph, Letter } from "./drawing.js";
import { type Font, letterWidth, type Measure } from "./measure.js";
import type { Spacing } from "./spacing.js";

/** The way that data take: to the right, or down. */
export type Direction = "right" | "down";

export type Item =
  | {
      readonly type: "text";
      readonly text: string;
      readonly font: Font;
      readonly x: number;
      readonly y: number;
      readonly anchor: "start" | "middle" | "end";
    }
  | { readonly type: "letter"; readonly letter: Letter; readonly x: number; readonly y: number }
  | { readonly type: "glyph"; readonly glyph: Glyph; readonly x: number; readonly y: number }
  | { readonly type: "formula"; readonly formula: Formula; readonly width: number; readonly height: number }
  | { readonly type: "chevron"; readonly x: number; readonly y: number; readonly open: boolean };

export interface Content {
  readonly width: number;
  readonly height: number;
  readonly items: readonly Item[];
}

const text = (
  words: string,
  font: Font,
  x: number,
  y: number,
  anchor: "start" | "middle" | "end" = "middle",
): Item => ({
  type: "text",
  text: words,
  font,
  x,
  y,
  anchor,
});

/** A formula wider than this is left to the line under the drawing. */
const widestFormula = { right: 300, down: 236 };

/** What a layout is made with. */
export interface Setting {
  readonly direction: Direction;
  readonly measure: Measure;
  readonly spacing: Spacing;
}

export function contentOf(node: DrawnNode, setting: Setting): Content {
  switch (node.kind) {
    case "port":
      return { width: 0, height: 0, items: [] };
    case "activation":
      return { width: 36, height: 36, items: [{ type: "glyph", glyph: node.glyph ?? "dot", x: 0, y: 0 }] };
    case "io":
    case "random":
      return variable(node, setting);
    case "function":
      if (node.formula) return formula(node, node.formula, setting);
      return titled(node, setting);
    case "net":
      return nested(node, setting);
    default:
      return titled(node, setting);
  }
}

/** A glyph at the left, the name beside it: the name as a letter where it is one. */
function variable(node: DrawnNode, { measure }: Setting): Content {
  const name = node.symbol ? letterWidth(node.symbol, measure) : measure.text(node.title, "title");
  const glyph = node.glyph === null ? 0 : node.glyph === "dot" ? 20 : 34;
  const output = node.kind === "io" && node.inputs.length > 0;
  const width = even(Math.max(output ? 64 : 76, name + glyph + 28));
  const middle = glyph === 0 ? 0 : glyph / 2 + (node.symbol ? 2 : 0);
  const items: Item[] = [];
  if (node.glyph !== null)
    items.push({ type: "glyph", glyph: node.glyph, x: -width / 2 + (glyph === 20 ? 18 : 21), y: 0 });
  items.push(
    node.symbol
      ? { type: "letter", letter: node.symbol, x: middle, y: 5 }
      : text(node.title, "title", middle, 4.5),
  );
  return { width, height: output ? 32 : 36, items };
}

function formula(node: DrawnNode, shown: Formula, setting: Setting): Content {
  const { direction, measure, spacing } = setting;
  const widest = widestFormula[direction];
  const size = measure.formula(shown);
  if (size && size.width <= widest)
    return {
      width: even(size.width + spacing.besideFormula),
      height: Math.max(36, even(size.height + 20)),
      items: [{ type: "formula", formula: shown, ...size }],
    };
  const words = measure.text(shown.text, "title");
  if (!size && words <= widest)
    return { width: even(words + 28), height: 36, items: [text(shown.text, "title", 0, 4.5)] };
  return titled({ ...node, title: `ƒ ${node.title}` }, setting);
}

/** The title, with the size beneath it, or beside it where data run down; a long title takes two lines. */
function titled(node: DrawnNode, { direction, measure, spacing }: Setting): Content {
  const title = measure.text(node.title, "title");
  if (node.detail !== "") {
    const detail = measure.text(node.detail, direction === "right" ? "detail" : "title");
    if (direction === "right")
      return {
        width: even(Math.max(spacing.layer, Math.max(title, detail) + spacing.besideTitle)),
        height: 44,
        items: [text(node.title, "title", 0, -3), text(node.detail, "detail", 0, 13)],
      };
    const both = title + 8 + detail;
    return {
      width: even(Math.max(84, both + 32)),
      height: 38,
      items: [
        text(node.title, "title", -both / 2, 4.5, "start"),
        text(node.detail, "title", both / 2, 4.5, "end"),
      ],
    };
  }
  const cut = direction === "right" && title > 84 ? node.title.search(/[A-Z][a-z]+$/) : -1;
  if (cut > 0) {
    const lines = [node.title.slice(0, cut), node.title.slice(cut)] as const;
    return {
      width: even(Math.max(...lines.map((line) => measure.text(line, "detail"))) + 20),
      height: 48,
      items: [text(lines[0], "detail", 0, -4), text(lines[1], "detail", 0, 12)],
    };
  }
  if (node.title.length === 1) return { width: 36, height: 36, items: [text(node.title, "sign", 0, 6)] };
  const least = direction === "right" ? 56 : 84;
  return {
    width: even(Math.max(least, title + spacing.besideTitle)),
    height: 36,
    items: [text(node.title, "title", 0, 4.5)],
  };
}

/** A chevron, the name, the number of nodes. */
function nested(node: DrawnNode, { measure }: Setting): Content {
  const title = measure.text(node.title, "title");
  const count = measure.text(String(node.nodes), "small");
  const width = even(title + count + 56);
  return {
    width,
    height: 40,
    items: [
      { type: "chevron", x: -width / 2 + 16, y: 0, open: false },
      text(node.title, "title", -width / 2 + 30, 4.5, "start"),
      text(String(node.nodes), "small", width / 2 - 13, 4, "end"),
    ],
  };
}

/** What stands in the head of an open net: chevron, name, number of parameters. */
export function headOf(node: DrawnNode, { direction, measure }: Setting): Content {
  const title = measure.text(node.title, "bold");
  const parameters = `${node.parameters.toLocaleString("en")} parameter${node.parameters === 1 ? "" : "s"}`;
  const words = node.cost === "" ? parameters : `${parameters} · ${node.cost}`;
  const items: Item[] = [
    { type: "chevron", x: 18, y: 18, open: true },
    text(node.title, "bold", 30, 22.5, "start"),
  ];
  if (node.parameters === 0 || direction === "down") return { width: 42 + title, height: 36, items };
  items.push(text(words, "small", 42 + title, 22, "start"));
  return { width: 58 + title + measure.text(words, "small"), height: 36, items };
}

const even = (x: number): number => 2 * Math.ceil(x / 2);
