/** What is to be drawn, before anything has a size or a place: nodes, ports and edges, nested where a net is open. */
import type { Fn, Layer, Net, PortType, Repeat, UnaryOp } from "../../dsl/net.js";
import { type SymbolName, symbolName } from "../../dsl/symbol-name.js";
import { isRepeat, membersOf } from "../../dsl/walk.js";
import { join } from "../../dsl/wiring.js";
import { layerLook, threadBody } from "./kinds.js";

/** The ports of every node by path; the root's path is "". */
export type Shapes = Readonly<Record<string, NodePorts>>;
export interface NodePorts {
  readonly inputs: Readonly<Record<string, PortType>>;
  readonly outputs: Readonly<Record<string, PortType>>;
}

export type Kind = "layer" | "activation" | "norm" | "loss" | "random" | "function" | "io" | "net" | "port";

/** A name that is one letter, with its accent and index. */
export type Letter = Extract<SymbolName, { form: "letter" }>;

/** The letter that a name stands for (x₀, ε, ᾱ), or null where it is a word. */
export function symbolOf(name: string): Letter | null {
  const symbol = symbolName(name);
  return symbol.form === "letter" && [...symbol.base].length === 1 ? symbol : null;
}

/** A formula as MathML and as plain text. */
export interface Formula {
  readonly mathml: string;
  readonly text: string;
}

/** The little picture in a node. */
export type Glyph = "normal" | "uniform" | "bars" | "dot" | { readonly curve: UnaryOp | "softmax" };

export interface DrawnNode {
  /** Unique in the picture: the path, or for an output `>` and its path. */
  readonly id: string;
  readonly path: string;
  readonly kind: Kind;
  /** What a reader hears. */
  readonly label: string;
  readonly title: string;
  /** The title as a symbol, where it is one. */
  readonly symbol: Letter | null;
  /** The size, beneath or beside the title. */
  readonly detail: string;
  /** Outside the outline. */
  readonly caption: string;
  /** What it costs, in words; empty where that is not asked for. */
  readonly cost: string;
  readonly glyph: Glyph | null;
  readonly formula: Formula | null;
  readonly inputs: readonly string[];
  /** Its inputs have equal parts in it, so that the longest way into it is the main one. */
  readonly mixes: boolean;
  /** Output ports, each with the words for its shape. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Of an output port, how many numbers one example has. */
  readonly counts: Readonly<Record<string, number>>;
  /** The number of trained numbers in it. */
  readonly parameters: number;
  /** A nested net: how many nodes it holds. */
  readonly nodes: number;
  /** A nested net that is open. */
  readonly inside: Drawing | null;
}

export interface DrawnEdge {
  readonly from: string;
  readonly fromPort: string;
  readonly to: string;
  readonly toPort: string;
}

export interface Drawing {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
}

export interface DrawingOptions {
  readonly shapes: Shapes;
  /** The paths of the nested nets that are open. */
  readonly open: ReadonlySet<string>;
  /** Shapes of parameters by path. */
  readonly parameters: Readonly<Record<string, { readonly shape: readonly number[] }>>;
  /** The formula of a function, with the name before it where one is given. */
  readonly formula: (net: Pick<Fn, "body">, name: string | null) => Formula;
  /** Inputs that a data set is bound to. */
  readonly bound: ReadonlySet<string>;
}

/** A chain of more members than this is a nested net; a shorter one is drawn as the list that it is. */
export const longestInlineChain = 12;

/** Whether a net is drawn as one node that opens and closes. */
export const isNested = (net: Net): boolean =>
  net.op === "graph" || isRepeat(net) || (net.op === "chain" && net.layers.length > longestInlineChain);

/** The paths of all nested nets below the root, outermost first. */
export function nestedPaths(net: Net, path = ""): string[] {
  return membersOf(net).flatMap(([name, member]) => {
    const at = join(path, name);
    return [...(isNested(member) && !isUnwrapped(net, member) ? [at] : []), ...nestedPaths(member, at)];
  });
}

/** A graph or a chain that is repeated lies in the frame of what repeats it, without one of its own. */
const isUnwrapped = (net: Net, member: Net): boolean => isRepeat(net) && !isRepeat(member);

/** How many layers and functions a net holds. */
export const countNodes = (net: Net): number =>
  membersOf(net).length === 0 ? 1 : membersOf(net).reduce((n, [, member]) => n + countNodes(member), 0);

