/** Elementwise operations, cut along their outermost loop. */

import type { OpOf, ValueId } from "../../program.js";
import type { Emitter } from "./emit.js";
import type { Lowering } from "./lowering.js";
import {
  broadcastStrides,
  cutOf,
  isSummed,
  type Loops,
  loopPieces,
  mergeLoops,
  partOfLoops,
  type View,
} from "./views.js";
import { instructions as wasm } from "./wasm.js";

function loopsOf({ inputs, outputs }: OpOf<"elementwise">, { value, address }: Emitter): Loops {
  const shapes = [...inputs, ...outputs].map((id) => value(id).shape);
  const rank = Math.max(...shapes.map((shape) => shape.length));
  // A result may have size 1 where others do not: it is summed (`sums.ts`).
  const sizes = Array.from({ length: rank }, (_, axis) => {
    const along = shapes.map((shape) => shape.at(axis - rank) ?? 1);
    return along.find((d) => d !== 1) ?? 1;
  });
  const view = (id: ValueId): View => {
    const { shape, dtype } = value(id);
    return { address: address(id), dtype, strides: broadcastStrides(shape, sizes) };
  };
  return mergeLoops({ sizes, inputs: inputs.map(view), outputs: outputs.map(view) });
}

export const elementwise: Lowering<"elementwise"> = {
  pieces: (op, emitter) => loopPieces(loopsOf(op, emitter)),
  code: (op, emitter, from, to) => {
    const { sizes, inputs, outputs } = partOfLoops(loopsOf(op, emitter), from, to);
    const clear = outputs
      .filter((view) => isSummed(view, sizes))
      .flatMap(({ address, strides }) => {
        const numbers = strides.reduce((n, stride, axis) => n + stride * ((sizes[axis] as number) - 1), 1);
        return [...wasm.i32(address), ...wasm.i32(0), ...wasm.i32(4 * numbers), ...wasm.memoryFill];
      });
    return [...clear, ...emitter.elementwise(op.attrs.body, op.attrs.results, sizes, inputs, outputs)];
  },
  cut: (op, emitter) => cutOf(loopsOf(op, emitter), op.inputs, op.outputs),
};
