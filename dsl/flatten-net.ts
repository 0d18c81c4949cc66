import { checkNet } from "./infer.js";
import { NetError } from "./message.js";
import type { Graph, Net, PortType } from "./net.js";
import { membersOf } from "./walk.js";
import { inputsOf, join, orderOf, outputPortsOf } from "./wiring.js";

/** Where the outputs of an inlined net come from, and those of what is inside it. */
interface Inlined {
  readonly outputs: Readonly<Record<string, string>>;
  readonly inside: ReadonlyMap<string, Inlined>;
}

/**
 * The same function as one graph without nets inside, but for those that `map`, `nest` and `fold` repeat: the ports stay, each layer becomes a node named by its path
 * with "_" for the dots (`model.model.1` → `model_model_1`, and one more "_" where that name is taken), with its
 * arrays. What is drawn at random follows the path, so nested random layers draw other numbers.
 * Throws a NetError where the net is faulty, such as one whose first layer takes any number of inputs.
 */
export function flattenNet(net: Net): Graph {
  const inputs = declared(net);
  const nodes: Record<string, Net> = {};
  const edges: Record<string, Record<string, string>> = {};

  const inline = (at: Net, path: string, wired: Readonly<Record<string, string>>): Inlined => {
    if (at.op === "graph") return inlineGraph(at, path, wired);
    if (at.op === "chain") return inlineChain(at, path, wired);
    let name = path.replaceAll(".", "_") || at.op;
    while (Object.hasOwn(nodes, name) || Object.hasOwn(inputs, name)) name += "_";
    nodes[name] = at;
    if (Object.keys(wired).length > 0) edges[name] = { ...wired };
    return { outputs: { output: name }, inside: new Map() };
  };

  const inlineChain = (at: Net, path: string, wired: Readonly<Record<string, string>>): Inlined => {
    const inside = new Map<string, Inlined>();
    let source = "";
    for (const [key, member] of membersOf(at)) {
      const ports = inputsOf(member);
      const port = ports === "variadic" ? "0" : (ports[0] ?? "input");
      const inlined = inline(member, join(path, key), key === "0" ? wired : { [port]: source });
      inside.set(key, inlined);
      source = only(inlined);
    }
    return { outputs: { output: source }, inside };
  };

  const inlineGraph = (at: Graph, path: string, wired: Readonly<Record<string, string>>): Inlined => {
    const inside = new Map<string, Inlined>();
    const read = (source: string): string =>
      Object.hasOwn(at.inputs, source) ? (wired[source] as string) : sourceOf(at, inside, source.split("."));
    const { order } = orderOf(at);
    for (const name of order) {
      const wires = Object.entries(at.edges[name] ?? {}).map(
        ([port, source]) => [port, read(source)] as const,
      );
      inside.set(name, inline(at.nodes[name] as Net, join(path, name), Object.fromEntries(wires)));
    }
    const outputs = Object.entries(at.outputs).map(([port, source]) => [port, read(source)] as const);
    return { outputs: Object.fromEntries(outputs), inside };
  };

  const { outputs } = inline(net, "", Object.fromEntries(Object.keys(inputs).map((name) => [name, name])));
  return { op: "graph", inputs, nodes, edges, outputs };
}

const only = ({ outputs }: Inlined): string => Object.values(outputs)[0] as string;

/** What `node`, `node.port` or `node.inner` reads: an output port where there is one of that name, else what is inside. */
function sourceOf(
  net: Net,
  inside: ReadonlyMap<string, Inlined>,
  [head = "", ...rest]: readonly string[],
): string {
  const inlined = inside.get(head) as Inlined;
  const [port = "", ...more] = rest;
  if (rest.length === 0) return only(inlined);
  const member = new Map(membersOf(net)).get(head) as Net;
  if (more.length === 0 && outputPortsOf(member).includes(port)) return inlined.outputs[port] as string;
  return sourceOf(member, inlined.inside, rest);
}

/** The input ports, with the sizes that the wiring tells, once the net is known to be sound. */
function declared(net: Net): Readonly<Record<string, PortType>> {
  const { shapes, faults } = checkNet(net);
  const wrong = faults.filter(({ open }) => !open);
  if (wrong.length > 0) throw new NetError(wrong);
  return shapes[""]?.inputs ?? {};
}
