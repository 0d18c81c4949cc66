import { sizeOf } from "./array.js";
import { costsOf } from "./cost.js";
import { checkNet } from "./infer.js";
import type { Net, PortType } from "./net.js";
import { slotsOf } from "./slots.js";
import { isLayer, walk } from "./walk.js";

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
   * Multiplications and additions of the forward pass for one example: two for each product with a number of a
   * matrix or a filter, one for each step of an expression or a normalization and each element, one for each element
   * of any other layer's input or output, whichever is larger. Null where a size is not known.
   */
  readonly flops: number | null;
  /** Bytes that the layers read and write for one example: inputs, arrays and outputs. Null where a size is not known. */
  readonly bytes: number | null;
  /** Parameters, FLOPs and bytes of each node by path, at every level; a net's are those of what is in it. */
  readonly byNode: Readonly<Record<string, NodeInformation>>;
}

/** What there is to say about one node. */
export interface NodeInformation {
  /** How many numbers it learns; an array that layers share counts with the first of them. */
  readonly parameters: number;
  readonly flops: number | null;
  readonly bytes: number | null;
}

/** Counts and ports of a net. Sizes that nothing tells yet stay null; throws nothing. */
export function information(net: Net): Information {
  const { shapes } = checkNet(net);
  const { slots, open } = slotsOf(net);
  const count = (of: typeof slots): number => of.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const nodes = [...walk(net)];
  const leaves = nodes.filter(([, member]) => isLayer(member) || member.op === "fn");
  const costs = costsOf(net, shapes);
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
    flops: costs[""]?.flops ?? null,
    bytes: costs[""]?.bytes ?? null,
    byNode: Object.fromEntries(
      nodes.map(([path]) => {
        const inside = slots.filter((slot) => path === "" || slot.path.startsWith(`${path}.`));
        const { flops = null, bytes = null } = costs[path] ?? {};
        return [path, { parameters: count(inside), flops, bytes }];
      }),
    ),
  };
}
