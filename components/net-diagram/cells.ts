/** Cells: what the columns of a layout hold, with their size along and across the way of the data. */

import type { Arranged } from "./arrange.js";
import { type Content, contentOf, type Direction, headOf, type Setting } from "./content.js";
import type { DrawnNode } from "./drawing.js";

/** Which side of a node, across the way of the data: above or left, below or right. */
export type Side = "before" | "after";

export interface Cell {
  readonly id: string;
  /** A node; a line that passes; the corner of a line that turns into a node's side; a pill that hangs on a node. */
  readonly kind: "node" | "line" | "corner" | "hanger";
  readonly node: DrawnNode | null;
  readonly content: Content | null;
  readonly inside: Arranged | null;
  /** Room for a caption ahead of the outline, then the outline's extent along the way of the data. */
  readonly lead: number;
  readonly length: number;
  /** Extents of the outline across, from the cell's axis. */
  readonly before: number;
  readonly after: number;
  /** The same with captions and labels. */
  readonly roomBefore: number;
  readonly roomAfter: number;
  readonly captionSide: Side | "ahead" | null;
  /** Places of the ports across, from the axis. */
  readonly ins: Readonly<Record<string, number>>;
  readonly outs: Readonly<Record<string, number>>;
  /** A hanger: the node that it belongs to, and on which side of it it is. */
  readonly of: string;
  readonly side: Side | null;
}

const bare = {
  node: null,
  content: null,
  inside: null,
  lead: 0,
  length: 0,
  before: 0,
  after: 0,
  roomBefore: 0,
  roomAfter: 0,
  captionSide: null,
  ins: {},
  outs: {},
  of: "",
  side: null,
} as const;

export const lineCell = (id: string): Cell => ({ ...bare, id, kind: "line" });
export const cornerCell = (id: string): Cell => ({ ...bare, id, kind: "corner" });

/** The distance between ports on one side of a node. */
const pitch = { right: 14, down: 40 };

export interface CellOptions extends Setting {
  /** Whether room is kept for live values. */
  readonly values: boolean;
  /** Input ports on the face, in order, and the one in the middle of it. */
  readonly ins: readonly string[];
  readonly mainIn: string;
  readonly outs: readonly string[];
  readonly mainOut: string;
  /** Words at the output ports that have any. */
  readonly labels: Readonly<Record<string, string>>;
  readonly captionSide: Side;
  readonly inside: Arranged | null;
}

/** The cell of a node. */
export function nodeCell(node: DrawnNode, options: CellOptions): Cell {
  const { direction, measure, inside } = options;
  const across = direction === "right" ? "height" : "width";
  const along = direction === "right" ? "width" : "height";
  const content = inside ? headOf(node, options) : contentOf(node, options);

  let { ins, outs } = { ins: {}, outs: {} } as Record<"ins" | "outs", Readonly<Record<string, number>>>;
  let [before, after] = [content[across] / 2, content[across] / 2];
  let length = content[along];
  if (inside) {
    const axis = inside.ins[options.mainIn] ?? inside.outs[options.mainOut] ?? 0;
    const shifted = (ports: Readonly<Record<string, number>>) =>
      Object.fromEntries(Object.entries(ports).map(([port, at]) => [port, at - axis]));
    ins = shifted(inside.ins);
    outs = shifted(inside.outs);
    before = axis - inside.low;
    after = inside.high - axis;
    length = inside.length;
  } else {
    ins = spread(options.ins, options.mainIn, direction, content.width);
    outs = spread(options.outs, options.mainOut, direction, content.width);
    const reach = Math.max(0, ...[...Object.values(ins), ...Object.values(outs)].map(Math.abs));
    before = after = Math.max(before, reach === 0 ? 0 : reach + 11);
  }

  const captionSide =
    node.caption === "" || inside
      ? null
      : direction === "down" && node.kind === "random"
        ? "ahead"
        : options.captionSide;
  const caption = node.caption === "" ? 0 : measure.text(node.caption, "small");
  const captionRoom = (side: Side): number =>
    captionSide === "ahead"
      ? Math.max(0, caption / 2 - before)
      : captionSide !== side
        ? 0
        : direction === "right"
          ? 17
          : caption + 8;
  let roomBefore = before + captionRoom("before");
  let roomAfter = after + captionRoom("after");
  for (const [port, words] of Object.entries(options.labels)) {
    const at = outs[port] ?? 0;
    const rows = options.values ? Math.min(3, node.counts[port] ?? 1) : 0;
    if (direction === "right") {
      roomBefore = Math.max(roomBefore, 18 - at);
      roomAfter = Math.max(roomAfter, at + (rows === 0 ? 6 : 8 + 13 * rows));
    } else {
      roomBefore = Math.max(roomBefore, (rows === 0 ? 6 : 44) - at);
      roomAfter = Math.max(roomAfter, at + 10 + measure.text(words, "small"));
    }
  }
  const depth = node.kind === "net" && !inside ? 6 : 0;
  return {
    ...bare,
    id: node.id,
    kind: "node",
    node,
    content,
    inside,
    lead: captionSide === "ahead" ? 17 : 0,
    length,
    before,
    after,
    roomBefore,
    roomAfter: roomAfter + depth,
    captionSide,
    ins,
    outs,
  };
}

/** Ports side by side, the main one in the middle of the face. */
function spread(
  ports: readonly string[],
  main: string,
  direction: Direction,
  width: number,
): Record<string, number> {
  const middle = Math.max(0, ports.indexOf(main));
  const most = Math.max(middle, ports.length - 1 - middle);
  const step =
    direction === "right"
      ? pitch.right
      : Math.min(pitch.down, most === 0 ? 0 : Math.max(14, (width / 2 - 16) / most));
  return Object.fromEntries(ports.map((port, i) => [port, (i - middle) * step]));
}
