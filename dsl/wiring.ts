/** How a net hangs together: the names of its ports, and the order in which data visits the nodes of a graph. */
import { layers } from "./layers/index.js";
import type { Graph, Net } from "./net.js";

/** The names of the input ports in their order; `"variadic"` where they are as many as are wired, "0", "1", …. */
export const inputsOf = (net: Net): readonly string[] | "variadic" => {
  if (net.op === "graph" || net.op === "fn") return Object.keys(net.inputs);
  if (net.op === "chain") return net.layers[0] === undefined ? [] : inputsOf(net.layers[0]);
  if (net.op === "map" || net.op === "nest") return inputsOf(net.net);
  if (net.op === "fold") return ["state", "input"];
  return Object.hasOwn(layers, net.op) ? layers[net.op].ports(net.options) : [];
};

/** The names of the declared input ports in their order; none for layers that take any number. */
export const inputPortsOf = (net: Net): readonly string[] => {
  const ports = inputsOf(net);
  return ports === "variadic" ? [] : ports;
};

/** The names of the output ports in their order; everything but a graph has the one port `output`. */
export const outputPortsOf = (net: Net): readonly string[] =>
  net.op === "graph" ? Object.keys(net.outputs) : ["output"];

/** `model.1` of `model` and 1; the net itself has the path "". */
export const join = (path: string, name: string | number): string =>
  path === "" ? `${name}` : `${path}.${name}`;

/** The name before the first dot: the input or node that `"name"` or `"node.port"` reads. */
export const headOf = (source: string): string => {
  const dot = source.indexOf(".");
  return dot < 0 ? source : source.slice(0, dot);
};

/** The names of a graph's nodes, each after those that it reads, and the cycles; from the outputs backwards. */
export const orderOf = (
  graph: Graph,
): { readonly order: readonly string[]; readonly cycles: readonly (readonly string[])[] } => {
  const order: string[] = [];
  const cycles: string[][] = [];
  const state = new Map<string, "open" | "done">();
  const sourcesOf = (name: string): string[] =>
    Object.values(Object.hasOwn(graph.edges, name) ? (graph.edges[name] ?? {}) : {})
      .map(headOf)
      .filter((head) => Object.hasOwn(graph.nodes, head));
  const starts = [...Object.values(graph.outputs).map(headOf), ...Object.keys(graph.nodes)];
  for (const start of starts) {
    if (state.has(start) || !Object.hasOwn(graph.nodes, start)) continue;
    const stack = [{ name: start, sources: sourcesOf(start) }];
    state.set(start, "open");
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.sources.shift();
      if (next === undefined) {
        state.set(top.name, "done");
        order.push(top.name);
        stack.pop();
      } else if (state.get(next) === "open") {
        const names = stack.map((s) => s.name);
        cycles.push([next, ...names.slice(names.indexOf(next)).reverse()]);
      } else if (!state.has(next)) {
        state.set(next, "open");
        stack.push({ name: next, sources: sourcesOf(next) });
      }
    }
  }
  return { order, cycles };
};
