import { hint, NetError } from "./message.js";
import type { Graph, Net } from "./net.js";
import { isRepeat, mapMembers, memberOf, netAt, splitPath } from "./walk.js";
import { join, outputPortsOf } from "./wiring.js";

/**
 * The net with the node or the input at a path under another name; every edge and output that reads it, here and
 * outside, follows, and so does the port of a nested graph whose input it is. Output ports keep their names.
 * What is drawn at random follows the path, so a renamed random layer draws other numbers.
 * Throws a NetError where there is nothing at the path, and where the name is taken, empty, or has a dot.
 */
export function rename(net: Net, path: string, name: string): Net {
  const keys = splitPath(path);
  const old = keys.at(-1) ?? "";
  const where = keys.slice(0, -1).join(".");
  const parent = netAt(net, where);
  const fail = (message: string): never => {
    throw new NetError([{ path: where, message }]);
  };
  if (parent.op !== "graph") return fail(`rename takes a node or an input of a graph but receives ${path}`);
  const names = [...Object.keys(parent.inputs), ...Object.keys(parent.nodes)];
  if (!names.includes(old)) fail(`there is no input or node ${old}${hint(old, names)}`);
  if (name === "" || name.includes(".")) fail(`the name "${name}" is empty or has a dot`);
  if (name === old) return net;
  if (names.includes(name)) fail(`the name ${name} is taken`);
  return renamed(net, keys, old, name).net;
}

/** `port`: the net's own input port of the old name has changed with it. */
interface Renamed {
  readonly net: Net;
  readonly port: boolean;
}

function renamed(net: Net, keys: readonly string[], old: string, name: string): Renamed {
  const [key = "", ...rest] = keys;
  if (rest.length === 0) return inGraph(net as Graph, old, name);
  const inner = renamed(memberOf(net, key) as Net, rest, old, name);
  const outer = mapMembers(net, (member, k) => (k === key ? inner.net : member));
  if (outer.op === "fold" && inner.port)
    throw new NetError([{ path: "", message: `the ports of a fold's net are state and input, not ${name}` }]);
  if (outer.op !== "graph") return { net: outer, port: inner.port && (key === "0" || isRepeat(outer)) };
  const parent = netAt(memberOf(net, key) as Net, rest.slice(0, -1).join("."));
  const isPort = outputPortsOf(parent).includes(old);
  const node = keys.join(".");
  const follow = (source: string): string => {
    if (inner.port || (source === node && isPort)) return source;
    const tail = source === node ? "" : source.startsWith(`${node}.`) ? source.slice(node.length) : null;
    return tail === null ? source : join(keys.slice(0, -1).join("."), name) + tail;
  };
  const graph = withSources(outer, follow);
  if (!inner.port) return { net: graph, port: false };
  const edges = mapEntries(graph.edges, (at, wires) => [
    at,
    at === key ? mapEntries(wires, (port, source) => [port === old ? name : port, source]) : wires,
  ]);
  return { net: { ...graph, edges }, port: false };
}

function inGraph(graph: Graph, old: string, name: string): Renamed {
  const swap = (at: string): string => (at === old ? name : at);
  const follow = (source: string): string => {
    const [head = "", ...rest] = source.split(".");
    return [swap(head), ...rest].join(".");
  };
  const { edges, ...rest } = withSources(graph, follow);
  const net: Graph = {
    ...rest,
    inputs: mapEntries(graph.inputs, (at, port) => [swap(at), port]),
    nodes: mapEntries(graph.nodes, (at, node) => [swap(at), node]),
    edges: mapEntries(edges, (at, wires) => [swap(at), wires]),
  };
  return { net, port: Object.hasOwn(graph.inputs, old) };
}

const withSources = (graph: Graph, follow: (source: string) => string): Graph => ({
  ...graph,
  edges: mapEntries(graph.edges, (at, wires) => [
    at,
    mapEntries(wires, (port, source) => [port, follow(source)]),
  ]),
  outputs: mapEntries(graph.outputs, (port, source) => [port, follow(source)]),
});

const mapEntries = <T, U>(
  record: Readonly<Record<string, T>>,
  f: (key: string, value: T) => readonly [string, U],
): Record<string, U> => Object.fromEntries(Object.entries(record).map(([key, value]) => f(key, value)));
