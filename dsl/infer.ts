/**
 * Shapes by inference: forwards along the edges, then both ways until nothing more becomes known. Each layer
 * and traced function is a relation between the slots of its ports; an edge is one slot seen from two ends.
 */
import { elementwiseShape } from "./fn.js";
import type { LayerDefinition } from "./layers/definition.js";
import { alike, reals } from "./layers/definition.js";
import { layers } from "./layers/index.js";
import { type Fault, hint, missing, NetError, noNode, noSource, superfluous, takes } from "./message.js";
import type { Chain, Fn, Graph, Layer, Net, PortType, Shape } from "./net.js";
import { fits, isKnown, merge, show } from "./shape.js";
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

/** One value on its way: what is known of it. `undefined` in place of a slot stands for a value that is at fault. */
interface Slot {
  type: PortType;
  readonly cells: Cell[];
}
type Ports = Readonly<Record<string, Slot | undefined>>;

/** A relation between slots. */
interface Cell {
  readonly path: string;
  readonly who: string;
  readonly inputs: readonly Slot[];
  readonly output: Slot;
  forward(inputs: readonly PortType[]): PortType | string;
  backward?(inputs: readonly PortType[], output: Shape | null): readonly (Shape | null)[];
}

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
  readonly #cells: Cell[] = [];
  readonly #nodes = new Map<string, { readonly inputs: Ports; readonly outputs: Ports }>();

  run(net: Net, given: Readonly<Record<string, PortType>>): { shapes: Shapes; faults: readonly Fault[] } {
    const declared = declaredPorts(net);
    const names = new Set([...Object.keys(declared), ...Object.keys(given)]);
    const inputs = Object.fromEntries(
      [...names].map((name) => [name, newSlot(own(given, name) ?? own(declared, name) ?? reals(null))]),
    );
    this.#visit(net, "", inputs);
    this.#settle();
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
        : {
            inputs,
            outputs: net.op === "chain" ? this.#chain(net, path, inputs) : this.#leaf(net, path, inputs),
          };
    this.#nodes.set(path, entry);
    return entry.outputs;
  }

  /** The wired slots in the order of the ports, or nothing where a port is missing or superfluous. */
  #portsInOrder(net: Net, path: string, wired: Ports): Ports | undefined {
    const ports = inputsOf(net);
    const count = Math.max(1, Object.keys(wired).length);
    const names = ports === "variadic" ? Array.from({ length: count }, (_, i) => `${i}`) : ports;
    const extra = Object.keys(wired).filter((name) => !names.includes(name));
    const absent = names.filter((name) => !Object.hasOwn(wired, name));
    for (const name of extra) this.#fault(path, `${superfluous(name)}${hint(name, absent)}`);
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
        this.#fault(join(path, name), `${noNode}${hint(name, Object.keys(graph.nodes))}`);

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
      this.#fault(at, `${noSource(to, source)}${hint(source, names)}`);
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
      if (i > 0 && i === words.length - 1 && outputPortsOf(net).includes(word))
        return { slot: this.#nodes.get(at)?.outputs[word] };
      const inner: Net | undefined =
        net.op === "graph"
          ? own(net.nodes, word)
          : net.op === "chain" && /^\d+$/.test(word)
            ? net.layers[Number(word)]
            : undefined;
      if (inner === undefined) return undefined;
      net = inner;
      at = join(at, word);
    }
    const outputs = this.#nodes.get(at)?.outputs ?? {};
    return { slot: this.#only(net, outputs, path, source) };
  }

  // ---- sizes both ways, to a fixpoint ----------------------------------------------------------------------------

  #settle(): void {
    const queue = new Set(this.#cells.filter((cell) => !known(cell)));
    for (const cell of queue) {
      queue.delete(cell);
      const types = cell.inputs.map((slot) => slot.type);
      const type = cell.forward(types);
      if (typeof type === "string") {
        this.#fault(cell.path, type);
        continue;
      }
      if (!this.#refine(cell.output, type.shape, queue)) {
        this.#fault(cell.path, `${cell.who} gives ${show(type)} where ${show(cell.output.type)} is wanted`);
        continue;
      }
      const shapes = cell.backward?.(types, cell.output.type.shape) ?? [];
      shapes.forEach((shape, i) => {
        const slot = cell.inputs[i];
        if (slot && !this.#refine(slot, shape, queue))
          this.#fault(cell.path, takes(cell.who, show(shape), show(slot.type)));
      });
    }
  }

  /** Adds what is known to a slot, and wakes the cells around it where that is news. False where it contradicts. */
  #refine(slot: Slot, shape: Shape | null, queue: Set<Cell>): boolean {
    const merged = merge(slot.type.shape, shape);
    if (merged === undefined) return false;
    if (show(merged) !== show(slot.type.shape)) {
      slot.type = { ...slot.type, shape: merged };
      for (const cell of slot.cells) queue.add(cell);
    }
    return true;
  }

  /** Faults for what stays unknown, where it begins. */
  #unknowns(inputs: Ports): void {
    for (const [name, slot] of Object.entries(inputs))
      if (slot && !isKnown(slot.type.shape)) this.#faults.push(stays("", `port ${name}`, slot.type));
    for (const { path, who, inputs, output } of this.#cells)
      if (!isKnown(output.type.shape) && inputs.every((slot) => isKnown(slot.type.shape)))
        this.#faults.push(stays(path, who, output.type));
  }

  #fault(path: string, message: string): Ports {
    if (!this.#faults.some((fault) => fault.path === path && fault.message === message))
      this.#faults.push({ path, message });
    return {};
  }
}

