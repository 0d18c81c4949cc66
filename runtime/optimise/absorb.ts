import { sizeOf } from "../../dsl/array.js";
import type { Step } from "../../dsl/net.js";
import { sameShape } from "../builder.js";
import type { Op, OpOf, Program, Value, ValueId } from "../program.js";
import { isFusible } from "./groups.js";
import { splitBehind } from "./split.js";

/** A GPU program reads at most 16 textures: two operands, and so many of an epilogue. */
const mostExtra = 12;

type Product = OpOf<"matmul"> | OpOf<"conv2d"> | OpOf<"conv2dInput">;
const isProduct = (op: Op | undefined): op is Product =>
  op?.prim === "matmul" || op?.prim === "conv2d" || op?.prim === "conv2dInput";

/**
 * An elementwise operation that alone reads a product or a convolution, perhaps in another shape, is done to it before
 * it is stored: bias, activation, a residual. Of one with several results that is done for the one that the others are
 * made of. Comes after `fuse`.
 */
export function absorb(program: Program): Program {
  const values: Value[] = [...program.values];
  const shapeOf = (id: ValueId): readonly number[] => values[id]?.shape ?? [];
  const makers = new Map<ValueId, Op>();
  const place = new Map<Op, number>();
  const uses = new Map<ValueId, number>();
  const use = (id: ValueId): void => {
    uses.set(id, (uses.get(id) ?? 0) + 1);
  };
  program.ops.forEach((op, i) => {
    place.set(op, i);
    for (const id of op.outputs) makers.set(id, op);
    for (const id of new Set(op.inputs)) use(id);
  });
  for (const id of [...Object.values(program.outputs), ...Object.values(program.updates)]) use(id);

  const gone = new Set<Op>();
  const ops: Op[] = [];
  /** The product that an operand is, and the reshape of it between the two, where nobody else reads them. */
  const productOf = (id: ValueId): { product: Product; reshape?: Op } | undefined => {
    const op = makers.get(id);
    if (!op || uses.get(id) !== 1) return undefined;
    if (isProduct(op)) return op.attrs.epilogue ? undefined : { product: op };
    const [source] = op.inputs;
    if (op.prim !== "reshape" || source === undefined) return undefined;
    const inner = makers.get(source);
    return isProduct(inner) && !inner.attrs.epilogue && uses.get(source) === 1
      ? { product: inner, reshape: op }
      : undefined;
  };
  /** How an operand of the result's shape `from` is read by one of the same numbers in the shape `to`. */
  const fitted = (
    id: ValueId,
    from: readonly number[],
    to: readonly number[],
  ): readonly number[] | undefined => {
    const shape = shapeOf(id);
    if (sameShape(from, to)) return shape;
    if (sameShape(shape, from)) return to;
    if (sizeOf(shape) === 1) return [];
    // along the last axis alone
    const last = shape.at(-1) as number;
    return sizeOf(shape) === last && last === from.at(-1) && last === to.at(-1) ? [last] : undefined;
  };

  const absorbed = (op: OpOf<"elementwise">): readonly Op[] | undefined => {
    const { body, results } = op.attrs;
    if (results.length !== 1) return inParts(op);
    const [out] = op.outputs as [ValueId];
    const candidates = [...new Set(op.inputs)].flatMap((id) => {
      const found = productOf(id);
      return found && sameShape(shapeOf(id), shapeOf(out)) ? [{ id, ...found }] : [];
    });
    // The last, so that the others are there when it runs.
    candidates.sort((a, b) => (place.get(b.product) as number) - (place.get(a.product) as number));
    for (const { id, product, reshape } of candidates) {
      const [own] = product.outputs as [ValueId];
      const others = [...new Set(op.inputs)].filter((other) => other !== id);
      const shapes = others.map((other) => fitted(other, shapeOf(out), shapeOf(own)));
      if (others.length > mostExtra || shapes.some((shape) => shape === undefined)) continue;
      const before: Op[] = [];
      const extra = others.map((other, i) => {
        const shape = shapes[i] as readonly number[];
        if (sameShape(shape, shapeOf(other))) return other;
        const fit = values.push({ dtype: values[other]?.dtype ?? "float32", shape }) - 1;
        before.push({ prim: "reshape", attrs: {}, inputs: [other], outputs: [fit], node: op.node });
        return fit;
      });
      const rename = (step: Step): Step => {
        if (step.op !== "input") return step;
        const input = op.inputs[Number(step.name)] as ValueId;
        return { op: "input", name: `${input === id ? 0 : others.indexOf(input) + 1}` };
      };
      // The last step is the result.
      const epilogue = body.slice(0, (results[0] as number) + 1).map(rename);
      gone.add(product);
      if (reshape) gone.add(reshape);
      const node = [...new Set([product, op].flatMap((part) => part.node.split(" + ")))].join(" + ");
      const whole = {
        ...product,
        attrs: { ...product.attrs, epilogue },
        inputs: [...product.inputs, ...extra],
        outputs: [reshape ? own : out],
        node,
      } as Op;
      const after: readonly Op[] = reshape
        ? [{ prim: "reshape", attrs: {}, inputs: [own], outputs: [out], node: op.node }]
        : [];
      return [...before, whole, ...after];
    }
    return undefined;
  };

  /** Of several results, the one that the others are made of; unless arrays would be read twice for it. */
  const inParts = (op: OpOf<"elementwise">): readonly Op[] | undefined => {
    const large = (id: ValueId): boolean => sizeOf(shapeOf(id)) === sizeOf(shapeOf(op.outputs[0] as ValueId));
    for (const id of new Set(op.inputs)) {
      const parts = productOf(id) && splitBehind(op, id);
      if (!parts) continue;
      const [first, rest] = parts;
      if (first.inputs.some((other) => large(other) && rest.inputs.includes(other))) continue;
      const made = absorbed(first);
      if (made) return [...made, rest];
    }
    return undefined;
  };

  const instead = new Map<Op, readonly Op[]>();
  for (const op of program.ops) {
    const made = isFusible(op, program) ? absorbed(op) : undefined;
    if (made) instead.set(op, made);
  }
  for (const op of program.ops) if (!gone.has(op)) ops.push(...(instead.get(op) ?? [op]));
  return { ...program, values, ops };
}
