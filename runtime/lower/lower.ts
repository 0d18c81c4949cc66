import { sizeOf } from "../../dsl/array.js";
import type { Shapes } from "../../dsl/infer.js";
import type { Layer, LayerName, Net, PortType, Repeat } from "../../dsl/net.js";
import { streamOf } from "../../dsl/random.js";
import { layersOf } from "../../dsl/walk.js";
import { inputPortsOf, join } from "../../dsl/wiring.js";
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
  /** Notes that after the step the statistic at that path becomes `next` of what it is then. */
  update(path: string, next: (old: ValueId) => ValueId): void;
}

/** Where in the repetition of nets a member is lowered. */
interface Scope {
  /** How many there are of each example: a member of `map` sees every element of a sequence as an example. */
  readonly copies: number;
  /** Which time it is used; its random layers draw anew each time. */
  readonly turn: string;
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
  const once: Scope = { copies: 1, turn: "" };

  function visit(at: Net, path: string, ports: Ports, scope: Scope): Ports {
    const outputs = within(at, path, ports, scope);
    // Of what is used many times, no one value is the value.
    if (scope !== once) return outputs;
    for (const [port, id] of Object.entries(outputs)) interior.set(join(path, port), id);
    const [only, ...more] = Object.values(outputs);
    if (path && only !== undefined && more.length === 0) interior.set(path, only);
    return outputs;
  }

  function within(at: Net, path: string, ports: Ports, scope: Scope): Ports {
    if (at.op === "chain") return visitChain(at.layers, path, ports, scope);
    if (at.op === "graph") return visitGraph(at, path, ports, scope);
    if (at.op === "map" || at.op === "nest" || at.op === "fold")
      return { output: visitRepeat(at, path, ports, scope) };
    b.node = path;
    const types = options.shapes[path];
    const outputShape = sizes(types?.outputs.output);
    const batch = options.batch * scope.copies;
    const shape = [batch, ...outputShape];
    if (at.op !== "fn")
      return { output: b.broadcast(lowerLayer(at, path, ports, outputShape, scope), shape) };
    const aligned = Object.entries(ports).map(([name, id]) => {
      const own = b.shape(id);
      return [name, own.length === 1 ? b.reshape(id, [batch, ...outputShape.map(() => 1)]) : id] as const;
    });
    const result = b.broadcast(b.real(lowerBody(b, at.body, Object.fromEntries(aligned))), shape);
    return { output: at.output ? b.integer(result, at.output.min, at.output.max) : result };
  }

  /** `map` sees its elements as examples; `nest` and `fold` are written out, turn by turn. */
  function visitRepeat(net: Repeat, path: string, ports: Ports, scope: Scope): ValueId {
    const member = (given: Ports, inner: Scope): ValueId =>
      Object.values(visit(net.net, join(path, "net"), given, inner))[0] as ValueId;
    const turn = (i: number): Scope => ({ ...scope, turn: `${scope.turn}#${i}` });
    const batch = options.batch * scope.copies;
    const [first = -1] = Object.values(ports);
    if (net.op === "nest") {
      const [name = "input"] = Object.keys(ports);
      let state = first;
      for (let i = 0; i < net.times; i++) state = member({ [name]: state }, turn(i));
      return state;
    }
    const sequence = net.op === "fold" ? (ports.input as ValueId) : first;
    const n = b.shape(sequence)[1] as number;
    if (net.op === "map") {
      const elements = Object.entries(ports).map(([name, id]) => [
        name,
        b.reshape(id, [batch * n, ...b.shape(id).slice(2)]),
      ]);
      const result = member(Object.fromEntries(elements), { ...scope, copies: scope.copies * n });
      return b.reshape(result, [batch, n, ...b.shape(result).slice(1)]);
    }
    const [, , ...rest] = b.shape(sequence);
    const states: ValueId[] = [];
    for (let i = 0; i < n; i++) {
      b.node = path;
      const element = b.slice(sequence, [0, i, ...rest.map(() => 0)], [batch, 1, ...rest]);
      const state = states.at(-1) ?? (ports.state as ValueId);
      states.push(member({ state, input: b.reshape(element, [batch, ...rest]) }, turn(i)));
    }
    b.node = path;
    const last = states.at(-1) as ValueId;
    if (!net.all) return last;
    const rows = states.map((id) => b.reshape(id, [batch, 1, ...b.shape(last).slice(1)]));
    return b.concat(rows, 1);
  }

  function visitChain(layers: readonly Net[], path: string, ports: Ports, scope: Scope): Ports {
    let current = ports;
    layers.forEach((layer, i) => {
      const names = inputPortsOf(layer);
      // After the first member each receives the one output of the last.
      const given = i === 0 ? current : { [names[0] ?? "input"]: Object.values(current)[0] as ValueId };
      current = visit(layer, join(path, i), given, scope);
    });
    return onlyPort(current);
  }
  /** A chain's output port is `output`, whatever its last member calls its own. */
  function onlyPort(ports: Ports): Ports {
    return { output: Object.values(ports)[0] as ValueId };
  }

  function visitGraph(graph: Extract<Net, { op: "graph" }>, path: string, ports: Ports, scope: Scope): Ports {
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
      const outputs = visit(graph.nodes[name] as Net, join(path, name), given, scope);
      done.set(name, outputs);
      return outputs;
    };
    for (const name of Object.keys(graph.nodes)) node(name);
    return Object.fromEntries(Object.entries(graph.outputs).map(([port, source]) => [port, read(source)]));
  }

  const firstShared = sharedPaths(net);
  function lowerLayer(
    layer: Layer,
    path: string,
    ports: Ports,
    outputShape: readonly number[],
    { copies, turn }: Scope,
  ): ValueId {
    const { mode, key } = options;
    const batch = options.batch * copies;
    const stream = streamOf(path + turn);
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
        frozen: layer.frozen === true,
        inputTypes,
        outputShape,
        parameter: (field) => options.parameter(join(owner, field)),
        update: (field, next) => options.update(join(owner, field), next),
        random: (kind, shape) => b.random({ kind, stream }, key(copies * sizeOf(shape)), [batch, ...shape]),
        randomInteger: (min, max) =>
          b.random({ kind: "integer", stream, min, max }, key(copies * sizeOf(outputShape)), [
            batch,
            ...outputShape,
          ]),
      },
      ...names.map((name) => {
        const x = ports[name] as ValueId;
        return readsIntegers.has(layer.op) ? x : b.real(x);
      }),
    );
  }

  return { outputs: visit(net, "", inputs, once), interior };
}

/** The layers to which an integer is more than a real number. */
const readsIntegers: ReadonlySet<LayerName> = new Set([
  "reshape",
  "flatten",
  "transpose",
  "part",
  "slice",
  "embedding",
  "sinusoidalEmbedding",
  "crossEntropyLoss",
]);

/** The sizes of a port whose type is fully known. */
const sizes = (type: PortType | undefined): readonly number[] => (type?.shape ?? []) as readonly number[];

/** The first path, in the order of writing, of the layers that share a key. */
function sharedPaths(net: Net): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [path, { shared }] of layersOf(net))
    if (shared !== undefined && !found.has(shared)) found.set(shared, path);
  return found;
}