const stays = (path: string, who: string, type: PortType): Fault => ({
  path,
  message: `${who} stays ${show(type)}: nothing tells its size`,
  open: true,
});

const newSlot = (type: PortType): Slot => ({ type, cells: [] });

const known = (cell: Cell): boolean =>
  isKnown(cell.output.type.shape) && cell.inputs.every((slot) => isKnown(slot.type.shape));

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** The input ports of a net as they are declared; what is not declared is real, of any shape. */
const declaredPorts = (net: Net): Readonly<Record<string, PortType>> => {
  if (net.op === "graph" || net.op === "fn") return net.inputs;
  const [first] = net.op === "chain" ? net.layers : [];
  if (first) return declaredPorts(first);
  const ports = inputsOf(net);
  return ports === "variadic" ? {} : Object.fromEntries(ports.map((name) => [name, reals(null)]));
};

type Relation = Pick<Cell, "who" | "forward" | "backward">;

const layerRelation = ({ op, options }: Layer): Relation | string => {
  if (!Object.hasOwn(layers, op)) return `there is no layer ${op}${hint(op, Object.keys(layers))}`;
  const definition: LayerDefinition = layers[op];
  const parsed = definition.options.safeParse(options);
  if (!parsed.success)
    return parsed.error.issues.map((i) => `${op}: ${[...i.path, i.message].join(": ")}`).join("; ");
  return {
    who: op,
    forward: (inputs) => definition.forward(parsed.data, inputs),
    ...(definition.backward && {
      backward: (inputs, output) => definition.backward?.(parsed.data, inputs, output) ?? [],
    }),
  };
};

/** Elementwise: ports of one shape, the output's, and single numbers. */
const fnRelation = (fn: Fn): Relation => {
  const names = Object.keys(fn.inputs);
  const declared = Object.values(fn.inputs);
  /** The declared ports with what is known of the values that they receive. */
  const received = (inputs: readonly PortType[]): PortType[] =>
    declared.map((port, i) => ({ ...port, shape: merge(port.shape, inputs[i]?.shape ?? null) ?? null }));
  return {
    who: "fn",
    forward: (inputs) => {
      for (const [i, want] of declared.entries()) {
        const got = inputs[i] ?? want;
        if (!fits(got, want)) return takes(`port ${names[i]}`, show(want), show(got));
      }
      const ports = received(inputs);
      const shape = elementwiseShape(
        Object.fromEntries(names.map((name, i) => [name, ports[i] ?? reals(null)])),
      );
      return typeof shape === "string" ? shape : reals(shape);
    },
    backward: (inputs, output) => {
      const ports = received(inputs);
      const arrays = ports.filter(({ shape }) => shape !== null && shape.length > 0);
      const common = alike("", [...arrays, ...(output?.length === 0 ? [] : [reals(output)])]);
      return ports.map(({ shape }) =>
        typeof common === "string" || shape === null || shape.length === 0 ? shape : common.shape,
      );
    },
  };
};
