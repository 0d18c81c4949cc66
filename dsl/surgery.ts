/**
 * Nets from nets: a part taken out, put in, renamed, frozen or shared. Each function gives a new net and leaves
 * the given one as it is; paths are node names and positions from 0 joined by dots, "" the net itself. An unknown
 * path is a NetError that offers the nearest name; so is a result that no longer fits together, with every fault.
 */
import { checkNet } from "./infer.js";
import { layers as table } from "./layers/index.js";
import { type Fault, NetError, takes } from "./message.js";
import type { Layer, Net } from "./net.js";
import { slotsOf } from "./slots.js";
import { changeAt, isLayer, layersOf, mapLayers, netAt, walk } from "./walk.js";

/**
 * The part at a path, with its weights: `extract(trainingNet, "model")`, `extract(net, "model.model.1")`.
 * A layer taken out alone no longer knows its input's size, unless its weights tell it.
 */
export const extract = (net: Net, path: string): Net => netAt(net, path);

/** The net with `other` in place of what is at the path. */
export const replace = (net: Net, path: string, other: Net): Net =>
  checked(
    net,
    changeAt(net, path, () => other),
  );

/** Not trained from here on: the layers at a path and inside it, with all that share their arrays. Default: all. */
export const freeze = (net: Net, path = ""): Net => {
  const chosen = learning(net, path);
  return mapLayers(net, (layer, at) =>
    chosen.has(at) && !layer.frozen ? { ...layer, frozen: true } : layer,
  );
};

/** Trained again: what `freeze` and `parameter(…, { trainable: false })` exclude. Default path: everything. */
export const unfreeze = (net: Net, path = ""): Net => {
  const chosen = learning(net, path);
  return mapLayers(net, (layer, at) => {
    if (!chosen.has(at) || !layer.frozen) return layer;
    const { frozen: _, ...rest } = layer;
    return rest;
  });
};

/** Paths of the layers with arrays at a path and inside it, and of those that share with them. */
function learning(net: Net, path: string): ReadonlySet<string> {
  const inside = learners(netAt(net, path), path);
  const keys = new Set(inside.flatMap(([, { shared }]) => shared ?? []));
  const sharing = layersOf(net).filter(([, { shared }]) => shared !== undefined && keys.has(shared));
  return new Set([...inside, ...sharing].map(([at]) => at));
}

const learners = (net: Net, path: string): readonly (readonly [string, Layer])[] =>
  [...walk(net, path)].filter(
    (entry): entry is readonly [string, Layer] =>
      isLayer(entry[1]) && table[entry[1].op].parameters !== undefined,
  );

/**
 * One set of arrays for the parts at these paths, trained as one; the arrays are those of the first. The parts are
 * alike, layer by layer; those that they are shared with already come along. Throws where the parts differ.
 */
export function share(net: Net, paths: readonly string[]): Net {
  const [first = ""] = paths;
  const parts = paths.map((path) => learners(netAt(net, path), path));
  const model = parts[0] ?? [];
  const faults = parts.flatMap((part, i) => unlike(model, part, first, paths[i] ?? ""));
  if (faults.length > 0) throw new NetError(faults);
  const groups = model.map(([source, { shared = source, arrays, frozen }], i) => ({
    paths: new Set(parts.flatMap((part) => part[i]?.[0] ?? [])),
    keys: new Set(parts.flatMap((part) => part[i]?.[1].shared ?? [])),
    common: { shared, ...(arrays && { arrays }), ...(frozen && { frozen }) },
  }));
  return checked(
    net,
    mapLayers(net, (layer, at) => {
      const group = groups.find(
        ({ paths, keys }) => paths.has(at) || (layer.shared && keys.has(layer.shared)),
      );
      return group ? { op: layer.op, options: layer.options, ...group.common } : layer;
    }),
  );
}

type Part = readonly (readonly [string, Layer])[];
function unlike(model: Part, part: Part, first: string, path: string): Fault[] {
  if (model.length === 0) return [{ path: first, message: takes("share", "layers with arrays", "none") }];
  if (model.length !== part.length) {
    const want = `${model.length} layers with arrays, as ${first} has,`;
    return [{ path, message: takes("share", want, `${part.length}`) }];
  }
  const text = ({ op, options }: Layer): string => `${op} ${JSON.stringify(options)}`;
  return part.flatMap(([at, layer], i) => {
    const same = model[i]?.[1] ?? layer;
    return text(layer) === text(same) ? [] : [{ path: at, message: takes("share", text(same), text(layer)) }];
  });
}

/** The net, if no fault is in it that was not there before. */
export function checked(before: Net, after: Net): Net {
  const old = new Set(checkNet(before).faults.map(({ message }) => message));
  const faults = checkNet(after).faults.filter(({ message, open }) => !open && !old.has(message));
  const misfits = slotsOf(after).faults;
  if (faults.length + misfits.length > 0) throw new NetError([...faults, ...misfits]);
  return after;
}
