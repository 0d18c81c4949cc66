/** Sums over positions that are taken where what is summed is computed. */
import { sizeOf } from "../../../dsl/array.js";
import type { OpOf, Program, Value, ValueId } from "../../program.js";

/** Least numbers on the last axis, and least terms of a sum. */
const least = 8;

/**
 * The same program with smaller values: where a sum over all axes but the last, or but the first and the last, is all
 * that reads a result of an elementwise operation, that result holds the sums over the axes in the middle, which have
 * size 1 in it. So it never lies in memory, and any number of threads adds up the same parts. Only this backend's
 * elementwise operations take such results.
 */
export function sumEarly(program: Program): Program {
  const { ops, outputs, updates } = program;
  const values: Value[] = [...program.values];
  const readers = new Map<ValueId, number>();
  const read = (id: ValueId): void => {
    readers.set(id, (readers.get(id) ?? 0) + 1);
  };
  for (const op of ops) op.inputs.forEach(read);
  for (const id of [...Object.values(outputs), ...Object.values(updates)]) read(id);
  const makers = new Map<ValueId, OpOf<"elementwise">>();
  for (const op of ops) if (op.prim === "elementwise") for (const id of op.outputs) makers.set(id, op);

  for (const op of ops) {
    const [id] = op.inputs as [ValueId];
    const maker = makers.get(id);
    if (op.prim !== "reduce" || op.attrs.kind !== "sum" || !maker || readers.get(id) !== 1) continue;
    const { dtype, shape } = values[id] as Value;
    const [first = 0, last = 0] = [shape[0], shape.at(-1)];
    const middle = shape.slice(1, -1);
    const sums = [first, ...middle.map(() => 1), last];
    const over = new Set(op.attrs.axes);
    const fits = middle.every((_, i) => over.has(i + 1)) && !over.has(shape.length - 1);
    // The first axis is that of the parts. What is as large as the sums could be overwritten by them, while it is read.
    const safe =
      first > 1 && maker.inputs.every((input) => sizeOf(values[input]?.shape ?? []) !== sizeOf(sums));
    if (dtype === "float32" && fits && safe && last >= least && sizeOf(middle) >= least)
      values[id] = { dtype, shape: sums };
  }
  return { ...program, values };
}
