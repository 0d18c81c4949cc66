/** Sums and maxima, cut along what stands before the first axis that goes. */
import { sizeOf } from "../../../dsl/array.js";
import type { OpOf } from "../../program.js";
import type { Emitter } from "./emit.js";
import { type Lowering, only } from "./lowering.js";

/** The axes of the input before the first that is reduced. */
function lead({ attrs, inputs }: OpOf<"reduce">, { value }: Emitter): number {
  const { shape } = value(only(inputs));
  const first = shape.findIndex((d, axis) => d > 1 && attrs.axes.includes(axis));
  return sizeOf(first < 0 ? shape : shape.slice(0, first));
}

export const reduce: Lowering<"reduce"> = {
  pieces: (op, emitter) => (emitter.value(only(op.inputs)).dtype === "int32" ? 1 : lead(op, emitter)),
  code: (op, emitter, from, to) => {
    const { value, address, real, scratch, call } = emitter;
    const { attrs, inputs, outputs } = op;
    const { shape } = value(only(inputs));
    const kernel = attrs.kind === "sum" ? "reduceSum" : "reduceMax";
    const groups = reductions(shape, attrs.axes);
    const x = real(only(inputs));
    const code = [...x.code];
    const pieces = reduce.pieces(op, emitter);
    const part = (to - from) / pieces;
    const numbers = sizeOf(shape);
    let source = x.address + (4 * from * numbers) / pieces;
    groups.forEach(([outer, axis, inner], i) => {
      const bytes = 4 * outer * inner;
      const target =
        i === groups.length - 1 ? address(only(outputs)) + (from * bytes) / pieces : scratch(bytes * part);
      code.push(...call(kernel, source, target, outer * part, axis, inner));
      source = target;
    });
    return code;
  },
  cut: (op, emitter) =>
    new Map(
      [only(op.inputs), only(op.outputs)].map((id) => [
        id,
        sizeOf(emitter.value(id).shape) / reduce.pieces(op, emitter),
      ]),
    ),
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
