/**
 * The arrays that a net learns, by path: node names and positions from 0 joined by dots, then the field,
 * `model.model.1.weight`. Layers that share have one array, under the path of the first of them.
 */
import { type NDArray, sizeOf } from "./array.js";
import { inferShapes } from "./infer.js";
import type { Init } from "./layers/definition.js";
import { type Fault, hint, NetError, takes } from "./message.js";
import type { Net, PortType } from "./net.js";
import { normals, streamOf, uniforms } from "./random.js";
import { show } from "./shape.js";
import { type Slot, type Slots, slotsOf } from "./slots.js";
import { layersOf, mapLayers } from "./walk.js";
import { join } from "./wiring.js";

type Ports = Readonly<Record<string, PortType>>;

export interface ParameterSpec {
  readonly shape: readonly number[];
  /** How it begins. */
  readonly init: Init;
  /** False where it, or a layer that shares it, is frozen, and for statistics. */
  readonly trainable: boolean;
  /** Gathered in training, not trained, as the means of `batchNorm`. */
  readonly statistic?: true;
  /** The key of the layers that share it. */
  readonly shared?: string;
}

/**
 * What each array of the net is, in the order of the net. Throws a NetError where the net is faulty, where a
 * size is not known, and where layers that share differ in shape. `given`: input ports that the net leaves open.
 */
export function parameterSpecs(net: Net, given: Ports = {}): Readonly<Record<string, ParameterSpec>> {
  inferShapes(net, given);
  const specs = sound(net, given).slots.map(({ shared, ...slot }) => {
    const { shape, trainable, statistic } = slot;
    const spec = { shape, init: initOf(slot), trainable, ...(statistic && { statistic: true as const }) };
    return [slot.path, shared === undefined ? spec : { ...spec, shared }] as const;
  });
  return Object.fromEntries(specs);
}

/**
 * The net with an array wherever it has none yet; with `all`, new ones for everything that is not frozen. What
 * is drawn for a path depends on `seed` (default 0) and that path alone, not on the rest of the net.
 * `given` is that of `parameterSpecs`. Throws as it does, where there is something to draw.
 */
export function initialize(
  net: Net,
  {
    seed = 0,
    all = false,
    given = {},
  }: { readonly seed?: number; readonly all?: boolean; readonly given?: Ports } = {},
): Net {
  const { slots, open } = sound(net, given);
  if (all || open.length > 0 || slots.some(({ array }) => array === undefined)) inferShapes(net, given);
  return assign(net, slots, (slot) => {
    if (slot.array !== undefined && (slot.frozen || !all)) return slot.array;
    const data = draw(initOf(slot), sizeOf(slot.shape), seed, slot.path);
    return { shape: slot.shape, dtype: "float32", data };
  });
}

function draw(init: Init, count: number, seed: number, path: string): Float32Array {
  const key = { seed, stream: streamOf(path) };
  switch (init.kind) {
    case "zeros":
      return new Float32Array(count);
    case "ones":
      return new Float32Array(count).fill(1);
    case "uniform":
      return uniforms(count, key).map((u) => (2 * u - 1) * init.bound);
    case "normal":
      return normals(count, key).map((n) => n * init.std);
  }
}

/** Every array that the net has, by path; those not initialised yet are not there. */
export function parametersOf(net: Net): Readonly<Record<string, NDArray>> {
  const seen = new Set<string>();
  const found: [string, NDArray][] = [];
  for (const [path, { arrays = {}, shared }] of layersOf(net)) {
    if (shared !== undefined && seen.has(shared)) continue;
    if (shared !== undefined) seen.add(shared);
    for (const [field, array] of Object.entries(arrays)) found.push([join(path, field), array]);
  }
  return Object.fromEntries(found);
}

/**
 * The net with the arrays of `record` in place of its own; paths that are not in it stay as they are.
 * Throws a NetError that lists each path that is not one of the net's, and each array whose shape, dtype or
 * length differs from what the layer takes or that holds a number that is not finite.
 */
export function withParameters(net: Net, record: Readonly<Record<string, NDArray>>): Net {
  const { slots } = sound(net);
  const byPath = new Map(slots.map((slot) => [slot.path, slot]));
  const faults = Object.entries(record).flatMap(([path, array]): Fault[] => {
    const slot = byPath.get(path);
    const message = slot
      ? (formFault(slot, array) ?? dataFault(slot.field, array))
      : noParameter(path, slots);
    return message === null ? [] : [{ path, message }];
  });
  if (faults.length > 0) throw new NetError(faults);
  return assign(net, slots, ({ path, array }) => (Object.hasOwn(record, path) ? record[path] : array));
}

function noParameter(path: string, slots: readonly Slot[]): string {
  const sharing = slots.find(({ layers, field }) => layers.some((layer) => join(layer, field) === path));
  if (sharing) return `it is shared, and given as ${sharing.path}`;
  const paths = slots.map((slot) => slot.path);
  return `there is no parameter of this path${hint(path, paths)}`;
}

const formFault = ({ field, shape }: Slot, array: NDArray): string | null =>
  show(array.shape) === show(shape) ? null : takes(field, show(shape), show(array.shape));

/** What is wrong with the numbers of an array: their type, how many they are, NaN or infinity. */
export function dataFault(field: string, { shape, dtype, data }: NDArray): string | null {
  if (dtype !== "float32" || !(data instanceof Float32Array))
    return takes(field, "float32 numbers", `${dtype} in ${data?.constructor?.name ?? data}`);
  if (data.length !== sizeOf(shape)) return takes(field, `${sizeOf(shape)} numbers`, String(data.length));
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i])) return takes(field, "finite numbers", `${data[i]} at ${i}`);
  return null;
}

/** The slots of a net whose arrays fit. */
function sound(net: Net, given: Ports = {}): Slots {
  const found = slotsOf(net, given);
  if (found.faults.length > 0) throw new NetError(found.faults);
  return found;
}

function initOf({ path, init }: Pick<Slot, "path" | "init">): Init {
  if (init === undefined)
    throw new NetError([{ path, message: "the size of its layer's input is not known" }]);
  return init;
}

/** The net with each slot's array in all of its layers. */
function assign(net: Net, slots: readonly Slot[], arrayOf: (slot: Slot) => NDArray | undefined): Net {
  const byLayer = new Map<string, Record<string, NDArray>>();
  for (const slot of slots) {
    const array = arrayOf(slot);
    if (array !== undefined)
      for (const path of slot.layers) byLayer.set(path, { ...byLayer.get(path), [slot.field]: array });
  }
  return mapLayers(net, (layer, path) => {
    const arrays = byLayer.get(path);
    return arrays === undefined ? layer : { ...layer, arrays };
  });
}