/** The port of a node, by id. */
interface End {
  readonly id: string;
  readonly port: string;
}
/** Where the edges into and out of a net are to be tied. */
interface Ends {
  readonly inputs: Readonly<Record<string, readonly End[]>>;
  readonly outputs: Readonly<Record<string, End>>;
}

/** The drawing of a whole net: its inputs and outputs are pills. */
export const drawingOf = (net: Net, options: DrawingOptions): Drawing =>
  within(net, "", { ...options, trained: parametersByPath(options.parameters) }, "io");

/** The options, with the counts of trained numbers by path. */
type Drawn = DrawingOptions & { readonly trained: ReadonlyMap<string, number> };

/** The nodes of a net with its own ports around them, as pills or as ports on a frame. */
function within(whole: Net, path: string, options: Drawn, rim: "io" | "port"): Drawing {
  const [net, at] = isRepeat(whole) ? [whole.net, join(path, "net")] : [whole, path];
  const nodes: DrawnNode[] = [];
  const edges: DrawnEdge[] = [];
  const { inputs, outputs } = rimOf(whole, path, options.shapes, rim);
  const rimNode = (id: string, name: string, type: PortType, side: "input" | "output"): DrawnNode => ({
    ...blank,
    id,
    path: join(path, name),
    kind: rim,
    label: `${side} ${name}, ${shapeWords(type)}`,
    title: name,
    symbol: symbolOf(name),
    glyph: side === "input" && path === "" && options.bound.has(name) ? "dot" : null,
    inputs: side === "output" ? ["input"] : [],
    outputs: side === "input" ? { output: shapeWords(type) } : {},
    counts: side === "input" ? { output: countOf(type) } : {},
  });

  const sources: Record<string, End> = {};
  for (const [name, type] of Object.entries(inputs)) {
    const id = `<${join(path, name)}`;
    nodes.push(rimNode(id, name, type, "input"));
    sources[name] = { id, port: "output" };
  }

  const add = (member: Net, at: string, name: string): Ends => {
    const ports = portsOf(options.shapes, at);
    if (member.op === "chain" && !isNested(member)) return chainEnds(member.layers, at, add, tie);
    nodes.push(nodeOf(member, at, name, options));
    const end = (port: string): End => ({ id: at, port });
    return {
      inputs: Object.fromEntries(Object.keys(ports.inputs).map((port) => [port, [end(port)]])),
      outputs: Object.fromEntries(Object.keys(ports.outputs).map((port) => [port, end(port)])),
    };
  };
  const tie = (source: End, targets: readonly End[]): void => {
    for (const { id, port } of targets)
      edges.push({ from: source.id, fromPort: source.port, to: id, toPort: port });
  };

  let results: Readonly<Record<string, End>>;
  if (net.op === "graph") {
    const ends: Record<string, Ends> = {};
    for (const [name, member] of Object.entries(net.nodes)) ends[name] = add(member, join(at, name), name);
    const resolve = (reference: string): End | undefined => {
      const dot = reference.indexOf(".");
      const head = dot < 0 ? reference : reference.slice(0, dot);
      const found = Object.hasOwn(ends, head) ? ends[head]?.outputs : undefined;
      if (!found) return Object.hasOwn(sources, head) ? sources[head] : undefined;
      return dot < 0 ? Object.values(found)[0] : found[reference.slice(dot + 1)];
    };
    for (const [name, wires] of Object.entries(net.edges))
      for (const [port, reference] of Object.entries(wires)) {
        const source = resolve(reference);
        if (source) tie(source, ends[name]?.inputs[port] ?? []);
      }
    results = Object.fromEntries(
      Object.entries(net.outputs).flatMap(([port, reference]) => {
        const source = resolve(reference);
        return source ? [[port, source]] : [];
      }),
    );
  } else {
    const all = net.op === "chain" ? chainEnds(net.layers, at, add, tie) : add(net, at, "");
    for (const [port, source] of Object.entries(sources)) tie(source, all.inputs[port] ?? []);
    results = all.outputs;
  }
  for (const [name, type] of Object.entries(outputs)) {
    const id = `>${join(path, name)}`;
    nodes.push(rimNode(id, name, type, "output"));
    const source = isRepeat(whole) ? Object.values(results)[0] : results[name];
    if (source) tie(source, [{ id, port: "input" }]);
  }
  return { nodes, edges };
}

