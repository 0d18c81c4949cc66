/** Sums and maxima, cut along what stands before the first axis that goes, or along what stays behind it. */
import { sizeOf } from "../../../dsl/array.js";
import type { OpOf, ValueId } from "../../program.js";
import type { Emitter } from "./emit.js";
import { type Lowering, only } from "./lowering.js";
import { lineNumbers } from "./views.js";
import type { Code } from "./wasm.js";

/** The axes of the input before the first that is reduced. */
function lead({ attrs, inputs }: OpOf<"reduce">, { value }: Emitter): number {
  const { shape } = value(only(inputs));
  const first = shape.findIndex((d, axis) => d > 1 && attrs.axes.includes(axis));
  return sizeOf(first < 0 ? shape : shape.slice(0, first));
}

/** Whether the work is cut into lines of columns: where the first axes go, all at once, and leave many numbers. */
function byColumns(op: OpOf<"reduce">, emitter: Emitter): boolean {
  const groups = reductions(emitter.value(only(op.inputs)).shape, op.attrs.axes);
  const [[outer, , inner] = [0, 0, 0]] = groups;
  return groups.length === 1 && outer === 1 && inner >= 2 * lineNumbers;
}

/** As one thread does it: the rows `from` … `to` − 1 of `pieces`. */
function rows(op: OpOf<"reduce">, emitter: Emitter, from: number, to: number, pieces: number): Code {
  const { value, address, real, scratch, call } = emitter;
  const groups = reductions(value(only(op.inputs)).shape, op.attrs.axes);
  const x = real(only(op.inputs));
  const code = [...x.code];
  const part = (to - from) / pieces;
  let source = x.address + (4 * from * sizeOf(value(only(op.inputs)).shape)) / pieces;
  groups.forEach(([outer, axis, inner], i) => {
    const bytes = 4 * outer * inner;
    const last = i === groups.length - 1;
    const target = last ? address(only(op.outputs)) + (from * bytes) / pieces : scratch(bytes * part);
    code.push(...call(kernels[op.attrs.kind], source, target, outer * part, axis, inner, 0, inner));
    source = target;
  });
  return code;
}

const kernels = { sum: "reduceSum", max: "reduceMax" } as const;

export const reduce: Lowering<"reduce"> = {
  pieces: (op, emitter) => {
    if (emitter.value(only(op.inputs)).dtype === "int32") return 1;
    if (!byColumns(op, emitter)) return lead(op, emitter);
    return Math.ceil(sizeOf(emitter.value(only(op.outputs)).shape) / lineNumbers);
  },
  code: (op, emitter, from, to) => {
    const pieces = reduce.pieces(op, emitter);
    if (to - from === pieces || !byColumns(op, emitter)) return rows(op, emitter, from, to, pieces);
    const { value, address, call } = emitter;
    const [[, axis, inner] = [0, 0, 0]] = reductions(value(only(op.inputs)).shape, op.attrs.axes);
    const first = from * lineNumbers;
    const count = Math.min(inner, to * lineNumbers) - first;
    const [x, out] = [address(only(op.inputs)), address(only(op.outputs))];
    return call(kernels[op.attrs.kind], x, out, 1, axis, inner, first, count);
  },
  cut: (op, emitter) => {
    if (byColumns(op, emitter)) return new Map([[only(op.outputs), lineNumbers]]);
    const each = (id: ValueId): number => sizeOf(emitter.value(id).shape) / lead(op, emitter);
    return new Map([only(op.inputs), only(op.outputs)].map((id) => [id, each(id)]));
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
