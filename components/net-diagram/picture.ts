/** A layout as a picture: marks with classes that `style.ts` colours. */

import { fixed, minus, significant } from "../plot/format.js";
import type { Item } from "./content.js";
import type { Letter } from "./drawing.js";
import { glyphMarks } from "./glyphs.js";
import type { Layout, PlacedEdge, PlacedLabel, PlacedNode, Point, ValuePlace } from "./layout.js";
import type { Mark } from "./mark.js";
import { arrowPath, linePath } from "./path.js";

/** What the picture shows beside the layout. */
export interface State {
  readonly selected: string | null;
  /** The node that Tab comes to. */
  readonly focused: string | null;
  /** Edges that are lit. */
  readonly lit: readonly PlacedEdge[];
  /** The numbers of one example at each port, by path or `path.port`. */
  readonly values: Readonly<Record<string, readonly number[]>> | null;
}

const n = (x: number): number => Math.round(x * 10) / 10;
const g = (className: string, children: readonly Mark[]): Mark => ({
  tag: "g",
  key: className,
  attrs: { class: className },
  children,
});

export function pictureOf(layout: Layout, state: State): Mark {
  const open = layout.nodes.filter(({ node }) => node.inside);
  const closed = layout.nodes.filter(({ node }) => !node.inside);
  return g("drawing", [
    g(
      "frames",
      open.map((placed) => nodeMark(placed, state)),
    ),
    g(
      "edges",
      layout.edges.flatMap((edge) => edgeMarks(edge, edge.own, layout.branches)),
    ),
    g(
      "lit",
      state.lit.flatMap((edge) => edgeMarks(edge, edge.points, layout.branches)),
    ),
    g(
      "dots",
      layout.branches.map((at) => circle(at, "branch", 2.25)),
    ),
    g(
      "nodes",
      closed.map((placed) => nodeMark(placed, state)),
    ),
    g(
      "ports",
      layout.ports.map((at) => circle(at, "port", 3)),
    ),
    g("words", layout.labels.map(labelMark)),
    g(
      "values",
      layout.values.flatMap((place) => valueMarks(place, state.values)),
    ),
  ]);
}

const circle = ({ x, y }: Point, className: string, r: number): Mark => ({
  tag: "circle",
  attrs: { class: className, cx: n(x), cy: n(y), r },
});

function edgeMarks(edge: PlacedEdge, points: readonly Point[], branches: readonly Point[]): Mark[] {
  const key = `${edge.from} ${edge.fromPort} ${edge.to} ${edge.toPort}`;
  const line: Mark = {
    tag: "path",
    key,
    attrs: { class: "line", d: linePath(points, edge.arrow, branches) },
  };
  return edge.arrow
    ? [line, { tag: "path", key: `${key} >`, attrs: { class: "arrow", d: arrowPath(edge.points) } }]
    : [line];
}

function nodeMark(placed: PlacedNode, { selected, focused }: State): Mark {
  const { node, x, y, width, height, content, caption } = placed;
  const open = node.inside !== null;
  const [left, top] = [n(-width / 2), n(-height / 2)];
  const round = node.kind === "io" ? height / 2 : open ? 12 : 6;
  const box = (className: string, grow: number): Mark => ({
    tag: "rect",
    attrs: {
      class: className,
      x: left - grow,
      y: top - grow,
      width: n(width) + 2 * grow,
      height: n(height) + 2 * grow,
      rx: round + grow,
    },
  });
  const behind =
    node.kind === "net" && !open
      ? [6, 3].map(
          (by): Mark => ({
            ...box("outline behind", 0),
            attrs: { ...box("", 0).attrs, class: "outline behind", transform: `translate(${by} ${by})` },
          }),
        )
      : [];
  const items = content.items.map(itemMark);
  const inner = open
    ? [
        {
          tag: "g",
          attrs: { class: "head", transform: `translate(${left} ${top})` },
          children: [hitArea(content.width), ...items],
        },
      ]
    : items;
  const words: Mark[] = caption
    ? [
        {
          tag: "text",
          attrs: {
            class: "caption",
            x: n(caption.x - x),
            y: n(caption.y - y),
            "text-anchor": caption.anchor,
          },
          children: [node.caption],
        },
      ]
    : [];
  return {
    tag: "g",
    key: node.id,
    attrs: {
      class: `node ${node.kind}${open ? " open" : ""}${selected === node.id ? " selected" : ""}`,
      "data-id": node.id,
      transform: `translate(${n(x)} ${n(y)})`,
      role: "button",
      tabindex: focused === node.id ? 0 : -1,
      "aria-label": node.label,
      ...(node.kind === "net"
        ? { "aria-expanded": String(open) }
        : { "aria-pressed": String(selected === node.id) }),
    },
    children: [box("ring", 2.5), ...behind, box("outline", 0), ...inner, ...words],
  };
}

