/** Elementwise operations, cut along their outermost loop. */

import type { OpOf, ValueId } from "../../program.js";
import type { Emitter } from "./emit.js";
import type { Lowering } from "./lowering.js";
import {
  broadcastStrides,
  cutOf,
  type Loops,
  loopPieces,
  mergeLoops,
  partOfLoops,
  type View,
} from "./views.js";

function loopsOf({ inputs, outputs }: OpOf<"elementwise">, { value, address }: Emitter): Loops {
  const sizes = value(outputs[0] as ValueId).shape;
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
    return emitter.elementwise(op.attrs.body, op.attrs.results, sizes, inputs, outputs);
  },
  cut: (op, emitter) => cutOf(loopsOf(op, emitter), op.inputs, op.outputs),
};
