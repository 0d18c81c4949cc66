import { type NDArray, sizeOf } from "../dsl/array.js";
import type { Net, PortType } from "../dsl/net.js";
import { parameterSpecs, parametersOf, withParameters } from "../dsl/parameters.js";
import type { ProgramBuilder } from "./builder.js";
import type { ValueId } from "./program.js";

/**
 * Where each array of a net lies in a vector that holds many: one for what is trained, one for what is frozen, one for
 * the running statistics that training gathers.
 */
export interface Layout {
  readonly parameters: Vector;
  readonly frozen: Vector;
  readonly statistics: Vector;
}
export interface Vector {
  readonly size: number;
  readonly parts: readonly {
    readonly path: string;
    readonly offset: number;
    readonly shape: readonly number[];
  }[];
}

const vectorOf = (specs: readonly (readonly [string, { readonly shape: readonly number[] }])[]): Vector => {
  let size = 0;
  const parts = specs.map(([path, { shape }]) => {
    const offset = size;
    size += sizeOf(shape);
    return { path, offset, shape };
  });
  return { size, parts };
};

/** The vectors of a net. Optimisers, averages and replicas work on the vector of parameters as a whole. */
export function layoutOf(net: Net, given: Readonly<Record<string, PortType>> = {}): Layout {
  const specs = Object.entries(parameterSpecs(net, given));
  return {
    parameters: vectorOf(specs.filter(([, spec]) => spec.trainable)),
    frozen: vectorOf(specs.filter(([, spec]) => !spec.trainable && !spec.statistic)),
    statistics: vectorOf(specs.filter(([, spec]) => spec.statistic)),
  };
}

/** The arrays of an initialised net in one vector. */
export function pack(net: Net, vector: Vector): Float32Array {
  const arrays = parametersOf(net);
  const flat = new Float32Array(vector.size);
  for (const { path, offset } of vector.parts) flat.set((arrays[path] as NDArray).data, offset);
  return flat;
}

/** The net with its arrays from a vector. */
export function unpack(net: Net, vector: Vector, flat: Float32Array): Net {
  const arrays = vector.parts.map(({ path, offset, shape }): [string, NDArray] => [
    path,
    { shape, dtype: "float32", data: flat.slice(offset, offset + sizeOf(shape)) },
  ]);
  return withParameters(net, Object.fromEntries(arrays));
}

/** The states `parameters`, `frozen` and `statistics` of a program, and each array in them as a view of its own shape. */
export function declareWeights(b: ProgramBuilder, layout: Layout): ReadonlyMap<string, ValueId> {
  const views = new Map<string, ValueId>();
  for (const name of ["parameters", "frozen", "statistics"] as const) {
    const { size, parts } = layout[name];
    if (size === 0) continue;
    const flat = b.stateful(name, [size]);
    for (const { path, offset, shape } of parts)
      views.set(path, b.reshape(b.slice(flat, [offset], [sizeOf(shape)]), shape));
  }
  return views;
}

/** A vector of which some parts, by path, have new values. */
export function changedVector(
  b: ProgramBuilder,
  { parts }: Vector,
  old: ReadonlyMap<string, ValueId>,
  changed: ReadonlyMap<string, ValueId>,
): ValueId {
  const flat = parts.map(({ path, shape }) =>
    b.reshape(changed.get(path) ?? (old.get(path) as ValueId), [sizeOf(shape)]),
  );
  return b.concat(flat, 0);
}
