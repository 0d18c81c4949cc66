import type { Net } from "./net.js";
import { type PortSpecs, portsOf } from "./ports.js";
import type { AnyRule, TypedGraph } from "./rule.js";
import { inputsOf } from "./wiring.js";

/** What may be written for the edges into a node: one name, a list in port order, a record by port. */
export type Wires = string | readonly string[] | Readonly<Record<string, string>>;

const isList = (wires: Wires): wires is readonly string[] => Array.isArray(wires);

export const graph = (spec: {
  readonly inputs: PortSpecs;
  readonly nodes: Readonly<Record<string, Net>>;
  readonly edges: Readonly<Record<string, Wires>>;
  readonly outputs: Wires;
}): TypedGraph<AnyRule> => ({
  op: "graph",
  inputs: portsOf(spec.inputs),
  nodes: { ...spec.nodes },
  edges: Object.fromEntries(
    Object.entries(spec.edges).map(([name, wires]) => [name, byPort(spec.nodes[name], wires)]),
  ),
  outputs: byName(spec.outputs),
});

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
