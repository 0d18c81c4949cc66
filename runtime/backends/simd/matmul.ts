/** Products of matrices, or of stacks of them, cut into panels of the products. */
import { sizeOf } from "../../../dsl/array.js";
import type { OpOf } from "../../program.js";
import type { Emitter } from "./emit.js";
import { type Lowering, only } from "./lowering.js";

/** Rows of a product that the kernels make at a time (`kernels/tile.ts`). */
export const tileRows = 6;

/** How many products, of [m, k]·[k, n], and the numbers from one factor to the next: 0 where one serves all. */
function sizes({ attrs, inputs, outputs }: OpOf<"matmul">, { value }: Emitter) {
  const { shape } = value(only(outputs));
  const [m, n] = shape.slice(-2) as [number, number];
  const [a, b] = [value(only(inputs)).shape, value(only(inputs, 1)).shape];
  const k = a.at(attrs.transposeA ? -2 : -1) as number;
  const count = sizeOf(shape.slice(0, -2));
  const one = (factor: readonly number[]): boolean => sizeOf(factor.slice(0, -2)) === 1;
  // Rows below one another have one right factor: they are one product.
  if (one(b) && !attrs.transposeA && !one(a)) return { count: 1, m: count * m, n, k, stepA: 0, stepB: 0 };
  return { count, m, n, k, stepA: one(a) ? 0 : m * k, stepB: one(b) ? 0 : k * n };
}

export const matmul: Lowering<"matmul"> = {
  pieces: (op, emitter) => {
    const { count, m, n } = sizes(op, emitter);
    return count * emitter.kernels.matmulParts(m, n);
  },
  code: (op, emitter, from, to) => {
    const { kernels, address, real, scratch, call } = emitter;
    const { m, n, k, stepA, stepB } = sizes(op, emitter);
    const a = real(only(op.inputs, 0));
    const b = real(only(op.inputs, 1));
    const room = scratch(kernels.matmulScratch(m, n, k));
    const flags = [op.attrs.transposeA, op.attrs.transposeB].map(Number);
    const operands = [a.address, b.address, address(only(op.outputs))];
    return [
      ...a.code,
      ...b.code,
      ...call("matmul", ...operands, m, n, k, ...flags, 4 * stepA, 4 * stepB, from, to, room),
    ];
  },
  cut: (op, emitter) => {
    const { count, m, n, k } = sizes(op, emitter);
    const [a, b] = op.inputs;
    if (count > 1 || m < n) return new Map();
    const rows = new Map([[only(op.outputs), tileRows * n]]);
    if (!op.attrs.transposeA && a !== b) rows.set(only(op.inputs), tileRows * k);
    return rows;
  },
};
