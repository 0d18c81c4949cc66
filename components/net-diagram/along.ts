/** Places along the way of the data: how wide each column is, and each gap with its labels, tracks and arrows. */
import type { Cell } from "./cells.js";
import { headOf } from "./content.js";
import type { DrawnEdge } from "./drawing.js";
import type { Frame, Grid } from "./grid.js";
import { nameOf, portName } from "./labels.js";
import type { LayoutOptions } from "./layout.js";
import { type Bundle, tracks } from "./tracks.js";

/** The head of an open net. */
export const headHeight = 36;
const trackPitch = 10;

export interface Along {
  /** Where the outline of each cell begins. */
  readonly start: ReadonlyMap<string, number>;
  /** Where the lines that leave a cell change their place, by `bundleKey`. */
  readonly track: ReadonlyMap<string, number>;
  /** Where the room for labels after a cell ends. */
  readonly zone: ReadonlyMap<string, number>;
  readonly length: number;
}

export const bundleKey = (from: string, edge: DrawnEdge): string =>
  `${from}\n${from === edge.from ? edge.fromPort : ""}`;

/** Offsets of an edge's ends at the cells that it passes. */
export const outAt = (grid: Grid, edge: DrawnEdge, id: string): number =>
  (id === edge.from ? grid.cells.get(id)?.outs[edge.fromPort] : 0) ?? 0;
export const inAt = (grid: Grid, edge: DrawnEdge, id: string): number =>
  (id === edge.to ? grid.cells.get(id)?.ins[edge.toPort] : 0) ?? 0;

interface Needs {
  /** Room for shapes and values after the column, for arrows and names before the next. */
  label: number;
  end: number;
  readonly bundles: Map<string, { from: number; to: number[] }>;
}

export function alongOf(
  grid: Grid,
  axis: (id: string) => number,
  options: LayoutOptions,
  frame: Frame | null,
): Along {
  const right = options.direction === "right";
  const { columns } = grid;
  const cell = (id: string): Cell => grid.cells.get(id) as Cell;
  const needs = columns.map((): Needs => ({ label: 0, end: 0, bundles: new Map() }));
  const columnOf = new Map(columns.flatMap((column, c) => column.map((id) => [id, c] as const)));

  for (const edge of grid.edges)
    for (const [i, to] of (grid.routes.get(edge) as readonly string[]).slice(1).entries()) {
      const from = grid.routes.get(edge)?.[i] as string;
      const need = needs[columnOf.get(from) as number] as Needs;
      const key = bundleKey(from, edge);
      const bundle = need.bundles.get(key) ?? { from: axis(from) + outAt(grid, edge, from), to: [] };
      bundle.to.push(axis(to) + inAt(grid, edge, to));
      need.bundles.set(key, bundle);
      need.end = Math.max(need.end, endRoom(edge, cell(to), grid, options));
    }
  for (const [c, column] of columns.entries())
    for (const id of column) {
      const need = needs[c] as Needs;
      for (const [port, words] of Object.entries(grid.labels.get(id) ?? {}))
        need.label = Math.max(
          need.label,
          labelRoom(cell(id), port, words, options) - turningRoom(grid, id, port),
        );
      if (cell(id).node?.kind === "port" && frame && c === 0)
        need.label = Math.max(need.label, portRoom(cell(id), frame, options));
    }

  const lengths = columns.map((column) =>
    Math.max(0, ...column.map((id) => cell(id).lead + cell(id).length)),
  );
  const ports = (side: number): boolean =>
    (columns.at(side) ?? []).some((id) => cell(id).node?.kind === "port");
  const starts: number[] = [];
  const track = new Map<string, number>();
  const zone = new Map<string, number>();
  let at = frame && !ports(0) ? (right ? 20 : headHeight + 8) : 0;
  for (const [c, column] of columns.entries()) {
    // The ports at the end of a frame lie on its outline, which is as long as its head.
    if (right && frame && c === columns.length - 1 && ports(-1))
      at = Math.max(at, headOf(frame.node, options).width);
    starts.push(at);
    at += lengths[c] as number;
    if (c === columns.length - 1) break;
    const { label, end, bundles } = needs[c] as Needs;
    const found = tracks([...bundles].map(([key, bundle]): Bundle => ({ key, ...bundle })));
    const count = found.size === 0 ? 0 : Math.max(...found.values()) + 1;
    const first = at + Math.max(label, 16);
    for (const [key, k] of found) track.set(key, first + k * trackPitch);
    const gap =
      count === 0
        ? Math.max(label, end)
        : first - at + (count - 1) * trackPitch + Math.max(end, right ? options.spacing.turn : 26);
    for (const id of column) {
      const turning =
        right && count === 0
          ? Math.max(0, ...Object.keys(grid.labels.get(id) ?? {}).map((port) => turningRoom(grid, id, port)))
          : 0;
      zone.set(id, count > 0 ? first : at + gap - (right ? 5 : 0) + turning);
    }
    at += gap;
  }
  if (frame && !ports(-1)) at += 20;
  const length = at;

  const start = new Map<string, number>();
  for (const [c, column] of columns.entries())
    for (const id of column) {
      const it = cell(id);
      start.set(id, (starts[c] as number) + it.lead + ((lengths[c] as number) - it.lead - it.length) / 2);
    }
  return { start, track, zone, length };
}

/** Room for the arrow before a cell, and for the name of its port. */
function endRoom(
  edge: DrawnEdge,
  to: Cell,
  grid: Grid,
  { direction, measure, spacing }: LayoutOptions,
): number {
  if (to.kind === "line" || to.kind === "corner") return 16;
  if (!to.node || to.node.kind === "port" || to.inside) return 20;
  const source = grid.cells.get(edge.from)?.node;
  const name = source ? portName(edge, source, to.node) : "";
  // Where data run down the name stands under the shape at the line's beginning.
  if (name !== "") return direction === "right" ? measure.text(name, "small") + 18 : 42;
  return to.node.kind === "activation" ? spacing.tile : spacing.plain;
}

/** Room for a shape and a live value after a node. */
function labelRoom(
  from: Cell,
  port: string,
  words: string,
  { direction, measure, spacing, values }: LayoutOptions,
): number {
  if (direction === "right")
    return Math.max(spacing.label, values ? 33 : 0, measure.text(words, "small") + spacing.besideLabel);
  const count = from.node?.counts[port] ?? 1;
  return 16 + 13 * (values && count <= 3 ? Math.max(1, count) : 1);
}

/** A line that only turns into a node's side runs on to the middle of the node: its words may stand there too. */
function turningRoom({ edges, routes, cells }: Grid, id: string, port: string): number {
  const leaving = edges.filter((edge) => edge.from === id && edge.fromPort === port);
  const next = routes.get(leaving[0] as DrawnEdge)?.[1];
  if (leaving.length !== 1 || next === undefined || cells.get(next)?.kind !== "corner") return 0;
  return Math.max(0, (cells.get(leaving[0]?.to ?? "")?.length ?? 0) / 2 - 8);
}

/** Room for the name of a port just inside a frame, and where data run down for the head of the frame. */
function portRoom(port: Cell, frame: Frame, { direction, measure }: LayoutOptions): number {
  if (direction === "down") return headHeight + 10;
  return frame.ins.length < 2 ? 24 : measure.text(nameOf(port.node?.path ?? ""), "title") + 20;
}
