/**
 * Shapes by inference. A walk along the data turns the net into relations between slots, and so goes forwards
 * once; where sizes are still unknown they are then sought both ways (`propagate`).
 */
import { declaredPorts } from "./declared-ports.js";
import { reals } from "./layers/definition.js";
import { type Fault, hint, missing, NetError, noNode, noSource, superfluous, takes } from "./message.js";
import type { Chain, Fn, Graph, Layer, Net, PortType, Repeat } from "./net.js";
import { type Cell, newSlot, propagate, type Slot } from "./propagate.js";
import { fnRelation, layerRelation, type Relation } from "./relation.js";
import { mostTimes } from "./repeat.js";
import { elementOf, endOf, sequenceOf, stateOf } from "./repeat-relations.js";
import { fits, isKnown, merge, show } from "./shape.js";
import { isRepeat, memberOf } from "./walk.js";
import { inputsOf, join, orderOf, outputPortsOf } from "./wiring.js";

/** What the ports of each node carry, by path: "" is the net itself, then "model", "model.model.1", …. */
export type Shapes = Readonly<
  Record<
    string,
    {
      readonly inputs: Readonly<Record<string, PortType>>;
      readonly outputs: Readonly<Record<string, PortType>>;
    }
  >
>;

/** The slots at the ports of a node; `undefined` stands for a value that is at fault. */
type Ports = Readonly<Record<string, Slot | undefined>>;

/**
 * The port types of every node by path, all sizes known. `given` are those of the net's own input ports, where
 * the net leaves them open. Throws one `NetError` that lists every fault with its path.
 */
export const inferShapes = (net: Net, given: Readonly<Record<string, PortType>> = {}): Shapes => {
  const { shapes, faults } = checkNet(net, given);
  if (faults.length > 0) throw new NetError(faults);
  return shapes;
};

/** As `inferShapes`, with the faults as a list; where there are any, `shapes` holds what is known. */
export const checkNet = (
  net: Net,
  given: Readonly<Record<string, PortType>> = {},
): { readonly shapes: Shapes; readonly faults: readonly Fault[] } => new Inference().run(net, given);

const MAX_DEPTH = 200;

class Inference {
  readonly #faults: Fault[] = [];
  readonly #told = new Set<string>();
  readonly #cells: Cell[] = [];
  /** How often the net that is being visited is nested. */
  #times = 1;
  readonly #nodes = new Map<string, { readonly inputs: Ports; readonly outputs: Ports }>();