/** The ports around a net; on the frame of a repeated net, those that its member has each time. */
function rimOf(net: Net, path: string, shapes: Shapes, rim: "io" | "port"): NodePorts {
  const ports = portsOf(shapes, path);
  if (!isRepeat(net) || rim === "io") return ports;
  const { inputs, outputs } = portsOf(shapes, join(path, "net"));
  const [output] = Object.values(outputs);
  return { inputs, outputs: output ? { output } : {} };
}

/** The members of a chain, tied one after the other. */
function chainEnds(
  layers: readonly Net[],
  path: string,
  add: (net: Net, at: string, name: string) => Ends,
  tie: (source: End, targets: readonly End[]) => void,
): Ends {
  const parts = layers.map((layer, i) => add(layer, join(path, String(i)), ""));
  parts.slice(1).forEach((part, i) => {
    const source = Object.values(parts[i]?.outputs ?? {})[0];
    if (source) for (const ends of Object.values(part.inputs)) tie(source, ends);
  });
  return { inputs: parts[0]?.inputs ?? {}, outputs: parts.at(-1)?.outputs ?? {} };
}

const blank = {
  label: "",
  title: "",
  symbol: null,
  detail: "",
  caption: "",
  cost: "",
  glyph: null,
  formula: null,
  mixes: false,
  parameters: 0,
  nodes: 0,
  inside: null,
} as const;

/** One node. `name` is "" for the members of a chain, which are known by what they are. */
function nodeOf(net: Net, path: string, name: string, options: Drawn): DrawnNode {
  const ports = portsOf(options.shapes, path);
  const common = {
    ...blank,
    id: path,
    path,
    inputs: Object.keys(ports.inputs),
    outputs: mapValues(ports.outputs, shapeWords),
    counts: mapValues(ports.outputs, countOf),
    parameters: options.trained.get(path) ?? 0,
  };
  const position = name === "" ? (path.split(".").at(-1) ?? "") : name;
  if (net.op === "graph" || net.op === "chain" || isRepeat(net)) {
    const open = options.open.has(path);
    const title = isRepeat(net) ? repeatTitle(net, name) : position;
    return {
      ...common,
      kind: "net",
      label: `${title}, ${open ? "open" : "closed"} net of ${countNodes(net)} nodes`,
      title,
      nodes: countNodes(net),
      inside: open ? within(net, path, options, "port") : null,
    };
  }
  const body = net.op === "fn" ? net.body : threadBody(net);
  if (body) {
    const symbol = symbolOf(name);
    const formula = options.formula({ body }, symbol ? name : null);
    return {
      ...common,
      kind: "function",
      mixes: true,
      label: `${position}, function ${formula.text}`,
      title: name === "" ? "fn" : name,
      symbol,
      formula,
      caption: symbol ? "" : name,
    };
  }
  return { ...common, ...layerLook(net as Layer, name, ports) };
}

/** `nest × 4`, `rows · map`. */
function repeatTitle(net: Repeat, name: string): string {
  const words = net.op === "nest" ? `nest × ${net.times}` : net.op;
  return name === "" || name === net.op ? words : `${name} · ${words}`;
}

/** Words for a port's type: `real` and `int` for scalars, `256` for a vector, `28×28×1` for more. */
export function shapeWords(type: PortType): string {
  if (type.shape === null) return "";
  const sizes = type.shape.map((size) => size ?? "?").join("×");
  if (type.dtype === "integer") return sizes === "" ? "int" : `${sizes} int`;
  return sizes === "" ? "real" : sizes;
}

const countOf = (type: PortType): number =>
  (type.shape ?? [0]).reduce<number>((n, size) => n * (size ?? 0), 1);

const portsOf = (shapes: Shapes, path: string): NodePorts =>
  Object.hasOwn(shapes, path) ? (shapes[path] as NodePorts) : { inputs: {}, outputs: {} };

const mapValues = <V, W>(record: Readonly<Record<string, V>>, f: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));

/** Counts of trained numbers by the path of each net that holds some. */
function parametersByPath(parameters: DrawingOptions["parameters"]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [path, { shape }] of Object.entries(parameters)) {
    const count = shape.reduce((n, size) => n * size, 1);
    for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
      const at = path.slice(0, dot);
      counts.set(at, (counts.get(at) ?? 0) + count);
    }
  }
  return counts;
}
