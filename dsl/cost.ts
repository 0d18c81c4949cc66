/** What the forward pass of one example costs, node by node. */
import { sizeOf } from "./array.js";
import { argsOf } from "./expression.js";
import type { Shapes } from "./infer.js";
import { layers as table } from "./layers/index.js";
import type { Fn, Layer, Net, PortType, Step } from "./net.js";
import { countOf } from "./shape.js";
import { isLayer, membersOf } from "./walk.js";
import { join } from "./wiring.js";

export interface Cost {
  /** Multiplications and additions. */
  readonly flops: number;
  /** Bytes that its layers read and write: their inputs, arrays and outputs, four for each number. */
  readonly bytes: number;
}

type Ports = NonNullable<Shapes[string]>;

/**
 * The cost of every node by path, `""` the whole; null where a size is not known. A net costs what its members do, a
 * repeated one so many times.
 */
export function costsOf(net: Net, shapes: Shapes): Readonly<Record<string, Cost | null>> {
  const costs: Record<string, Cost | null> = {};
  const visit = (at: Net, path: string): Cost | null => {
    const members = membersOf(at).map(([key, member]) => visit(member, join(path, key)));
    const ports = shapes[path];
    const own = isLayer(at) || at.op === "fn" ? (ports ? leafCost(at, ports) : null) : total(members);
    const times = timesOf(at, ports);
    costs[path] =
      own === null || times === null ? null : { flops: times * own.flops, bytes: times * own.bytes };
    return costs[path];
  };
  visit(net, "");
  return costs;
}

const total = (costs: readonly (Cost | null)[]): Cost | null =>
  costs.reduce(
    (sum, cost) => sum && cost && { flops: sum.flops + cost.flops, bytes: sum.bytes + cost.bytes },
    { flops: 0, bytes: 0 },
  );

/** How often the member of a net runs. */
function timesOf(net: Net, ports: Ports | undefined): number | null {
  if (net.op === "nest") return net.times;
  if (net.op !== "map" && net.op !== "fold") return 1;
  return ports?.inputs.input?.shape?.[0] ?? null;
}

/** Positions: what an array of channels has besides its last axis. */
const positions = (shape: readonly number[] | undefined): number => sizeOf((shape ?? []).slice(0, -1));

/** For each number of its output, for layers whose formula is the same for each: the steps of the formula. */
const steps: { readonly [op in Layer["op"]]?: number } = {
  softmax: 5,
  layerNorm: 7,
  groupNorm: 7,
  batchNorm: 4,
  rmsNorm: 5,
};

function leafCost(leaf: Layer | Fn, ports: Ports): Cost | null {
  const inputs = Object.values(ports.inputs);
  const { output } = ports.outputs;
  const sizes = [...inputs, output].map((port) => countOf(port?.shape ?? null));
  if (!sizes.every((size) => size !== null)) return null;
  const out = sizes.at(-1) as number;
  const arrays = leaf.op === "fn" ? [] : arraysOf(leaf, inputs);
  const numbers = [...sizes, ...arrays.map(sizeOf)].reduce((n, size) => n + size, 0);
  const shapes = [...inputs, output].map((port) => (port?.shape ?? []) as readonly number[]);
  return { flops: flopsOf(leaf, shapes, sizes, out, arrays), bytes: 4 * numbers };
}

function flopsOf(
  leaf: Layer | Fn,
  shapes: readonly (readonly number[])[],
  sizes: readonly number[],
  out: number,
  arrays: readonly (readonly number[])[],
): number {
  const products = arrays.filter((shape) => shape.length > 1).reduce((n, shape) => n + sizeOf(shape), 0);
  const [input = [], context] = shapes;
  switch (leaf.op) {
    case "fn":
      return out * stepsOf(leaf.body);
    case "thread":
      return out * stepsOf(leaf.options.body as readonly Step[]);
    case "linear":
    case "conv2d":
    case "depthwiseConv2d":
      return 2 * products * positions(shapes.at(-1));
    case "conv2dTranspose":
      return 2 * products * positions(input);
    case "attention": {
      const keys = positions(leaf.options.cross ? context : input);
      return 2 * products * positions(input) + 4 * out * keys;
    }
    case "averagePool":
    case "maxPool":
      return out * sizeOf(leaf.options.size as readonly number[]);
    default:
      return leaf.op in steps ? out * (steps[leaf.op] ?? 1) : Math.max(...sizes);
  }
}

const stepsOf = (body: readonly Step[]): number =>
  body.filter((step) => step.op !== "lookup" && argsOf(step).length > 0).length;

/** The shapes of a layer's arrays. */
function arraysOf({ op, options }: Layer, inputs: readonly PortType[]): readonly (readonly number[])[] {
  const definition = table[op];
  const parsed = definition.options.safeParse(options);
  if (!definition.parameters || !parsed.success) return [];
  return Object.values(definition.parameters(parsed.data, inputs)).map(({ shape }) => shape);
}