  run(net: Net, given: Readonly<Record<string, PortType>>): { shapes: Shapes; faults: readonly Fault[] } {
    const declared = declaredPorts(net);
    const names = new Set([...Object.keys(declared), ...Object.keys(given)]);
    const inputs = Object.fromEntries(
      [...names].map((name) => [name, newSlot(own(given, name) ?? own(declared, name) ?? reals(null))]),
    );
    this.#visit(net, "", inputs);
    for (const { path, message } of propagate(this.#cells)) this.#fault(path, message);
    if (this.#faults.length === 0) this.#unknowns(inputs);
    const types = (ports: Ports): Record<string, PortType> =>
      Object.fromEntries(
        Object.entries(ports).map(([name, slot]) => [name, slot?.type ?? reals(null)] as const),
      );
    const shapes = [...this.#nodes].map(
      ([path, { inputs, outputs }]) => [path, { inputs: types(inputs), outputs: types(outputs) }] as const,
    );
    return { shapes: Object.fromEntries(shapes), faults: this.#faults };
  }

  // ---- the walk: nets to cells and slots -----------------------------------------------------------------------

  #visit(net: Net, path: string, wired: Ports): Ports {
    const inputs = this.#portsInOrder(net, path, wired);
    if (inputs === undefined) return {};
    if (path.split(".").length > MAX_DEPTH) return this.#fault(path, `nets nest at most ${MAX_DEPTH} deep`);
    const entry =
      net.op === "graph"
        ? this.#graph(net, path, inputs)
        : { inputs, outputs: this.#output(net, path, inputs) };
    this.#nodes.set(path, entry);
    return entry.outputs;
  }

  /** The output of a net that is no graph. */
  #output(net: Exclude<Net, Graph>, path: string, inputs: Ports): Ports {
    if (net.op === "chain") return this.#chain(net, path, inputs);
    return isRepeat(net) ? this.#repeat(net, path, inputs) : this.#leaf(net, path, inputs);
  }

  /** The wired slots in the order of the ports, or nothing where a port is missing or superfluous. */
  #portsInOrder(net: Net, path: string, wired: Ports): Ports | undefined {
    const ports = inputsOf(net);
    const count = Math.max(1, Object.keys(wired).length);
    const names = ports === "variadic" ? Array.from({ length: count }, (_, i) => `${i}`) : ports;
    const extra = Object.keys(wired).filter((name) => !names.includes(name));
    const absent = names.filter((name) => !Object.hasOwn(wired, name));
    for (const name of extra) this.#fault(path, `${superfluous(name)}${this.#hint(name, absent)}`);
    for (const name of absent) this.#fault(path, missing(name));
    if (extra.length + absent.length > 0) return undefined;
    return Object.fromEntries(names.map((name) => [name, wired[name]]));
  }

  #leaf(net: Layer | Fn, path: string, ports: Ports): Ports {
    const relation = net.op === "fn" ? fnRelation(net) : layerRelation(net);
    if (typeof relation === "string") return this.#fault(path, relation);
    const slots = Object.values(ports);
    if (!slots.every((slot) => slot !== undefined)) return {};
    return { output: this.#relate({ path, inputs: slots, ...relation }) };
  }

  /** A new cell and its output, as far as it is known forwards; nothing where the inputs do not fit. */
  #relate(cell: Omit<Cell, "output">): Slot | undefined {
    const type = cell.forward(cell.inputs.map((slot) => slot.type));
    if (typeof type === "string") {
      this.#fault(cell.path, type);
      return undefined;
    }
    if (type.shape?.some((d) => d !== null && !Number.isSafeInteger(d))) {
      this.#fault(cell.path, `${cell.who} gives ${show(type)}, which is too large`);
      return undefined;
    }
    const whole: Cell = { ...cell, output: newSlot(type) };
    for (const slot of [...whole.inputs, whole.output]) slot.cells.push(whole);
    this.#cells.push(whole);
    return whole.output;
  }

  #chain(chain: Chain, path: string, inputs: Ports): Ports {
    if (chain.layers.length === 0)
      return this.#fault(path, "a chain takes at least one layer but receives none");
    let wired = inputs;
    let last: Slot | undefined;
    chain.layers.forEach((layer, i) => {
      if (i > 0) {
        const ports = inputsOf(layer);
        wired = { [ports === "variadic" ? "0" : (ports[0] ?? "input")]: last };
      }
      const outputs = this.#visit(layer, join(path, i), wired);
      last = this.#only(layer, outputs, path, `${i}`);
    });
    return { output: last };
  }

