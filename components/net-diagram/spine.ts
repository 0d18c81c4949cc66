/** What is drawn as one straight line: each node's main input, and the way of main inputs back from the result. */
import type { DrawnEdge, DrawnNode } from "./drawing.js";
import type { Layered } from "./layers.js";

export const group = <T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const found = groups.get(key(item));
    if (found) found.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
};

/**
 * The main edge into each node: an array before a number, data before noise; where the inputs have equal parts
 * (sums, functions) the longest way, else the first port.
 */
export function mainEdges(
  nodes: readonly DrawnNode[],
  edges: readonly DrawnEdge[],
  { columns }: Layered,
): ReadonlyMap<string, DrawnEdge> {
  const column = new Map(columns.flatMap((ids, c) => ids.map((id) => [id, c] as const)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const into = group(edges, ({ to }) => to);
  return new Map(
    [...into].map(([id, arriving]) => {
      const node = byId.get(id) as DrawnNode;
      const rank = (edge: DrawnEdge): readonly number[] => {
        const source = byId.get(edge.from) as DrawnNode;
        return [
          (source.counts[edge.fromPort] ?? 1) === 1 ? 0 : 1,
          source.kind === "random" ? 0 : 1,
          node.mixes ? (column.get(edge.from) ?? 0) : 0,
          -node.inputs.indexOf(edge.toPort),
        ];
      };
      return [id, arriving.reduce((best, edge) => (later(rank(best), rank(edge)) ? edge : best))];
    }),
  );
}

const later = (a: readonly number[], b: readonly number[]): boolean => {
  const i = a.findIndex((x, k) => x !== b[k]);
  return i >= 0 && (b[i] as number) > (a[i] as number);
};

/** The main edges from the first result back to where it comes from. */
export function spineOf(
  nodes: readonly DrawnNode[],
  main: ReadonlyMap<string, DrawnEdge>,
  { columns }: Layered,
): ReadonlySet<DrawnEdge> {
  const result = nodes.find(({ id, outputs }) => Object.keys(outputs).length === 0 && main.has(id));
  const spine = new Set<DrawnEdge>();
  let id = result?.id ?? columns.at(-1)?.[0] ?? "";
  for (let edge = main.get(id); edge; edge = main.get(id)) {
    spine.add(edge);
    id = edge.from;
  }
  return spine;
}
