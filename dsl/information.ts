import { sizeOf } from "./array.js";
import { argsOf } from "./expression.js";
import { checkNet, type Shapes } from "./infer.js";
import type { Net, PortType, Step } from "./net.js";
import { countOf } from "./shape.js";
import { slotsOf } from "./slots.js";
import { walk } from "./walk.js";

/** What there is to say about a net at a glance. */
export interface Information {
  readonly inputs: Readonly<Record<string, PortType>>;
  readonly outputs: Readonly<Record<string, PortType>>;
  /** How many numbers it learns; those of layers that share count once. */
  readonly parameters: {
    readonly total: number;
    /** Those that are not frozen. */
    readonly trainable: number;
    /** By path of the array. */
    readonly byPath: Readonly<Record<string, number>>;
    /** Paths of the layers whose arrays cannot be counted yet, since their input is not known. */
    readonly open: readonly string[];
  };
  /** Layers and traced functions, at every level. */
  readonly nodes: number;
  /** Levels of nets within nets: 0 for a layer, 1 for a chain of layers. */
  readonly depth: number;
  /**
   * Multiplications and additions of the forward pass for one example: 2·nIn·nOut for a product with a matrix, one
   * for each step of an expression and each element, one for each element of any other layer's input or output,
   * whichever is larger. Null where a size is not known.
   */
  readonly flops: number | null;
}

/** Counts and ports of a net. Sizes that nothing tells yet stay null; throws nothing. */
export function information(net: Net): Information {
  const { shapes } = checkNet(net);
  const { slots, open } = slotsOf(net);
  const count = (of: typeof slots): number => of.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const nodes = [...walk(net)];
  const leaves = nodes.filter(([, { op }]) => op !== "graph" && op !== "chain");
  return {
    inputs: shapes[""]?.inputs ?? {},
    outputs: shapes[""]?.outputs ?? {},
    parameters: {
      total: count(slots),
      trainable: count(slots.filter(({ trainable }) => trainable)),
      byPath: Object.fromEntries(slots.map(({ path, shape }) => [path, sizeOf(shape)])),
      open,
    },
    nodes: leaves.length,
    depth: Math.max(0, ...leaves.map(([path]) => (path === "" ? 0 : path.split(".").length))),
    flops: leaves
      .map(([path, leaf]) => flopsOf(leaf, shapes[path]))
      .reduce((sum, n) => (sum === null || n === null ? null : sum + n), 0),
  };
}

function flopsOf(leaf: Net, ports: Shapes[string] | undefined): number | null {
  if (!ports) return null;
  const inputs = Object.values(ports.inputs).map(({ shape }) => countOf(shape));
  const output = countOf(ports.outputs.output?.shape ?? null);
  if (output === null || inputs.includes(null)) return null;
  if (leaf.op === "linear") return 2 * (Object.values(ports.inputs)[0]?.shape?.at(-1) ?? 0) * output;
  const body =
    leaf.op === "fn" ? leaf.body : leaf.op === "thread" ? (leaf.options.body as readonly Step[]) : null;
  if (body) return output * body.filter((step) => step.op !== "lookup" && argsOf(step).length > 0).length;
  return Math.max(output, ...inputs.map((n) => n ?? 0));
}
