/** What nodes cost, written beside them. */
import type { Drawing, DrawnNode } from "./drawing.js";

/** Of one node, as `information(net).byNode` and `profile(net, …).byNode` give it; null for what is not known. */
export interface NodeCost {
  readonly flops: number | null;
  readonly milliseconds?: number | null;
}
export type Costs = Readonly<Record<string, NodeCost>>;

/** The drawing with the costs in words: beside the nodes the time, or where none is measured the operations. */
export const withCosts = (drawing: Drawing, costs: Costs): Drawing => ({
  ...drawing,
  nodes: drawing.nodes.map((node): DrawnNode => {
    const inside = node.inside && withCosts(node.inside, costs);
    const cost = node.kind === "io" || node.kind === "port" ? [] : costWords(costAt(costs, node.path));
    const beside = inside ? [] : cost.slice(0, 1);
    const caption = [node.caption, ...beside].filter((word) => word !== "").join(" · ");
    return { ...node, cost: cost.join(", "), caption, inside };
  }),
});

/** The cost of a path; where it has none of its own, the sum of what is within it. */
function costAt(costs: Costs, path: string): NodeCost | null {
  if (Object.hasOwn(costs, path)) return costs[path] ?? null;
  const within = Object.entries(costs).filter(([other]) => other.startsWith(`${path}.`));
  if (within.length === 0) return null;
  const sum = (numbers: readonly (number | null | undefined)[]): number | null =>
    numbers.reduce<number | null>((a, b) => (a === null || b === null || b === undefined ? null : a + b), 0);
  return {
    flops: sum(within.map(([, { flops }]) => flops)),
    milliseconds: sum(within.map(([, { milliseconds }]) => milliseconds)),
  };
}

/** `0.31 ms`, `14.5 Mflop`: what is known of a cost, the time first. */
export function costWords(cost: NodeCost | null): readonly string[] {
  const words: string[] = [];
  if (typeof cost?.milliseconds === "number") words.push(`${Number(cost.milliseconds.toPrecision(2))} ms`);
  if (typeof cost?.flops === "number") words.push(flopWords(cost.flops));
  return words;
}

const prefixes = ["", "k", "M", "G", "T"];
function flopWords(flops: number): string {
  const power = flops < 1 ? 0 : Math.min(prefixes.length - 1, Math.floor(Math.log10(flops) / 3));
  return `${Number((flops / 1000 ** power).toPrecision(3))} ${prefixes[power]}flop`;
}
