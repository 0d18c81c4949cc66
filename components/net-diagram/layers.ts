/** Which column a node stands in, and in which order: dagre's ranks and order, with one bundle of lines a port. */
import { Graph, layout } from "@dagrejs/dagre";

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
      // dagre has ranked the vertices; it orders our bundles of lines in place of its single ones, and its
      // positions, which know no ports, are not computed.
      customOrder: (graph, order) => {
        const { columns, hops, routes } = bundle(vertices, arcs, (id) => graph.node(id).rank as number);
        const constraints = before.map(([left, right]) => ({ left, right }));
        const sorted = ordered(columns, hops, before, (proper, quick) =>
          order(proper, { constraints, disableOptimalOrderHeuristic: quick }),
        );
        found = { columns: sorted, hops, routes };
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
  for (const { from, to } of arcs) graph.setEdge(from, to, {});
  return graph;
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

/** How many starts are tried on the way to an order without crossings; at first only dagre's depth-first order of each. */
const quickStarts = 4;
const startsFor = (cells: number): number => (cells <= 40 ? 8 : cells <= 120 ? 3 : 1);

/** Every column in the order that crosses fewest lines: dagre's, from several starts while nets are small. */
function ordered(
  columns: readonly (readonly string[])[],
  hops: readonly Hop[],
  before: readonly (readonly [string, string])[],
  order: (graph: Graph, quick: boolean) => void,
): readonly (readonly string[])[] {
  const cells = columns.flatMap((column, rank) => column.map((id) => ({ id, rank })));
  let best: readonly (readonly string[])[] = columns;
  let fewest = Number.POSITIVE_INFINITY;
  const starts = startsFor(cells.length);
  for (let i = 0; i < quickStarts + starts && fewest > 0; i++) {
    const quick = i < quickStarts;
    const [start, of] = quick ? [i, quickStarts] : [i - quickStarts, starts];
    const graph = new Graph<object, { rank: number; order?: number }, { weight: number }>();
    graph.setGraph({});
    const turn = Math.floor((2 * (start >> 1) * cells.length) / of);
    const turned = [...cells.slice(turn), ...cells.slice(0, turn)];
    for (const { id, rank } of start % 2 ? turned.reverse() : turned) graph.setNode(id, { rank });
    for (const { from, to } of hops) graph.setEdge(from, to, { weight: 1 });
    order(graph as Graph, quick);
    const place = (id: string): number => graph.node(id).order as number;
    const found = columns.map((column) => [...column].sort((a, b) => place(a) - place(b)));
    const wrong = before.filter(([a, b]) => place(a) > place(b)).length;
    const count = crossings(found, hops) + 1000 * wrong;
    if (count < fewest) [best, fewest] = [found, count];
  }
  return best;
}

/** How many pairs of hops cross. */
export function crossings(columns: readonly (readonly string[])[], hops: readonly Hop[]): number {
  const place = new Map(columns.flatMap((column, rank) => column.map((id, i) => [id, { rank, i }] as const)));
  const gaps: { readonly from: number; readonly to: number }[][] = columns.map(() => []);
  for (const { from, to } of hops) {
    const at = place.get(from);
    if (at) gaps[at.rank]?.push({ from: at.i, to: place.get(to)?.i ?? 0 });
  }
  let count = 0;
  for (const gap of gaps) {
    gap.sort((a, b) => a.from - b.from || a.to - b.to);
    for (const [i, { from, to }] of gap.entries())
      for (let j = i - 1; j >= 0; j--) {
        const other = gap[j];
        if (other && other.from < from && other.to > to) count++;
      }
  }
  return count;
}
