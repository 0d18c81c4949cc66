import { sameShape } from "../builder.js";
import type { Conv2dAttrs, Op, OpOf, Program, ValueId } from "../program.js";

/** What the rules see of the operations before. */
export interface Before {
  readonly values: Program["values"];
  /** The operation that makes a value. */
  maker(id: ValueId): Op | undefined;
  /** Sums and maxima over some axes of a value, made before. */
  reductions(id: ValueId): readonly OpOf<"reduce">[];
}

/** A way to spare work in what only moves numbers: another operation with the same output, or the value that it equals. */
type Rule<P extends Op["prim"]> = (op: OpOf<P>, before: Before) => Op | ValueId;

const shapeOf = ({ values }: Before, id: ValueId | undefined): readonly number[] =>
  (id === undefined ? undefined : values[id]?.shape) ?? [];

/** A convolution of images with zeros around them is one of the images, begun earlier. */
function unpadded(op: OpOf<"conv2d"> | OpOf<"conv2dFilter">, before: Before): Op {
  const [x, ...rest] = op.inputs as [ValueId, ...ValueId[]];
  const pad = before.maker(x);
  if (pad?.prim !== "pad") return op;
  const { value, strides, before: margin } = pad.attrs;
  const [inner] = pad.inputs as [ValueId];
  const [from, to] = [shapeOf(before, inner), shapeOf(before, x)];
  if (value !== 0 || strides.some((s) => s !== 1) || from[0] !== to[0] || from[3] !== to[3]) return op;
  const [top, left] = op.attrs.before;
  const own: Conv2dAttrs["before"] = [top + (margin[1] as number), left + (margin[2] as number)];
  return { ...op, attrs: { ...op.attrs, before: own }, inputs: [inner, ...rest] } as Op;
}

const rules: { readonly [P in Op["prim"]]?: Rule<P> } = {
  transpose: (op, before) => {
    const [x] = op.inputs as [ValueId];
    const inner = before.maker(x);
    const chained = inner?.prim === "transpose";
    const order = chained ? op.attrs.order.map((axis) => inner.attrs.order[axis] as number) : op.attrs.order;
    const source = chained ? (inner.inputs[0] as ValueId) : x;
    if (order.every((axis, i) => axis === i)) return source;
    // Axes of size 1 have no order.
    const moved = order.filter((axis) => shapeOf(before, source)[axis] !== 1);
    if (moved.every((axis, i) => i === 0 || axis > (moved[i - 1] as number)))
      return { ...op, prim: "reshape", attrs: {}, inputs: [source] };
    return { ...op, attrs: { order }, inputs: [source] };
  },
  // (xᵀ)·y is a product with the flag.
  matmul: (op, before) => {
    const flags = [op.attrs.transposeA, op.attrs.transposeB];
    const inputs = op.inputs.map((id, i) => {
      const maker = before.maker(id);
      if (i > 1 || maker?.prim !== "transpose") return id;
      const rank = maker.attrs.order.length;
      const swaps = maker.attrs.order.every((axis, at) => axis === (at < rank - 2 ? at : 2 * rank - 3 - at));
      if (!swaps) return id;
      flags[i] = !flags[i];
      return maker.inputs[0] as ValueId;
    });
    const [transposeA = false, transposeB = false] = flags;
    return { ...op, attrs: { ...op.attrs, transposeA, transposeB }, inputs };
  },
  slice: (op, before) => {
    const [x] = op.inputs as [ValueId];
    const maker = before.maker(x);
    const { begin, strides } = op.attrs;
    const size = shapeOf(before, op.outputs[0]);
    if (maker?.prim === "slice") {
      const by = maker.attrs.strides;
      const from = begin.map((at, axis) => (maker.attrs.begin[axis] as number) + at * (by[axis] as number));
      const all = strides.map((s, axis) => s * (by[axis] as number));
      return { ...op, attrs: { begin: from, strides: all }, inputs: maker.inputs };
    }
    if (maker?.prim !== "concat") return op;
    const { axis } = maker.attrs;
    let at = begin[axis] as number;
    const part = maker.inputs.find((id) => {
      const own = shapeOf(before, id)[axis] as number;
      if (at < own) return true;
      at -= own;
      return false;
    });
    const reach = at + ((size[axis] as number) - 1) * (strides[axis] as number);
    if (part === undefined || reach >= (shapeOf(before, part)[axis] as number)) return op;
    if (sameShape(shapeOf(before, part), size)) return part;
    return { ...op, attrs: { begin: begin.with(axis, at), strides }, inputs: [part] };
  },
  conv2d: unpadded,
  conv2dFilter: unpadded,
  // A sum over more axes goes on from one over fewer.
  reduce: (op, before) => {
    const known = before
      .reductions(op.inputs[0] as ValueId)
      .find(
        ({ attrs }) =>
          attrs.kind === op.attrs.kind &&
          attrs.axes.length < op.attrs.axes.length &&
          attrs.axes.every((axis) => op.attrs.axes.includes(axis)),
      );
    if (!known) return op;
    const axes = op.attrs.axes.filter((axis) => !known.attrs.axes.includes(axis));
    return { ...op, attrs: { ...op.attrs, axes }, inputs: known.outputs };
  },
};

/** The operation after the rule for it, where there is one; or the value that it equals. */
export const rearranged = (op: Op, before: Before): Op | ValueId =>
  ((rules[op.prim] as Rule<Op["prim"]> | undefined)?.(op, before) ?? op) as Op | ValueId;
