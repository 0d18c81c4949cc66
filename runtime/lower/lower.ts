import { sizeOf } from "../../dsl/array.js";
import type { Shapes } from "../../dsl/infer.js";
import type { Layer, LayerName, Net, PortType } from "../../dsl/net.js";
import { streamOf } from "../../dsl/random.js";
import { inputPortsOf } from "../../dsl/wiring.js";
import type { ProgramBuilder } from "../builder.js";
import type { ValueId } from "../program.js";
import { lowerBody } from "./body.js";
import { lowerings } from "./layers.js";

/** What a net is lowered with. */
export interface LowerOptions {
  /** Every port's type by path, as `inferShapes` gives them. */
  readonly shapes: Shapes;
  readonly batch: number;
  readonly mode: "train" | "evaluate";
  /** int32 [3] for random arrays of so many numbers an example: (seed, step, index of the first number). */
  key(numbers: number): ValueId;
  /** The array of a parameter by its path, without a batch axis. */
  parameter(path: string): ValueId;
}

/** The values of a lowered net: its output ports, and everything inside by `path` and `path.port`. */
export interface Lowered {
  readonly outputs: Readonly<Record<string, ValueId>>;
  readonly interior: ReadonlyMap<string, ValueId>;
}

type Ports = Readonly<Record<string, ValueId>>;

/** Appends a net to a program: nested nets become one flat list of primitives, each with the path of its node. */
export function lower(b: ProgramBuilder, net: Net, inputs: Ports, options: LowerOptions): Lowered {
  const interior = new Map<string, ValueId>();
  const join = (path: string, name: string): string => (path ? `${path}.${name}` : name);

  function visit(at: Net, path: string, ports: Ports): Ports {
    const outputs = within(at, path, ports);
    for (const [port, id] of Object.entries(outputs)) interior.set(join(path, port), id);
    const [only, ...more] = Object.values(outputs);
    if (path && only !== undefined && more.length === 0) interior.set(path, only);
    return outputs;
  }

  function within(at: Net, path: string, ports: Ports): Ports {
    if (at.op === "chain") return visitChain(at.layers, path, ports);
    if (at.op === "graph") return visitGraph(at, path, ports);
    b.node = path;
    const types = options.shapes[path];
    const outputShape = sizes(types?.outputs.output);
    const shape = [options.batch, ...outputShape];
    if (at.op !== "fn") return { output: b.broadcast(lowerLayer(at, path, ports, outputShape), shape) };
    const aligned = Object.entries(ports).map(([name, id]) => {
      const own = b.shape(id);
      return [
        name,
        own.length === 1 ? b.reshape(id, [options.batch, ...outputShape.map(() => 1)]) : id,
      ] as const;
    });
    return { output: b.broadcast(lowerBody(b, at.body, Object.fromEntries(aligned)), shape) };
  }

  function visitChain(layers: readonly Net[], path: string, ports: Ports): Ports {
    let current = ports;
    layers.forEach((layer, i) => {
      const names = inputPortsOf(layer);
      // After the first member each receives the one output of the last.
      const given = i === 0 ? current : { [names[0] ?? "input"]: Object.values(current)[0] as ValueId };
      current = visit(layer, join(path, `${i}`), given);
    });
    return onlyPort(current);
  }
  /** A chain's output port is `output`, whatever its last member calls its own. */
  function onlyPort(ports: Ports): Ports {
    return { output: Object.values(ports)[0] as ValueId };
  }

  function visitGraph(graph: Extract<Net, { op: "graph" }>, path: string, ports: Ports): Ports {
    const own = Object.fromEntries(
      Object.entries(ports).map(([name, id]) => [
        name,
        graph.inputs[name]?.dtype === "real" ? b.real(id) : id,
      ]),
    );
    const done = new Map<string, Ports>();
    const read = (source: string): ValueId => {
      if (Object.hasOwn(own, source)) return own[source] as ValueId;
      const dot = source.indexOf(".");
      const name = dot < 0 ? source : source.slice(0, dot);
      const outputs = node(name);
      const port = dot < 0 ? (Object.keys(outputs)[0] as string) : source.slice(dot + 1);
      return outputs[port] ?? (interior.get(join(path, source)) as ValueId);
    };
    const node = (name: string): Ports => {
      const known = done.get(name);
      if (known) return known;
      const into = graph.edges[name] ?? {};
      const given = Object.fromEntries(Object.entries(into).map(([port, source]) => [port, read(source)]));
      const outputs = visit(graph.nodes[name] as Net, join(path, name), given);
      done.set(name, outputs);
      return outputs;
    };
    for (const name of Object.keys(graph.nodes)) node(name);
    return Object.fromEntries(Object.entries(graph.outputs).map(([port, source]) => [port, read(source)]));
  }

  const firstShared = sharedPaths(net);
  function lowerLayer(layer: Layer, path: string, ports: Ports, outputShape: readonly number[]): ValueId {
    const { batch, mode, key } = options;
    const stream = streamOf(path);
    const inputTypes = options.shapes[path]?.inputs ?? {};
    const owner = layer.shared === undefined ? path : (firstShared.get(layer.shared) ?? path);
    const order = inputPortsOf(layer);
    const names = order.length > 0 ? order.filter((name) => name in ports) : Object.keys(ports);
    return lowerings[layer.op](
      {
        b,
        batch,
        mode,
        options: layer.options,
        inputTypes,
        outputShape,
        parameter: (field) => options.parameter(join(owner, field)),
        random: (kind, shape) => b.random({ kind, stream }, key(sizeOf(shape)), [batch, ...shape]),
        randomInteger: (min, max) =>
          b.random({ kind: "integer", stream, min, max }, key(sizeOf(outputShape)), [batch, ...outputShape]),
      },
      ...names.map((name) => {
        const x = ports[name] as ValueId;
        return readsIntegers.has(layer.op) ? x : b.real(x);
      }),
    );
  }

  return { outputs: visit(net, "", inputs), interior };
}

/** The layers to which an integer is more than a real number. */
const readsIntegers: ReadonlySet<LayerName> = new Set([
  "reshape",
  "flatten",
  "embedding",
  "sinusoidalEmbedding",
  "crossEntropyLoss",
]);

/** The sizes of a port whose type is fully known. */
const sizes = (type: PortType | undefined): readonly number[] => (type?.shape ?? []) as readonly number[];

/** The first path, in the order of writing, of the layers that share a key. */
function sharedPaths(net: Net, path = "", found = new Map<string, string>()): Map<string, string> {
  const inner =
    net.op === "graph"
      ? Object.entries(net.nodes)
      : net.op === "chain"
        ? net.layers.map((l, i) => [`${i}`, l] as const)
        : [];
  for (const [name, child] of inner) sharedPaths(child, path ? `${path}.${name}` : name, found);
  if ("shared" in net && net.shared !== undefined && !found.has(net.shared)) found.set(net.shared, path);
  return found;
}
