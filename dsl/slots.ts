/** The places of a net where arrays are: which layers have each, its shape, and what is there now. */
import type { NDArray } from "./array.js";
import { checkNet } from "./infer.js";
import type { Init } from "./layers/definition.js";
import { layers as table } from "./layers/index.js";
import { type Fault, takes } from "./message.js";
import type { Layer, Net, PortType } from "./net.js";
import { isKnown, show } from "./shape.js";
import { layersOf } from "./walk.js";
import { join } from "./wiring.js";

/** One array of a net, with the layers that have it, the first of which gives it its path. */
export interface Slot {
  readonly path: string;
  readonly field: string;
  readonly layers: readonly string[];
  readonly shape: readonly number[];
  /** Unknown where the layer's input is; the shape is then that of the array that is there. */
  readonly init: Init | undefined;
  readonly array: NDArray | undefined;
  /** Whether one of the layers is frozen. */
  readonly frozen: boolean;
  /** Whether it is gathered in training, not trained. */
  readonly statistic: boolean;
  /** Neither of both. */
  readonly trainable: boolean;
  /** The key of the layers that share it. */
  readonly shared: string | undefined;
}

export interface Slots {
  readonly slots: readonly Slot[];
  /** Fields that a layer has not, and shapes that differ from what the layer, or those it shares with, takes. */
  readonly faults: readonly Fault[];
  /** The layers that have no arrays yet, and whose input is not known. */
  readonly open: readonly string[];
}

export function slotsOf(net: Net, given: Readonly<Record<string, PortType>> = {}): Slots {
  const { shapes } = checkNet(net, given);
  const groups = new Map<string, [string, Layer][]>();
  for (const [path, layer] of layersOf(net)) {
    const key = layer.shared === undefined ? `path ${path}` : `shared ${layer.shared}`;
    const group = groups.get(key);
    if (group) group.push([path, layer]);
    else groups.set(key, [[path, layer]]);
  }
  const slots: Slot[] = [];
  const faults: Fault[] = [];
  const open: string[] = [];
  for (const members of groups.values()) {
    const fields = members.map(([path, layer]) => fieldsOf(layer, shapes[path]?.inputs));
    const known = fields.filter((f) => f !== null);
    const own = known.find((f) => Object.values(f).every(({ init }) => init)) ?? known[0];
    if (own === undefined) open.push(...members.map(([path]) => path));
    else slots.push(...groupSlots(members, own));
    members.forEach(([path, layer], i) => {
      faults.push(...layerFaults(path, layer, fields[i] ?? own ?? {}, own ?? {}));
    });
  }
  return { slots, faults, open };
}

type Fields = Readonly<
  Record<
    string,
    { readonly shape: readonly number[]; readonly init: Init | undefined; readonly statistic?: boolean }
  >
>;

/** A layer's arrays by field, from its inputs; else those that it holds; null where neither is known. */
function fieldsOf(layer: Layer, inputs: Readonly<Record<string, PortType>> | undefined): Fields | null {
  const definition = Object.hasOwn(table, layer.op) ? table[layer.op] : undefined;
  const options = definition?.options.safeParse(layer.options);
  if (!definition?.parameters || !options?.success) return {};
  const ports = inputs && Object.values(inputs);
  if (ports?.every(({ shape }) => isKnown(shape))) return definition.parameters(options.data, ports);
  if (!layer.arrays) return null;
  const kinds = definition.parameters(options.data, []);
  const held = Object.entries(layer.arrays).map(([field, { shape }]) => {
    const statistic = Object.hasOwn(kinds, field) && kinds[field]?.statistic === true;
    return [field, { shape, init: undefined, statistic }] as const;
  });
  return Object.fromEntries(held);
}

/** The slots of layers that share, or of one alone. */
function groupSlots(members: readonly (readonly [string, Layer])[], own: Fields): Slot[] {
  const layers = members.map(([path]) => path);
  const frozen = members.some(([, layer]) => layer.frozen === true);
  return Object.entries(own).map(([field, { shape, init, statistic = false }]) => ({
    path: join(layers[0] ?? "", field),
    field,
    layers,
    shape,
    init,
    array: members.map(([, { arrays }]) => arrays?.[field]).find((array) => array !== undefined),
    frozen,
    statistic,
    trainable: !frozen && !statistic,
    shared: members[0]?.[1].shared,
  }));
}

/** `wanted` by the layer itself; `own` by the first of those that it shares with. */
function layerFaults(path: string, { arrays = {}, shared }: Layer, wanted: Fields, own: Fields): Fault[] {
  const faults: Fault[] = [];
  for (const field of new Set([...Object.keys(wanted), ...(shared === undefined ? [] : Object.keys(own))])) {
    const [mine, others] = [wanted[field]?.shape, own[field]?.shape];
    if (!mine || !others || show(mine) !== show(others)) {
      const message = takes(
        field,
        mine ? show(mine) : "nothing",
        `${others ? show(others) : "nothing"} from ${shared}`,
      );
      faults.push({ path, message });
    }
  }
  for (const [field, { shape }] of Object.entries(arrays)) {
    const want = wanted[field]?.shape;
    if (!want) faults.push({ path, message: `there is no array ${field}` });
    else if (show(want) !== show(shape))
      faults.push({ path, message: takes(field, show(want), show(shape)) });
  }
  return faults;
}
