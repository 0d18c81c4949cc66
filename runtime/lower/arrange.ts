/** Numbers in other places: nothing is computed. */
import { axisOf } from "../../dsl/layers/axes.js";
import type { ProgramBuilder } from "../builder.js";
import type { ValueId } from "../program.js";
import type { LayerContext, Lowering } from "./context.js";

const reshaped: Lowering = ({ b, batch, outputShape }, x = -1) => b.reshape(x, [batch, ...outputShape]);

export const arrangements = {
  append: ({ b }, x = -1, element = -1) => {
    const [batch, , ...rest] = b.shape(x) as [number, number, ...number[]];
    return b.concat([x, b.reshape(element, [batch, 1, ...rest])], 1);
  },
  concat: ({ b, options }, ...xs) => {
    const axis = options.axis as number;
    return b.concat(xs, axis < 0 ? b.shape(xs[0] as ValueId).length + axis : axis + 1);
  },
  reshape: reshaped,
  flatten: reshaped,
  transpose: ({ b, options }, x = -1) =>
    b.transpose(x, [0, ...(options.order as readonly number[]).map((axis) => axis + 1)]),
  part: (context, x = -1) => {
    const { b, batch, options, outputShape } = context;
    const index = options.index as number;
    return b.reshape(cut(context, x, index, 1), [batch, ...outputShape]);
  },
  slice: (context, x = -1) => {
    const { b, options, outputShape } = context;
    const axis = axisIn(b, x, options.axis as number);
    return cut(context, x, options.begin as number, outputShape[axis - 1] as number);
  },
  pad: ({ b, batch, options, outputShape }, x = -1) =>
    b.pad(x, [0, ...(options.before as readonly number[])], [batch, ...outputShape], {
      value: options.value as number,
    }),
} satisfies Record<string, Lowering>;

/** An axis of an example as one of the value, which has the batch in front. */
const axisIn = (b: ProgramBuilder, x: ValueId, axis: number): number =>
  (axisOf(axis, b.shape(x).length - 1) as number) + 1;

/** `count` elements along the layer's axis from `begin` on, which is counted from the end where negative. */
function cut({ b, options }: LayerContext, x: ValueId, begin: number, count: number): ValueId {
  const axis = axisIn(b, x, options.axis as number);
  const shape = b.shape(x);
  const from = begin < 0 ? begin + (shape[axis] as number) : begin;
  return b.slice(
    x,
    shape.map((_, i) => (i === axis ? from : 0)),
    shape.with(axis, count),
  );
}