/** The head of a frame can be hit between its words. */
const hitArea = (width: number): Mark => ({
  tag: "rect",
  attrs: { class: "hit", width: n(width), height: 36 },
});

function itemMark(item: Item): Mark {
  switch (item.type) {
    case "text":
      return {
        tag: "text",
        attrs: { class: item.font, x: n(item.x), y: n(item.y), "text-anchor": item.anchor },
        children: [item.text],
      };
    case "letter":
      return letterMark(item.letter, {
        class: "symbol",
        x: n(item.x),
        y: n(item.y),
        "text-anchor": "middle",
      });
    case "glyph":
      return {
        tag: "g",
        attrs: { class: "picture", transform: `translate(${n(item.x)} ${n(item.y)})` },
        children: glyphMarks(item.glyph),
      };
    case "chevron":
      return {
        tag: "path",
        attrs: {
          class: "chevron",
          d: item.open ? `M${item.x - 4} ${item.y - 2}l4 4 4 -4` : `M${item.x - 2} ${item.y - 4}l4 4 -4 4`,
        },
      };
    case "formula": {
      const [width, height] = [n(item.width) + 4, n(item.height) + 4];
      return {
        tag: "switch",
        attrs: { class: "formula" },
        children: [
          {
            tag: "foreignObject",
            attrs: {
              x: -width / 2,
              y: -height / 2,
              width,
              height,
              requiredExtensions: "http://www.w3.org/1999/xhtml",
            },
            children: [{ tag: "div", attrs: { class: "math" }, math: item.formula.mathml }],
          },
          {
            tag: "text",
            attrs: { class: "title", y: 4.5, "text-anchor": "middle" },
            children: [item.formula.text],
          },
        ],
      };
    }
  }
}

const accents = { Bar: "\u0304", Hat: "\u0302", Tilde: "\u0303", Dot: "\u0307" };

function letterMark({ base, accent, subscript }: Letter, attrs: Mark["attrs"] & object): Mark {
  const letter = base + (accent === null ? "" : accents[accent]);
  const index: Mark = {
    tag: "tspan",
    attrs: { class: /^\d/.test(subscript) ? "index upright" : "index", dy: 4 },
    children: [subscript],
  };
  return { tag: "text", attrs, children: subscript === "" ? [letter] : [letter, index] };
}

function labelMark({ kind, text, letter, x, y, anchor }: PlacedLabel): Mark {
  const attrs = { x: n(x), y: n(y), "text-anchor": anchor };
  return letter
    ? letterMark(letter, { class: "symbol small", ...attrs })
    : { tag: "text", attrs: { class: kind, ...attrs }, children: [text] };
}

/** Two decimals while they say something, three digits at most; a true minus. */
export function shown(x: number): string {
  const size = Math.abs(x);
  if (!Number.isFinite(x)) return significant(x);
  if (Number.isInteger(x) && size < 1e5) return fixed(x, 0);
  if (size >= 1e4 || (size < 0.005 && size > 0)) return x.toExponential(0).replaceAll("-", minus);
  return fixed(x, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** Cells of a strip, and the width of each. */
const cells = 16;
const pitch = 1.8;

function valueMarks({ path, port, x, y, anchor }: ValuePlace, values: State["values"]): Mark[] {
  const numbers = values && (own(values, `${path}.${port}`) ?? own(values, path));
  if (!numbers || numbers.length === 0) return [];
  if (numbers.length <= 3)
    return numbers.map((value, i) => ({
      tag: "text",
      attrs: { class: "value", x: n(x), y: n(y + 13 * i), "text-anchor": anchor },
      children: [shown(value)],
    }));
  const left = anchor === "middle" ? x - (cells * pitch) / 2 : x - cells * pitch;
  const means = Array.from(
    { length: Math.min(cells, numbers.length) },
    (_, i, { length } = { length: Math.min(cells, numbers.length) }) => {
      const part = numbers.slice(
        Math.floor((i * numbers.length) / length),
        Math.floor(((i + 1) * numbers.length) / length),
      );
      return part.reduce((sum, value) => sum + Math.abs(value), 0) / part.length;
    },
  );
  const largest = Math.max(...means) || 1;
  return means.map((mean, i) => ({
    tag: "rect",
    attrs: {
      class: "cell",
      x: n(left + pitch * i),
      y: n(y - 6),
      width: pitch + 0.1,
      height: 6,
      opacity: n(Math.max(0.08, mean / largest) * 10) / 10,
    },
  }));
}

const own = <V>(record: Readonly<Record<string, V>>, key: string): V | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;