  /** The member of a repeated net is visited once, for all the times that it is used. */
  #repeat(net: Repeat, path: string, inputs: Ports): Ports {
    const { op } = net;
    const relate = (relation: Relation, ...slots: readonly (Slot | undefined)[]): Slot | undefined =>
      slots.every((slot) => slot !== undefined)
        ? this.#relate({ path, inputs: slots, ...relation })
        : undefined;
    const names = Object.keys(inputs);
    const declared = inputsOf(net.net);
    const ports = declared === "variadic" ? ["0"] : declared;
    if (op === "nest" && names.length !== 1)
      return this.#fault(path, takes(op, "a net of one input", `one of ${names.length}`));
    if (op === "fold" && [...ports].sort().join() !== "input,state")
      return this.#fault(path, takes(op, "a net of the ports state and input", `one of ${ports.join(", ")}`));
    const within = Object.entries(inputs).map(([name, slot]) => {
      const state = op === "nest" || (op === "fold" && name === "state");
      return [name, relate(state ? stateOf(op) : elementOf(op), slot)] as const;
    });
    const around = this.#times;
    const times = op === "nest" ? around * net.times : around;
    if (times > mostTimes)
      return this.#fault(path, takes(op, `at most ${mostTimes} times in all`, `${times}`));
    this.#times = times;
    const outputs = this.#visit(net.net, join(path, "net"), Object.fromEntries(within));
    this.#times = around;
    const result = this.#only(net.net, outputs, path, "net");
    if (op === "map") return { output: relate(sequenceOf(op), result, ...Object.values(inputs)) };
    const [, state] = op === "nest" ? (within[0] ?? []) : ["", Object.fromEntries(within).state];
    const end = relate(endOf(op), state, result);
    return { output: op === "fold" && net.all ? relate(sequenceOf(op), end, inputs.input) : end };
  }

  /** The one output of a node; a fault where there are several. */
  #only(net: Net, outputs: Ports, path: string, name: string): Slot | undefined {
    const ports = outputPortsOf(net);
    if (ports.length === 1) return outputs[ports[0] ?? ""];
    this.#fault(path, `${name} has the outputs ${ports.join(", ")}; one of them must be named`);
    return undefined;
  }

  #graph(graph: Graph, path: string, outer: Ports): { inputs: Ports; outputs: Ports } {
    const names = [...Object.keys(graph.inputs), ...Object.keys(graph.nodes)];
    for (const name of names)
      if (name === "" || name.includes(".")) this.#fault(path, `the name "${name}" is empty or has a dot`);
    for (const name of Object.keys(graph.inputs))
      if (Object.hasOwn(graph.nodes, name))
        this.#fault(path, `the name ${name} is of an input and of a node`);
    for (const name of Object.keys(graph.edges))
      if (!Object.hasOwn(graph.nodes, name))
        this.#fault(join(path, name), `${noNode}${this.#hint(name, Object.keys(graph.nodes))}`);

    const inputs = Object.fromEntries(
      Object.entries(graph.inputs).map(([name, declared]) => [
        name,
        this.#input(path, name, declared, outer[name]),
      ]),
    );
    const { order, cycles } = orderOf(graph);
    for (const cycle of cycles) this.#fault(path, `cycle: ${cycle.join(" -> ")}`);

    const read = (source: string, at: string, to: string): Slot | undefined => {
      if (Object.hasOwn(inputs, source)) return inputs[source];
      const found = this.#source(graph, path, source);
      if (found !== undefined) return found.slot;
      this.#fault(at, `${noSource(to, source)}${this.#hint(source, names)}`);
      return undefined;
    };
    for (const name of order) {
      const at = join(path, name);
      const wired = Object.entries(own(graph.edges, name) ?? {}).map(
        ([port, source]) => [port, read(source, at, `port ${port}`)] as const,
      );
      const node = own(graph.nodes, name);
      if (node) this.#visit(node, at, Object.fromEntries(wired));
    }
    const outputs = Object.entries(graph.outputs).map(
      ([port, source]) => [port, read(source, path, `output ${port}`)] as const,
    );
    return { inputs, outputs: Object.fromEntries(outputs) };
  }

  /** A graph's input as its nodes see it: as declared, with the sizes that come from outside. */
  #input(path: string, name: string, declared: PortType, slot: Slot | undefined): Slot | undefined {
    const wrong = declared.shape?.find((d) => d !== null && !(Number.isSafeInteger(d) && d > 0));
    if (wrong !== undefined) {
      this.#fault(path, takes(`port ${name}`, "sizes of at least 1", `${wrong}`));
      return undefined;
    }
    if (slot === undefined) return undefined;
    return this.#relate({
      path,
      who: `port ${name}`,
      inputs: [slot],
      forward: ([got = declared]) =>
        fits(got, declared)
          ? { ...declared, shape: merge(got.shape, declared.shape) ?? null }
          : takes(`port ${name}`, show(declared), show(got)),
      backward: (_, output) => [output],
    });
  }

  /** What `"node"`, `"node.port"` or `"node.inner"` reads; nothing where there is no such node. */
  #source(graph: Graph, path: string, source: string): { readonly slot: Slot | undefined } | undefined {
    let net: Net = graph;
    let at = path;
    const words = source.split(".");
    for (const [i, word] of words.entries()) {
      // What is inside a repeated net is there many times, and cannot be read.
      if (isRepeat(net) && word !== "output") return undefined;
      if (i > 0 && i === words.length - 1 && outputPortsOf(net).includes(word))
        return { slot: this.#nodes.get(at)?.outputs[word] };
      const inner = memberOf(net, word);
      if (inner === undefined) return undefined;
      net = inner;
      at = join(at, word);
    }
    const outputs = this.#nodes.get(at)?.outputs ?? {};
    return { slot: this.#only(net, outputs, path, source) };
  }

  // ---- what is told ---------------------------------------------------------------------------------------------

  /** Faults for what stays unknown, where it begins. */
  #unknowns(inputs: Ports): void {
    for (const [name, slot] of Object.entries(inputs))
      if (slot && !isKnown(slot.type.shape)) this.#faults.push(stays("", `port ${name}`, slot.type));
    for (const { path, who, inputs, output } of this.#cells)
      if (!isKnown(output.type.shape) && inputs.every((slot) => isKnown(slot.type.shape)))
        this.#faults.push(stays(path, who, output.type));
  }

  #fault(path: string, message: string): Ports {
    const key = `${path}: ${message}`;
    if (!this.#told.has(key)) this.#faults.push({ path, message });
    this.#told.add(key);
    return {};
  }

  /** The nearest name, for the first faults only: a net with thousands of them would take minutes to compare. */
  #hint(name: string, names: readonly string[]): string {
    return this.#faults.length < 20 ? hint(name, names) : "";
  }
}

const stays = (path: string, who: string, type: PortType): Fault => ({
  path,
  message: `${who} stays ${show(type)}: nothing tells its size`,
  open: true,
});

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
