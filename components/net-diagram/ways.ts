/** Ways through the picture: what a node's lines lead to, across the frames of open nets, and where an arrow key goes. */
import { join } from "../../dsl/wiring.js";
import type { Layout, PlacedEdge, PlacedNode } from "./layout.js";

/** The edges into and out of a node, each followed through the frames that it passes. */
export function edgesAt(layout: Layout, id: string): readonly PlacedEdge[] {
  return [...follow(layout, id, "out"), ...follow(layout, id, "in")];
}

function follow({ nodes, edges }: Layout, id: string, way: "in" | "out"): PlacedEdge[] {
  const open = new Set(nodes.flatMap(({ node }) => (node.inside ? [node.id] : [])));
  const found: PlacedEdge[] = [];
  const waiting: { id: string; port: string | null }[] = [{ id, port: null }];
  for (let at = waiting.pop(); at; at = waiting.pop())
    for (const edge of edges) {
      const [near, far] = way === "out" ? ([edge.from, edge.to] as const) : ([edge.to, edge.from] as const);
      const [nearPort, farPort] = way === "out" ? [edge.fromPort, edge.toPort] : [edge.toPort, edge.fromPort];
      if (near !== at.id || (at.port !== null && nearPort !== at.port) || found.includes(edge)) continue;
      found.push(edge);
      // Into an open net through its port, or out of one.
      if (open.has(far))
        waiting.push({ id: `${way === "out" ? "<" : ">"}${join(far, farPort)}`, port: null });
      else if (/^[<>]./.test(far) && !nodes.some(({ node }) => node.id === far)) {
        const dot = far.lastIndexOf(".");
        waiting.push({ id: far.slice(1, dot), port: far.slice(dot + 1) });
      }
    }
  return found;
}

const directions = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
} as const;
export type Arrow = keyof typeof directions;
export const isArrow = (key: string): key is Arrow => Object.hasOwn(directions, key);

/** The node in the direction of an arrow key: one at the end of an edge if there is one that way, else the nearest. */
export function nodeTowards(layout: Layout, id: string, key: Arrow): string | null {
  const here = layout.nodes.find(({ node }) => node.id === id);
  if (!here) return null;
  const { x: dx, y: dy } = directions[key];
  const from = anchorOf(here);
  const linked = new Set(edgesAt(layout, id).flatMap(({ from, to }) => [from, to]));
  // From the head of an open net, first to what is in it.
  const inside = (path: string): boolean =>
    here.node.inside !== null && path.startsWith(`${here.node.path}.`);
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const other of layout.nodes) {
    if (other === here) continue;
    const to = anchorOf(other);
    const [ahead, aside] = [
      (to.x - from.x) * dx + (to.y - from.y) * dy,
      Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx),
    ];
    if (ahead <= 1) continue;
    const joined = inside(other.node.path) || (!here.node.inside && linked.has(other.node.id));
    if (!joined && aside > 2 * ahead) continue;
    const far = ahead + 2 * aside + (joined ? 0 : 2000);
    if (far < least) [best, least] = [other.node.id, far];
  }
  return best;
}

/** The middle of a node, or of an open net's head. */
const anchorOf = ({ node, x, y, width, height }: PlacedNode): { x: number; y: number } =>
  node.inside ? { x: x - width / 2 + 40, y: y - height / 2 + 18 } : { x, y };

/** The innermost open net around a node, itself if it is one. */
export function frameAround({ nodes }: Layout, id: string): string | null {
  const path = nodes.find(({ node }) => node.id === id)?.node.path ?? "";
  const around = nodes.filter(
    ({ node }) => node.inside && (path === node.path || path.startsWith(`${node.path}.`)),
  );
  return around.sort((a, b) => b.node.path.length - a.node.path.length)[0]?.node.id ?? null;
}
