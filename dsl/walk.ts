/**
 * The tree of a net: graphs and chains hold members, by node name or by position from 0, and repeated nets one of
 * the name "net"; layers and functions are its leaves. A path joins the keys by dots; the net itself has the path "".
 */
import { hint, NetError } from "./message.js";
import type { Layer, Net, Repeat } from "./net.js";
import { join } from "./wiring.js";

export const splitPath = (path: string): readonly string[] => (path === "" ? [] : path.split("."));

/** The members of a net, by key, in order; none for a leaf. */
export const membersOf = (net: Net): readonly (readonly [string, Net])[] => {
  if (net.op === "graph") return Object.entries(net.nodes);
  if (isRepeat(net)) return [["net", net.net]];
  return net.op === "chain" ? net.layers.map((layer, i) => [String(i), layer] as const) : [];
};

export const memberOf = (net: Net, key: string): Net | undefined => {
  if (net.op === "graph") return Object.hasOwn(net.nodes, key) ? net.nodes[key] : undefined;
  if (isRepeat(net)) return key === "net" ? net.net : undefined;
  return net.op === "chain" && /^(0|[1-9]\d*)$/.test(key) ? net.layers[Number(key)] : undefined;
};

/** The same net with `f` of each member; itself where nothing changes. */
export const mapMembers = (net: Net, f: (member: Net, key: string) => Net): Net => {
  const members = membersOf(net);
  const mapped = members.map(([key, member]) => [key, f(member, key)] as const);
  if (mapped.every(([, member], i) => member === members[i]?.[1])) return net;
  if (net.op === "graph") return { ...net, nodes: Object.fromEntries(mapped) };
  if (isRepeat(net)) return { ...net, net: mapped[0]?.[1] ?? net.net };
  return net.op === "chain" ? { ...net, layers: mapped.map(([, member]) => member) } : net;
};

export const isRepeat = (net: Net): net is Repeat =>
  net.op === "map" || net.op === "nest" || net.op === "fold";

export const isLayer = (net: Net): net is Layer =>
  net.op !== "graph" && net.op !== "chain" && net.op !== "fn" && !isRepeat(net);

/** Every net inside, with its path: outer before inner, in order; the net itself comes first. */
export function* walk(net: Net, path = ""): Generator<readonly [string, Net]> {
  yield [path, net];
  for (const [key, member] of membersOf(net)) yield* walk(member, join(path, key));
}

/** The layers, with their paths. */
export const layersOf = (net: Net): readonly (readonly [string, Layer])[] =>
  [...walk(net)].filter((entry): entry is readonly [string, Layer] => isLayer(entry[1]));

/** The net with each layer replaced by `f` of it; what does not change stays the same object. */
export const mapLayers = (net: Net, f: (layer: Layer, path: string) => Layer, path = ""): Net =>
  isLayer(net) ? f(net, path) : mapMembers(net, (member, key) => mapLayers(member, f, join(path, key)));

/** The net at a path. Throws a NetError that offers the nearest name where there is none. */
export function netAt(net: Net, path: string): Net {
  let found = net;
  let where = "";
  for (const key of splitPath(path)) {
    const member = memberOf(found, key);
    if (member === undefined) throw new NetError([{ path: where, message: noMember(found, key) }]);
    found = member;
    where = join(where, key);
  }
  return found;
}

const noMember = (net: Net, key: string): string => {
  const keys = membersOf(net).map(([k]) => k);
  if (net.op === "graph") return `there is no node ${key}${hint(key, keys)}`;
  if (net.op === "chain") return `there is no layer ${key}; the positions are 0 to ${keys.length - 1}`;
  if (isRepeat(net)) return `there is no node ${key} in a ${net.op}; it has net`;
  return `there is no node ${key}, since ${net.op} has no nodes inside`;
};

/** The net with what is at a path replaced by `f` of it. */
export function changeAt(net: Net, path: string, f: (at: Net) => Net): Net {
  netAt(net, path);
  const change = (at: Net, [key, ...rest]: readonly string[]): Net =>
    key === undefined ? f(at) : mapMembers(at, (member, k) => (k === key ? change(member, rest) : member));
  return change(net, splitPath(path));
}
