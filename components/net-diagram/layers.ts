/** Which column a node stands in, by dagre's ranks, and in which order, with one bundle of lines a port. */
import { Graph, layout } from "@dagrejs/dagre";
import { type Smoothed, smoothed } from "./smooth.js";

export interface Vertex {
  readonly id: string;
  /** Ports on a frame stand in the first column or the last, and nothing else stands there. */
  readonly pin: "first" | "last" | null;
}
export interface Arc {
  readonly from: string;
  readonly fromPort: string;
  readonly to: string;
  readonly toPort: string;
}

/** One line from a column to the next: all arcs of one output port share it as far as they can. */
export interface Hop {
  readonly from: string;
  readonly to: string;
  /** The output port at which the line began. */
  readonly port: string;
  readonly source: string;
}

export interface Layered {
  /** Cells by column, each in its order: ids of vertices, and of lines that pass through. */
  readonly columns: readonly (readonly string[])[];
  readonly hops: readonly Hop[];
  /** The cells that an arc passes through, from its first to its last. */
  readonly routes: ReadonlyMap<Arc, readonly string[]>;
}

/** `before` says which of two vertices comes first where they stand in one column. */
export function layered(
  vertices: readonly Vertex[],
  arcs: readonly Arc[],
  before: readonly (readonly [string, string])[],
): Layered {
  let found: Layered | undefined;
  const asked = new Error("columns and order are known");
  try {
    layout(rankGraph(vertices, arcs), {
      // dagre has ranked the vertices. Its order and positions know neither bundles of lines nor ports: ours follow.
      customOrder: (graph) => {
        const { columns, hops, routes } = bundle(vertices, arcs, (id) => graph.node(id).rank as number);
        found = { columns: ordered(columns, hops, before), hops, routes };
        throw asked;
      },
    });
  } catch (error) {
    if (error !== asked) throw error;
  }
  return found ?? { columns: [], hops: [], routes: new Map() };
}

const first = "\tfirst";
const last = "\tlast";

/** What dagre ranks by network simplex, arcs as short as can be. */
function rankGraph(vertices: readonly Vertex[], arcs: readonly Arc[]): Graph<object, object, object> {
  const graph = new Graph<object, object, object>();
  graph.setGraph({});
  const pinned = vertices.some(({ pin }) => pin !== null);
  if (pinned) for (const id of [first, last]) graph.setNode(id, { width: 1, height: 1 });
  for (const { id, pin } of vertices) {
    graph.setNode(id, { width: 1, height: 1 });
    if (!pinned) continue;
    graph.setEdge(first, id, pin === "first" ? { minlen: 1, weight: 1000 } : { minlen: 2, weight: 0 });
    graph.setEdge(id, last, pin === "last" ? { minlen: 1, weight: 1000 } : { minlen: 2, weight: 0 });
  }
  for (const { from, to } of direct(arcs)) graph.setEdge(from, to, {});
  return graph;
}

/** The arcs without those that another way implies: they change no column, and long ones cost dagre dearly. */
function direct(arcs: readonly Arc[]): readonly Arc[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of arcs) next.set(from, [...(next.get(from) ?? []), to]);
  const farther = new Map<string, ReadonlySet<string>>();
  for (const [from, first] of next) {
    if (first.length < 2) continue;
    const seen = new Set<string>();
    const waiting = first.flatMap((id) => next.get(id) ?? []);
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      waiting.push(...(next.get(id) ?? []));
    }
    farther.set(from, seen);
  }
  return arcs.filter(({ from, to }) => !farther.get(from)?.has(to));
}

/** How the ids of the lines from a port begin. */
export const lineMark = (from: string, port: string): string => `${from}\n${port}\n`;

/** Columns, and lines cut into hops from column to column. */
function bundle(vertices: readonly Vertex[], arcs: readonly Arc[], rankOf: (id: string) => number): Layered {
  const levels = [...new Set(vertices.map(({ id }) => rankOf(id)))].sort((a, b) => a - b);
  const place = new Map(levels.map((level, i) => [level, i]));
  const column = (id: string): number => place.get(rankOf(id)) as number;
  const columns: string[][] = levels.map(() => []);
  for (const { id } of vertices) columns[column(id)]?.push(id);
  const hops = new Map<string, Hop>();
  const routes = new Map<Arc, string[]>();
  const seen = new Set<string>();
  for (const arc of arcs) {
    const route = [arc.from];
    for (let r = column(arc.from) + 1; r <= column(arc.to); r++) {
      const from = route.at(-1) as string;
      const id = r === column(arc.to) ? arc.to : `${lineMark(arc.from, arc.fromPort)}${r}`;
      if (id !== arc.to && !seen.has(id)) {
        seen.add(id);
        columns[r]?.push(id);
      }
      hops.set(`${arc.fromPort}\n${from}\r${id}`, { from, to: id, port: arc.fromPort, source: arc.from });
      route.push(id);
    }
    routes.set(arc, route);
  }
  return { columns, hops: [...hops.values()], routes };
}

/** How many starts are tried on the way to an order without crossings. */
const startsFor = (cells: number): number => (cells <= 200 ? 8 : 2);

/** Every column in the order that crosses fewest lines: depth-first orders from several starts, each smoothed. */
function ordered(
  columns: readonly (readonly string[])[],
  hops: readonly Hop[],
  before: readonly (readonly [string, string])[],
): readonly (readonly string[])[] {
  const cells = columns.flat();
  const asked = new Map(before.flat().map((id, i) => [id, i]));
  const starts = startsFor(cells.length);
  let best: Smoothed | undefined;
  for (let start = 0; start < starts && best?.crossings !== 0; start++) {
    const turn = Math.floor((2 * (start >> 1) * cells.length) / starts);
    const turned = [...cells.slice(turn), ...cells.slice(0, turn)];
    const met = depthFirst(start % 2 ? turned.reverse() : turned, hops);
    const place = (id: string): number => asked.get(id) ?? (met.get(id) as number);
    const found = smoothed(
      columns.map((column) => [...column].sort((a, b) => place(a) - place(b))),
      hops,
      (column) => column.some((id) => asked.has(id)),
    );
    if (!best || found.crossings < best.crossings) best = found;
  }
  return best?.columns ?? columns;
}

/** When each cell is met on a walk along the lines, beginning at the first of `cells` that is not met yet. */
function depthFirst(cells: readonly string[], hops: readonly Hop[]): ReadonlyMap<string, number> {
  const next = new Map<string, string[]>();
  const led = new Set<string>();
  for (const { from, to } of hops) {
    led.add(to);
    const ends = next.get(from);
    if (ends) ends.push(to);
    else next.set(from, [to]);
  }
  const met = new Map<string, number>();
  const waiting = cells.filter((id) => !led.has(id)).reverse();
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (met.has(id)) continue;
    met.set(id, met.size);
    waiting.push(...[...(next.get(id) ?? [])].reverse());
  }
  return met;
}
