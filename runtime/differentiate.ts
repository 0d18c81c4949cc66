import { constant, type Operand, type ProgramBuilder } from "./builder.js";
import { derivatives } from "./derivatives.js";
import { expand } from "./expansions.js";
import type { CompositeName, Op, OpOf, PrimitiveName, ValueId } from "./program.js";

/** A gradient, or none where there is none. */
type Gradient = ValueId | undefined;

/**
 * The gradients of an operation's inputs from `g`, that of its first output (zeros where it has none), and those of
 * the others, `more`.
 */
type GradientRule<P extends PrimitiveName> = (
  b: ProgramBuilder,
  op: OpOf<P>,
  g: ValueId,
  ...more: readonly Gradient[]
) => readonly Gradient[];

const in0 = (op: { readonly inputs: readonly ValueId[] }): ValueId => op.inputs[0] as ValueId;
const in1 = (op: { readonly inputs: readonly ValueId[] }): ValueId => op.inputs[1] as ValueId;
/** The height and width of images, or of a filter. */
const sizeOfImages = (shape: readonly number[]): readonly [number, number] =>
  [shape[1], shape[2]] as [number, number];
const sizeOfFilter = (shape: readonly number[]): readonly [number, number] =>
  [shape[0], shape[1]] as [number, number];

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
  // Y = AB: dA = dY Bᵀ, dB = Aᵀ dY; an operand stored transposed has the transposed gradient, and one matrix for
  // the whole stack the sum of the stack's.
  matmul: (b, op, g) => {
    const { transposeA, transposeB } = op.attrs;
    const [a, c] = [in0(op), in1(op)];
    const da = transposeA
      ? b.matmul(c, g, { transposeA: transposeB, transposeB: true })
      : b.matmul(g, c, { transposeB: !transposeB });
    const dc = transposeB
      ? b.matmul(g, a, { transposeA: true, transposeB: transposeA })
      : b.matmul(a, g, { transposeA: !transposeA });
    return [b.sumTo(da, b.shape(a)), b.sumTo(dc, b.shape(c))];
  },
  // A convolution is linear in the images and in the filter: each of the three is the others' transpose.
  conv2d: (b, op, g) => {
    const [x, filter] = [in0(op), in1(op)];
    return [
      b.conv2dInput(g, filter, op.attrs, sizeOfImages(b.shape(x))),
      b.conv2dFilter(x, g, op.attrs, sizeOfFilter(b.shape(filter))),
    ];
  },
  conv2dInput: (b, op, g) => {
    const [dy, filter] = [in0(op), in1(op)];
    return [
      b.conv2d(g, filter, op.attrs, sizeOfImages(b.shape(dy))),
      b.conv2dFilter(g, dy, op.attrs, sizeOfFilter(b.shape(filter))),
    ];
  },
  conv2dFilter: (b, op, g) => {
    const [x, dy] = [in0(op), in1(op)];
    return [
      b.conv2dInput(dy, g, op.attrs, sizeOfImages(b.shape(x))),
      b.conv2d(x, g, op.attrs, sizeOfImages(b.shape(dy))),
    ];
  },
  transpose: (b, { attrs: { order } }, g) => [
    b.transpose(
      g,
      order.map((_, axis) => order.indexOf(axis)),
    ),
  ],
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
  slice: (b, op, g) => [b.pad(g, op.attrs.begin, b.shape(in0(op)), { strides: op.attrs.strides })],
  pad: (b, op, g) => [b.slice(g, op.attrs.before, b.shape(in0(op)), op.attrs.strides)],
  gather: (b, op, g) => [b.scatterAdd(in1(op), g, b.shape(in0(op))[0] as number, op.attrs.from), undefined],
  scatterAdd: (b, op, g) => [undefined, b.gather(g, in0(op), op.attrs.from)],
  random: (_, op) => op.inputs.map(() => undefined),
  // y(g − Σ gy)
  softmax: (b, op, g) => {
    const y = op.outputs[0] as ValueId;
    const along = b.reduce("sum", b.apply("mul", g, y), [b.shape(y).length - 1]);
    return [b.apply("mul", y, b.apply("sub", g, along))];
  },
  // ∂mean/∂x = 1/n, ∂rate/∂x = −rate²·y/n
  normalize: (b, op, g, gMean, gRate) => {
    const { axes, centred } = op.attrs;
    const [y, , rate] = op.outputs as [ValueId, ValueId, ValueId];
    const share = constant(1 / axes.reduce((n, axis) => n * (b.shape(y)[axis] as number), 1));
    const parts = [b.normalizeGradient(g, y, rate, { axes, centred })];
    if (gMean !== undefined && centred) parts.push(b.apply("mul", gMean, share));
    if (gRate !== undefined) {
      const slope = b.apply("mul", gRate, b.apply("neg", b.apply("square", rate)));
      parts.push(b.apply("mul", y, b.apply("mul", slope, share)));
    }
    return [parts.reduce((sum, part) => b.apply("add", sum, part))];
  },
  normalizeGradient: (b, op, g) => throughExpansion(b, op, [g]),
  attention: (b, op, g, gLog) => {
    if (gLog !== undefined) return throughExpansion(b, op, [g, gLog]);
    const [q, k, v] = op.inputs as [ValueId, ValueId, ValueId];
    const [y, l] = op.outputs as [ValueId, ValueId];
    return b.attentionGradient([q, k, v, y, l, g], op.attrs);
  },
  attentionGradient: (b, op, ...gs) => throughExpansion(b, op, gs),
};

