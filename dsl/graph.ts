import type { GraphRule } from "./graph-carried.js";
import type { CheckEdges, CheckNodes, CheckOutputs } from "./graph-check.js";
import type { Net } from "./net.js";
import { type PortSpecs, portsOf } from "./ports.js";
import type { TypedGraph } from "./rule.js";
import { inputsOf } from "./wiring.js";

/** What may be written for the edges into a node: one name, a list in port order, a record by port. */
export type Wires = string | readonly string[] | Readonly<Record<string, string>>;

const isList = (wires: Wires): wires is readonly string[] => Array.isArray(wires);

/**
 * Inputs and nodes in one namespace, and the edges between them. `edges` is keyed by the receiving node; a source
 * is the name of an input or a node, or `"node.port"` for a second or an interior output. A single output takes
 * the last word of its source as its name, or the node's where that is `output`. Nodes without ports, such as
 * `randomNormal`, need no edges; the order of writing does not matter at run time.
 *
 *     graph({
 *       inputs: { x: [2], y: [3] },
 *       nodes: { both: concat(), out: linear(2) },
 *       edges: { both: ["x", "y"], out: "both" },
 *       outputs: "out",
 *     })
 *
 * What is wrong is a compile error where names and sizes are literal, and else a fault of `inferShapes`. A list for
 * a node whose ports are named, a graph or an fn, is checked for its names and length; its shapes at run time.
 * TypeScript cannot decide a size that is a type parameter: inside a generic function write `number`.
 */
export const graph = <
  const I extends PortSpecs,
  const N extends Readonly<Record<string, Net>>,
  const E extends Readonly<Record<string, Wires>>,
  const O extends Wires,
>(spec: {
  readonly inputs: I;
  readonly nodes: N;
  readonly edges: CheckEdges<I, N, E, O> & CheckNodes<N, E>;
  /** `null` makes nothing of the second member; it has TypeScript infer the names as literals. */
  readonly outputs: CheckOutputs<I, N, O> | (O & null);
}): TypedGraph<GraphRule<I, N, E, O>> => {
  const edges = spec.edges as Readonly<Record<string, Wires>>;
  return {
    op: "graph",
    inputs: portsOf(spec.inputs),
    nodes: { ...spec.nodes },
    edges: Object.fromEntries(
      Object.entries(edges).map(([name, wires]) => [name, byPort(spec.nodes[name], wires)]),
    ),
    outputs: byName(spec.outputs as Wires),
  };
};

/** Edges as a record by port; what lies beyond the ports is keyed by its position, and refused by the check. */
const byPort = (net: Net | undefined, wires: Wires): Readonly<Record<string, string>> => {
  if (typeof wires !== "string" && !isList(wires)) return { ...wires };
  const ports = net === undefined ? ["input"] : inputsOf(net);
  const list = typeof wires === "string" ? [wires] : wires;
  return Object.fromEntries(
    list.map((source, i) => [ports === "variadic" ? `${i}` : (ports[i] ?? `${i}`), source]),
  );
};

/** Outputs as a record by port: each is named after the last word that is not `output`. */
const byName = (outputs: Wires): Readonly<Record<string, string>> => {
  if (typeof outputs !== "string" && !isList(outputs)) return { ...outputs };
  const named = new Map<string, string>();
  for (const source of typeof outputs === "string" ? [outputs] : outputs) {
    const words = source.split(".");
    const name = (words.length > 1 && words.at(-1) === "output" ? words.at(-2) : words.at(-1)) ?? source;
    if (named.has(name))
      throw new TypeError(
        `graph takes outputs of different names but receives ${name} twice; write a record`,
      );
    named.set(name, source);
  }
  return Object.fromEntries(named);
};
