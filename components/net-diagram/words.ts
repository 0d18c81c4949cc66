/** Where words stand: captions outside outlines, shapes and values beside the lines that begin, names of ports. */
import type { ToPoint } from "./arrange.js";
import type { Cell, Side } from "./cells.js";
import { symbolOf } from "./drawing.js";
import type { Frame, Grid } from "./grid.js";
import { nameOf, portName } from "./labels.js";
import type { PlacedEdge, PlacedLabel, PlacedNode, Point, ValuePlace } from "./layout.js";
import type { Measure } from "./measure.js";

/** The caption of a node; one wider than the node begins at its left edge. */
export function captionOf(
  { node, x, y, width, height }: PlacedNode,
  side: Side | "ahead" | null,
  right: boolean,
  measure: Measure,
): PlacedNode["caption"] {
  if (side === null) return null;
  if (right || side === "ahead") {
    const wider = right && measure.text(node.caption, "small") > width;
    const above = side !== "after";
    return {
      x: wider ? x - width / 2 : x,
      y: above ? y - height / 2 - 8 : y + height / 2 + 15,
      anchor: wider ? "start" : "middle",
    };
  }
  return side === "after"
    ? { x: x + width / 2 + 8, y: y + 4, anchor: "start" }
    : { x: x - width / 2 - 8, y: y + 4, anchor: "end" };
}

/** Shapes and values where the lines of a node begin. `end` is where its outline ends, `zone` where the room for words does. */
export function sourceWords(
  cell: Cell,
  words: Readonly<Record<string, string>>,
  axis: number,
  end: number,
  zone: number,
  right: boolean,
  xy: ToPoint,
  grid: Grid,
  start: (id: string) => number,
): { readonly labels: PlacedLabel[]; readonly values: ValuePlace[] } {
  const labels: PlacedLabel[] = [];
  const values: ValuePlace[] = [];
  const pill = grid.hangers.get(cell.id);
  for (const [port, text] of Object.entries(words)) {
    const path = cell.node?.path ?? "";
    if (pill !== undefined) {
      const down = grid.cells.get(pill)?.side === "after";
      const middle = (start(cell.id) + end) / 2;
      const at = xy(middle, axis + (down ? cell.after + 20 : -cell.before - 14));
      labels.push({ kind: "shape", text, letter: null, x: at.x + 7, y: at.y, anchor: "start" });
      values.push({ path, port, x: at.x - 7, y: at.y, anchor: "end" });
      continue;
    }
    const level = axis + (cell.outs[port] ?? 0);
    if (right) {
      const { x, y } = xy((end + zone) / 2, level);
      labels.push({ kind: "shape", text, letter: null, x, y: y - 6, anchor: "middle" });
      values.push({ path, port, x, y: y + 15, anchor: "middle" });
    } else {
      const { x, y } = xy(end + 17, level);
      labels.push({ kind: "shape", text, letter: null, x: x + 8, y, anchor: "start" });
      values.push({ path, port, x: x - 8, y, anchor: "end" });
    }
  }
  return { labels, values };
}

/** The name of a port just inside the frame of an open net that has several. */
export function portWords(cell: Cell, frame: Frame, at: Point, right: boolean): PlacedLabel[] {
  const input = (cell.node?.inputs.length ?? 0) === 0;
  if ((input ? frame.ins : frame.outs).length < 2) return [];
  const text = nameOf(cell.node?.path ?? "");
  const letter = symbolOf(text);
  const place = right
    ? { x: at.x + (input ? 10 : -10), y: at.y - 7, anchor: input ? ("start" as const) : ("end" as const) }
    : { x: at.x + 9, y: at.y + (input ? 18 : -9), anchor: "start" as const };
  return [{ kind: "port", text, letter, ...place }];
}

/** The name of a port at the end of an edge. */
export function edgeWords(edge: PlacedEdge, from: Cell, to: Cell, right: boolean): PlacedLabel[] {
  if (!from.node || !to.node) return [];
  const text = portName(edge, from.node, to.node);
  const [before, end] = edge.points.slice(-2);
  if (text === "" || !before || !end) return [];
  const level = Math.abs(end.y - before.y) < 0.5;
  const forwards = end.x >= before.x;
  const down = end.y > before.y;
  const place = level
    ? {
        x: end.x + (forwards ? -11 : 11),
        y: end.y - 6,
        anchor: forwards ? ("end" as const) : ("start" as const),
      }
    : { x: end.x + 7, y: end.y + (right ? (down ? -9 : 17) : -10), anchor: "start" as const };
  return [{ kind: "port", text, letter: null, ...place }];
}
