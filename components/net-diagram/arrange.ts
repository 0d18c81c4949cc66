/** One net in its place, with its open nets inside it: cells, places across, places along, and what is drawn there. */
import { alongOf, bundleKey, headHeight, inAt, outAt } from "./along.js";
import { branches } from "./branches.js";
import type { Cell, Side } from "./cells.js";
import { headOf } from "./content.js";
import type { Drawing, DrawnEdge } from "./drawing.js";
import { type Frame, type Grid, gridOf, orderOf } from "./grid.js";
import type { LayoutOptions, Parts, PlacedEdge, PlacedNode, Point } from "./layout.js";
import { translate } from "./layout.js";
import { type Link, place } from "./place.js";
import { group } from "./spine.js";
import { captionOf, edgeWords, portWords, sourceWords } from "./words.js";

/** A net laid out: along the way of the data from 0 to `length`, across it from `low` to `high`. */
export interface Arranged {
  readonly parts: Parts;
  readonly length: number;
  readonly low: number;
  readonly high: number;
  /** Places of the ports on its frame, across. */
  readonly ins: Readonly<Record<string, number>>;
  readonly outs: Readonly<Record<string, number>>;
}

/** From (along, across) to (x, y). */
export type ToPoint = (along: number, across: number) => Point;

export function arrange(drawing: Drawing, options: LayoutOptions, frame: Frame | null): Arranged {
  const right = options.direction === "right";
  const xy: ToPoint = right ? (x, y) => ({ x, y }) : (y, x) => ({ x, y });
  const order = orderOf(drawing, options, frame);
  let grid = gridOf(drawing, order, options, new Map());
  let across = acrossOf(grid, frame);
  const least = wider(grid, across);
  if (least.size > 0) {
    grid = gridOf(drawing, order, options, least);
    across = acrossOf(grid, frame);
  }
  const cell = (id: string): Cell => grid.cells.get(id) as Cell;
  const axis = (id: string): number => across.get(id) as number;
  const along = alongOf(grid, axis, options, frame);
  const start = (id: string): number => along.start.get(id) as number;
  const end = (id: string): number => start(id) + cell(id).length;
  const middle = (id: string): number => (start(id) + end(id)) / 2;
  const face = (id: string, side: Side): number =>
    axis(id) + (side === "before" ? -cell(id).before : cell(id).after + stackOf(cell(id)));

  const parts: Mutable<Parts> = { nodes: [], edges: [], labels: [], values: [], branches: [], ports: [] };
  for (const it of grid.cells.values()) {
    if (!it.node || !it.content || it.node.kind === "port") continue;
    const at = xy(middle(it.id), axis(it.id) + (it.after - it.before) / 2);
    const [width, height] = right ? [it.length, it.before + it.after] : [it.before + it.after, it.length];
    const placed: PlacedNode = { node: it.node, ...at, width, height, content: it.content, caption: null };
    parts.nodes.push({ ...placed, caption: captionOf(placed, it.captionSide, right, options.measure) });
    if (!it.inside) continue;
    const offset = xy(start(it.id), axis(it.id) - it.before - it.inside.low);
    const moved = translate(it.inside.parts, offset.x, offset.y);
    for (const key of Object.keys(parts) as (keyof Parts)[]) (parts[key] as unknown[]).push(...moved[key]);
    for (const at of Object.values(it.ins)) parts.ports.push(xy(start(it.id), axis(it.id) + at));
    for (const at of Object.values(it.outs)) parts.ports.push(xy(end(it.id), axis(it.id) + at));
  }

  const pathOf = (edge: DrawnEdge): Point[] => {
    const route = grid.routes.get(edge) as readonly string[];
    let level = axis(edge.from) + outAt(grid, edge, edge.from);
    const points = [xy(end(edge.from), level)];
    for (const [i, to] of route.slice(1).entries()) {
      const next = axis(to) + inAt(grid, edge, to);
      if (Math.abs(next - level) < 0.5) continue;
      const at = along.track.get(bundleKey(route[i] as string, edge)) as number;
      points.push(xy(at, level), xy(at, next));
      level = next;
    }
    const side = grid.sides.get(edge);
    if (side === undefined) points.push(xy(start(edge.to), level));
    else points.push(xy(middle(edge.to), level), xy(middle(edge.to), face(edge.to, side)));
    return points;
  };
  const framed = (id: string): boolean => cell(id).inside !== null || cell(id).node?.kind === "port";
  for (const together of group(grid.edges, ({ from, fromPort }) => `${from}\n${fromPort}`).values()) {
    const paths = together.map(pathOf);
    const shared = branches(paths);
    parts.branches.push(...shared.dots);
    for (const [i, edge] of together.entries()) {
      const placed: PlacedEdge = {
        ...edge,
        points: paths[i] as Point[],
        own: shared.own[i] as Point[],
        arrow: !framed(edge.to),
      };
      parts.edges.push(placed);
      parts.labels.push(...edgeWords(placed, cell(edge.from), cell(edge.to), right));
    }
  }
  for (const [from, to] of grid.hangers) {
    const edge = drawing.edges.find((each) => each.to === to) as DrawnEdge;
    const side = cell(to).side as Side;
    const points = [
      xy(middle(from), face(from, side)),
      xy(middle(to), face(to, side === "after" ? "before" : "after")),
    ];
    parts.edges.push({ ...edge, points, own: points, arrow: true });
  }
  for (const id of grid.cells.keys()) {
    const words = grid.labels.get(id) ?? {};
    const { labels, values } = sourceWords(
      cell(id),
      words,
      axis(id),
      end(id),
      along.zone.get(id) ?? end(id),
      right,
      xy,
      grid,
      start,
    );
    parts.labels.push(...labels);
    parts.values.push(...values);
    if (frame && cell(id).node?.kind === "port")
      parts.labels.push(...portWords(cell(id), frame, xy(start(id), axis(id)), right));
  }

  const rooms = [...grid.cells.values()];
  const named = (it: Cell): boolean =>
    it.node?.kind === "port" && (it.node.inputs.length > 0 ? frame?.outs : frame?.ins)?.length !== 1;
  const above = (it: Cell): number => (right && named(it) ? Math.max(it.roomBefore, 18) : it.roomBefore);
  let low = Math.min(...rooms.map((it) => axis(it.id) - above(it)));
  let high = Math.max(...rooms.map((it) => axis(it.id) + it.roomAfter));
  let length = along.length;
  const ins: Record<string, number> = {};
  const outs: Record<string, number> = {};
  if (frame) {
    for (const it of rooms)
      if (it.node?.kind === "port") (it.node.inputs.length > 0 ? outs : ins)[it.node.title] = axis(it.id);
    const head = headOf(frame.node, options);
    high += 16;
    if (right) {
      low -= headHeight;
      length = Math.max(length, head.width);
    } else low = Math.min(low - 16, Math.min(...Object.values(ins)) - head.width);
  }
  return { parts, length, low, high, ins, outs };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** How far the outlines behind a closed net stand out. */
const stackOf = ({ node, inside }: Cell): number => (node?.kind === "net" && !inside ? 6 : 0);
const besideNode = 28;
const hangDistance = 44;

/** The least distance between the axes of neighbours in a column. */
function apart(first: Cell, second: Cell, grid: Grid): number {
  const lines = [first, second].filter(({ node }) => node === null).length;
  const usual = first.roomAfter + second.roomBefore + (lines === 2 ? 14 : 18);
  if (grid.turnings.has(`${first.id}\n${second.id}`))
    return (first.node ? first.after + stackOf(first) : second.before) + besideNode;
  if (second.of === first.id) return first.after + hangDistance + second.before;
  return first.of === second.id ? first.after + hangDistance + second.before : usual;
}

function acrossOf(grid: Grid, frame: Frame | null): ReadonlyMap<string, number> {
  const cell = (id: string): Cell => grid.cells.get(id) as Cell;
  const isInput = ({ node }: Cell): boolean => node?.kind === "port" && node.inputs.length === 0;
  const distance = (a: Cell, b: Cell): number =>
    frame && isInput(a) && isInput(b) ? Math.max(frame.least, apart(a, b, grid)) : apart(a, b, grid);
  return place(grid.columns, (a, b) => distance(cell(a), cell(b)), linksOf(grid));
}

/** How much farther apart an open net should have its ports, for the lines that come to them to be straight. */
function wider(grid: Grid, across: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const least = new Map<string, number>();
  for (const it of grid.cells.values()) {
    const main = grid.main.get(it.id);
    if (!it.inside || !main) continue;
    const level = (edge: DrawnEdge): number => {
      const from = grid.routes.get(edge)?.at(-2) as string;
      return (across.get(from) as number) + outAt(grid, edge, from);
    };
    for (const edge of grid.edges) {
      if (edge.to !== it.id) continue;
      const steps = Math.abs(
        Object.keys(it.ins).indexOf(edge.toPort) - Object.keys(it.ins).indexOf(main.toPort),
      );
      const now = Math.abs(inAt(grid, edge, it.id) - inAt(grid, main, it.id));
      const wish = Math.abs(level(edge) - level(main));
      if (wish > now + 0.5 && wish < now + widest)
        least.set(it.id, Math.max(least.get(it.id) ?? 0, wish / steps));
    }
  }
  return least;
}
const widest = 90;

/** What wants to be straight: the spine most of all, then main inputs, then long lines. */
function linksOf(grid: Grid): Link[] {
  const links: Link[] = grid.edges.flatMap((edge) => {
    const route = grid.routes.get(edge) as readonly string[];
    const long = route.length > 2 || route.at(-1) !== edge.to;
    const base = grid.spine.has(edge) ? 1000 : grid.main.get(edge.to) === edge ? 500 : long ? 300 : 100;
    return route.slice(1).map((to, i): Link => {
      const from = route[i] as string;
      return {
        from,
        to,
        shift: outAt(grid, edge, from) - inAt(grid, edge, to),
        weight: base + Math.min(99, route.length),
      };
    });
  });
  // What turns into a node's side comes as near to it as it may.
  for (const column of grid.columns)
    for (const [i, to] of column.entries()) {
      const from = column[i - 1];
      if (from === undefined || !grid.turnings.has(`${from}\n${to}`)) continue;
      const shift = apart(grid.cells.get(from) as Cell, grid.cells.get(to) as Cell, grid);
      links.push({ from, to, shift, weight: 1 });
    }
  for (const [from, to] of grid.hangers) {
    const [node, pill] = [grid.cells.get(from) as Cell, grid.cells.get(to) as Cell];
    const shift = pill.side === "after" ? apart(node, pill, grid) : -apart(pill, node, grid);
    links.push({ from, to, shift, weight: 2000 });
  }
  return links;
}
