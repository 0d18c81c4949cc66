/** How each primitive runs: as calls of kernels and of elementwise functions made for it. */
import { sizeOf } from "../../../dsl/array.js";
import type { Step } from "../../../dsl/net.js";
import type { OpOf, PrimitiveName, ValueId } from "../../program.js";
import type { Emitter } from "./emit.js";
import { broadcastStrides, stridesOf, type View } from "./views.js";
import { type Code, instructions as wasm } from "./wasm.js";

export type Lowering<P extends PrimitiveName> = (op: OpOf<P>, emitter: Emitter) => Code;

const identity: readonly Step[] = [{ op: "input", name: "0" }];
const only = (ids: readonly ValueId[], i = 0): ValueId => ids[i] as ValueId;

/** The part of an array from `begin` on. */
function part({ value, address }: Emitter, id: ValueId, begin: readonly number[]): View {
  const { shape, dtype } = value(id);
  const strides = stridesOf(shape);
  const first = begin.reduce((offset, b, axis) => offset + b * (strides[axis] as number), 0);
  return { address: address(id) + 4 * first, dtype, strides };
}

/** Copies a box of `sizes` between arrays; nothing where it lies in its place already. */
function copyBox(emitter: Emitter, sizes: readonly number[], from: View, to: View): Code {
  if (from.address === to.address) return [];
  const raw = from.dtype === to.dtype ? ({ dtype: "float32" } as const) : {};
  return emitter.elementwise(identity, [0], sizes, [{ ...from, ...raw }], [{ ...to, ...raw }]);
}

/** A primitive without a row here does not compile. */
export const lowerings: { readonly [P in PrimitiveName]: Lowering<P> } = {
  elementwise: ({ attrs, inputs, outputs }, { elementwise, value, address }) => {
    const sizes = value(only(outputs)).shape;
    const view = (id: ValueId): View => {
      const { shape, dtype } = value(id);
      return { address: address(id), dtype, strides: broadcastStrides(shape, sizes) };
    };
    return elementwise(attrs.body, attrs.results, sizes, inputs.map(view), outputs.map(view));
  },

  matmul: ({ attrs, inputs, outputs }, { kernels, value, address, real, scratch, call }) => {
    const [m, n] = value(only(outputs)).shape as [number, number];
    const k = value(only(inputs)).shape[attrs.transposeA ? 0 : 1] as number;
    if (m * n === 0) return [];
    const a = real(only(inputs, 0));
    const b = real(only(inputs, 1));
    const room = scratch(kernels.matmulScratch(m, n, k));
    const flags = [attrs.transposeA, attrs.transposeB].map(Number);
    return [
      ...a.code,
      ...b.code,
      ...call("matmul", a.address, b.address, address(only(outputs)), m, n, k, ...flags, room),
    ];
  },

  reduce: ({ attrs, inputs, outputs }, { value, address, real, scratch, call }) => {
    const kernel = attrs.kind === "sum" ? "reduceSum" : "reduceMax";
    const groups = reductions(value(only(inputs)).shape, attrs.axes);
    const x = real(only(inputs));
    const code = [...x.code];
    let from = x.address;
    groups.forEach(([outer, axis, inner], i) => {
      const to = i === groups.length - 1 ? address(only(outputs)) : scratch(4 * outer * inner);
      code.push(...call(kernel, from, to, outer, axis, inner));
      from = to;
    });
    return code;
  },

  reshape: ({ inputs, outputs }, { value, address, copy }) =>
    copy(address(only(inputs)), address(only(outputs)), 4 * sizeOf(value(only(outputs)).shape)),

  concat: ({ attrs, inputs, outputs }, emitter) => {
    const out = only(outputs);
    const origin = emitter.value(out).shape.map(() => 0);
    let along = 0;
    return inputs.flatMap((id) => {
      const { shape } = emitter.value(id);
      const to = part(emitter, out, origin.with(attrs.axis, along));
      along += shape[attrs.axis] as number;
      return copyBox(emitter, shape, part(emitter, id, origin), to);
    });
  },

  slice: ({ attrs, inputs, outputs }, emitter) => {
    const out = only(outputs);
    const { shape } = emitter.value(out);
    const origin = shape.map(() => 0);
    return copyBox(emitter, shape, part(emitter, only(inputs), attrs.begin), part(emitter, out, origin));
  },

  pad: ({ attrs, inputs, outputs }, emitter) => {
    const out = only(outputs);
    const { shape } = emitter.value(only(inputs));
    const origin = shape.map(() => 0);
    return [
      ...[...wasm.i32(emitter.address(out)), ...wasm.i32(0)],
      ...[...wasm.i32(4 * sizeOf(emitter.value(out).shape)), ...wasm.memoryFill],
      ...copyBox(emitter, shape, part(emitter, only(inputs), origin), part(emitter, out, attrs.before)),
    ];
  },

  gather: ({ attrs, inputs, outputs }, { value, address, call }) => {
    const [table, indices] = [only(inputs, 0), only(inputs, 1)];
    const [rows, ...rest] = value(table).shape as [number, ...number[]];
    const count = sizeOf(value(indices).shape);
    return call(
      "gather",
      address(table),
      address(indices),
      address(only(outputs)),
      count,
      rows,
      sizeOf(rest),
      attrs.from,
    );
  },

  scatterAdd: ({ attrs, inputs, outputs }, { value, address, real, call }) => {
    const [rows, ...rest] = value(only(outputs)).shape as [number, ...number[]];
    const count = sizeOf(value(only(inputs)).shape);
    const updates = real(only(inputs, 1));
    const to = address(only(outputs));
    const args = [address(only(inputs)), updates.address, to, count, rows, sizeOf(rest), attrs.from];
    return [...updates.code, ...call("scatterAdd", ...args)];
  },

  random: ({ attrs, inputs, outputs }, { value, address, call }) => {
    const out = only(outputs);
    const args = [address(out), sizeOf(value(out).shape), address(only(inputs)), attrs.stream];
    if (attrs.kind === "integer") return call("randomInteger", ...args, attrs.min, attrs.max);
    return call(attrs.kind === "normal" ? "randomNormal" : "randomUniform", ...args);
  },
};

/**
 * A reduction as reductions of [outer, axis, inner] one after another, neighbouring axes together, the last axes
 * first. No axes at all are one axis of size 1.
 */
export function reductions(
  shape: readonly number[],
  axes: readonly number[],
): readonly (readonly [outer: number, axis: number, inner: number])[] {
  const sizes = [...shape];
  const groups: [number, number, number][] = [];
  for (let end = shape.length - 1; end >= 0; end--) {
    if (!axes.includes(end) || sizes[end] === 1) continue;
    let start = end;
    while (axes.includes(start - 1)) start--;
    groups.push([
      sizeOf(sizes.slice(0, start)),
      sizeOf(sizes.slice(start, end + 1)),
      sizeOf(sizes.slice(end + 1)),
    ]);
    sizes.fill(1, start, end + 1);
    end = start;
  }
  return groups.length > 0 ? groups : [[sizeOf(shape), 1, 1]];
}