/** The gradient of a composite operation as that of its expansion, which is written anew for it. */
function throughExpansion(
  b: ProgramBuilder,
  op: OpOf<CompositeName>,
  gs: readonly Gradient[],
): readonly Gradient[] {
  const begin = b.ops.length;
  const outputs = expand(b, op);
  const gradients = new Map(
    outputs.flatMap((id, i) => (gs[i] === undefined ? [] : [[id, gs[i] as ValueId] as const])),
  );
  backward(b, b.ops.slice(begin), gradients, new Set(op.inputs));
  // A value that is several of the inputs has one gradient.
  return op.inputs.map((x, i) => (op.inputs.indexOf(x) === i ? gradients.get(x) : undefined));
}

/**
 * Appends the backward pass to a program under construction: reverse-mode, over the operations on a way from
 * `wrt` to `loss`. Gives the gradient of the scalar `loss` with respect to each value; zeros where the loss does
 * not depend on it.
 */
export function differentiate(b: ProgramBuilder, loss: ValueId, wrt: readonly ValueId[]): ValueId[] {
  const forward = [...b.ops];
  const gradients = new Map<ValueId, ValueId>([[loss, b.fill(1, b.shape(loss))]]);
  backward(b, forward, gradients, new Set(wrt));
  return wrt.map((id) => gradients.get(id) ?? b.fill(0, b.shape(id)));
}

/** Adds to the gradients those of all that the operations compute from the values that move. */
function backward(
  b: ProgramBuilder,
  ops: readonly Op[],
  gradients: Map<ValueId, ValueId>,
  moves: Set<ValueId>,
): void {
  for (const op of ops)
    if (op.inputs.some((id) => moves.has(id) && !b.detached.has(id)))
      for (const id of op.outputs) if (b.value(id).dtype === "float32" && !b.detached.has(id)) moves.add(id);

  for (const op of ops.toReversed()) {
    const gs = op.outputs.map((id) => (moves.has(id) ? gradients.get(id) : undefined));
    if (gs.every((g) => g === undefined)) continue;
    b.node = op.node;
    const [g = b.fill(0, b.shape(op.outputs[0] as ValueId)), ...more] = gs;
    const rule = gradientRules[op.prim] as GradientRule<PrimitiveName>;
    rule(b, op as OpOf<PrimitiveName>, g, ...more).forEach((part, i) => {
      const x = op.inputs[i] as ValueId;
      if (part === undefined || !moves.has(x) || b.detached.has(x)) return;
      const sum = gradients.get(x);
      gradients.set(x, sum === undefined ? part : b.apply("add", sum, part));
    });
  }
}
