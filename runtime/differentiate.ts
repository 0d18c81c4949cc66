import { constant, type Operand, type ProgramBuilder } from "./builder.js";
import { derivatives } from "./derivatives.js";
import type { OpOf, PrimitiveName, ValueId } from "./program.js";

/** The gradients of an operation's inputs from that of its output; `undefined` where there is none. */
type GradientRule<P extends PrimitiveName> = (
  b: ProgramBuilder,
  op: OpOf<P>,
  g: ValueId,
) => readonly (ValueId | undefined)[];

const in0 = (op: { readonly inputs: readonly ValueId[] }): ValueId => op.inputs[0] as ValueId;
const in1 = (op: { readonly inputs: readonly ValueId[] }): ValueId => op.inputs[1] as ValueId;

/** The gradient of every primitive, written in primitives: the backward pass is a program like any other. */
export const gradientRules: { readonly [P in PrimitiveName]: GradientRule<P> } = {
  elementwise: (b, op, g) => {
    const { body } = op.attrs;
    const last = body.at(-1);
    if (!last || last.op === "constant" || last.op === "lookup") return op.inputs.map(() => undefined);
    // A body without a function is a broadcast.
    if (last.op === "input") return op.inputs.map((x) => b.sumTo(g, b.shape(x)));
    const operands = last.args.map((at): Operand => {
      const step = body[at];
      if (step?.op === "constant") return constant(step.value);
      if (step?.op === "input") return op.inputs[Number(step.name)] as ValueId;
      throw new Error(`${op.node}: only operations of one step are differentiated`);
    });
    const slopes = derivatives[last.op](b, g, op.outputs[0] as ValueId, ...operands);
    const gradients: (ValueId | undefined)[] = op.inputs.map(() => undefined);
    last.args.forEach((at, i) => {
      const step = body[at];
      const slope = slopes[i];
      if (step?.op !== "input" || slope === undefined) return;
      const position = Number(step.name);
      const x = op.inputs[position] as ValueId;
      const part = b.sumTo(b.broadcast(slope, b.shape(op.outputs[0] as ValueId)), b.shape(x));
      const sum = gradients[position];
      gradients[position] = sum === undefined ? part : b.apply("add", sum, part);
    });
    return gradients;
  },
  // Y = AB: dA = dY Bᵀ, dB = Aᵀ dY; an operand stored transposed has the transposed gradient.
  matmul: (b, op, g) => {
    const { transposeA, transposeB } = op.attrs;
    const [a, c] = [in0(op), in1(op)];
    return [
      transposeA
        ? b.matmul(c, g, { transposeA: transposeB, transposeB: true })
        : b.matmul(g, c, { transposeB: !transposeB }),
      transposeB
        ? b.matmul(g, a, { transposeA: true, transposeB: transposeA })
        : b.matmul(a, g, { transposeA: !transposeA }),
    ];
  },
  reduce: (b, op, g) => {
    const x = in0(op);
    const wide = b.broadcast(g, b.shape(x));
    if (op.attrs.kind === "sum") return [wide];
    // Equal maxima share the gradient.
    const hit = b.apply("eq", x, op.outputs[0] as ValueId);
    return [b.apply("mul", hit, b.apply("div", g, b.reduce("sum", hit, op.attrs.axes)))];
  },
  reshape: (b, op, g) => [b.reshape(g, b.shape(in0(op)))],
  concat: (b, op, g) => {
    const { axis } = op.attrs;
    let at = 0;
    return op.inputs.map((x) => {
      const shape = b.shape(x);
      const begin = shape.map((_, i) => (i === axis ? at : 0));
      at += shape[axis] as number;
      return b.slice(g, begin, shape);
    });
  },
  slice: (b, op, g) => [b.pad(g, op.attrs.begin, b.shape(in0(op)))],
  pad: (b, op, g) => [b.slice(g, op.attrs.before, b.shape(in0(op)))],
  gather: (b, op, g) => [b.scatterAdd(in1(op), g, b.shape(in0(op))[0] as number, op.attrs.from), undefined],
  scatterAdd: (b, op, g) => [undefined, b.gather(g, in0(op), op.attrs.from)],
  random: (_, op) => op.inputs.map(() => undefined),
};

/**
 * Appends the backward pass to a program under construction: reverse-mode, over the operations on a way from
 * `wrt` to `loss`. Gives the gradient of the scalar `loss` with respect to each value; zeros where the loss does
 * not depend on it.
 */
export function differentiate(b: ProgramBuilder, loss: ValueId, wrt: readonly ValueId[]): ValueId[] {
  const moves = new Set(wrt);
  const forward = [...b.ops];
  for (const op of forward)
    if (op.inputs.some((id) => moves.has(id) && !b.detached.has(id)))
      for (const id of op.outputs) if (b.value(id).dtype === "float32" && !b.detached.has(id)) moves.add(id);

  const gradients = new Map<ValueId, ValueId>([[loss, b.fill(1, b.shape(loss))]]);
  for (const op of forward.reverse()) {
    const [y] = op.outputs;
    const g = y === undefined ? undefined : gradients.get(y);
    if (g === undefined || y === undefined || !moves.has(y)) continue;
    b.node = op.node;
    const rule = gradientRules[op.prim] as GradientRule<PrimitiveName>;
    rule(b, op as OpOf<PrimitiveName>, g).forEach((part, i) => {
      const x = op.inputs[i] as ValueId;
      if (part === undefined || !moves.has(x) || b.detached.has(x)) return;
      const sum = gradients.get(x);
      gradients.set(x, sum === undefined ? part : b.apply("add", sum, part));
    });
  }
  return wrt.map((id) => gradients.get(id) ?? b.fill(0, b.shape(id)));
}
