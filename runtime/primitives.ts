import { sizeOf } from "../dsl/array.js";
import { broadcastShapes, sameShape } from "./builder.js";
import type { Op, OpOf, PrimitiveName, Program, Value } from "./program.js";

/** What an operation costs: floating-point operations, and bytes read and written. */
export interface Cost {
  readonly flops: number;
  readonly bytes: number;
}

/** One entry a primitive. How it runs stands with each backend, its gradient in `differentiate.ts`. */
export interface Primitive<P extends PrimitiveName> {
  /** The shape rule: words for what does not fit, else undefined. */
  check(op: OpOf<P>, inputs: readonly Value[], outputs: readonly Value[]): string | undefined;
  /** Floating-point operations; one for each elementwise step, multiply-add counts two. */
  flops(op: OpOf<P>, inputs: readonly Value[], outputs: readonly Value[]): number;
}

const show = (shape: readonly number[] | undefined): string => `[${shape?.join(", ") ?? "?"}]`;
const shapesOf = (values: readonly Value[]): readonly (readonly number[])[] => values.map((v) => v.shape);
/** Words unless the one output has this shape. */
const gives = (shape: readonly number[], [out]: readonly Value[]): string | undefined =>
  out && sameShape(out.shape, shape)
    ? undefined
    : `gives ${show(shape)} but its value is ${show(out?.shape)}`;
const size = (value: Value | undefined): number => sizeOf(value?.shape ?? []);

export const primitives: { readonly [P in PrimitiveName]: Primitive<P> } = {
  elementwise: {
    check: (op, inputs, outputs) => {
      const [out] = outputs;
      if (!out || outputs.length !== op.attrs.results.length) return "takes one output for each result";
      if (!outputs.every((o) => sameShape(o.shape, out.shape))) return "takes outputs of one shape";
      try {
        const shape = broadcastShapes(out.shape, ...shapesOf(inputs));
        return sameShape(shape, out.shape)
          ? undefined
          : `gives ${show(shape)} but its value is ${show(out.shape)}`;
      } catch (error) {
        return (error as Error).message;
      }
    },
    flops: (op, _, [out]) =>
      op.attrs.body.filter((s) => s.op !== "input" && s.op !== "constant").length * size(out),
  },
  matmul: {
    check: ({ attrs }, inputs, outputs) => {
      const [a, b] = shapesOf(inputs);
      if (a?.length !== 2 || b?.length !== 2)
        return `takes two matrices but receives ${show(a)} and ${show(b)}`;
      const [m, kA] = attrs.transposeA ? [a[1], a[0]] : a;
      const [kB, n] = attrs.transposeB ? [b[1], b[0]] : b;
      return kA === kB ? gives([m as number, n as number], outputs) : `takes ${kA} rows but receives ${kB}`;
    },
    flops: ({ attrs }, [a], [out]) => 2 * size(out) * (a?.shape[attrs.transposeA ? 0 : 1] ?? 0),
  },
  reduce: {
    check: ({ attrs }, [x], outputs) =>
      gives(x?.shape.map((d, i) => (attrs.axes.includes(i) ? 1 : d)) ?? [], outputs),
    flops: (_, [x]) => size(x),
  },
  reshape: {
    check: (_, [x], [out]) =>
      size(x) === size(out) ? undefined : `takes ${size(out)} numbers but receives ${show(x?.shape)}`,
    flops: () => 0,
  },
  concat: {
    check: ({ attrs }, inputs, outputs) => {
      const [first] = shapesOf(inputs);
      if (!first) return "takes at least one value";
      const odd = inputs.find((v) => !sameShape(v.shape.with(attrs.axis, 0), first.with(attrs.axis, 0)));
      if (odd) return `takes ${show(first)} but for axis ${attrs.axis}, and receives ${show(odd.shape)}`;
      return gives(
        first.with(
          attrs.axis,
          inputs.reduce((n, v) => n + (v.shape[attrs.axis] ?? 0), 0),
        ),
        outputs,
      );
    },
    flops: () => 0,
  },
  slice: {
    check: ({ attrs }, [x], [out]) =>
      x &&
      out?.shape.every(
        (d, i) => (attrs.begin[i] ?? -1) >= 0 && (attrs.begin[i] ?? 0) + d <= (x.shape[i] ?? 0),
      )
        ? undefined
        : `takes a part of ${show(x?.shape)} but is asked for ${show(out?.shape)} from ${show(attrs.begin)}`,
    flops: () => 0,
  },
  pad: {
    check: ({ attrs }, [x], [out]) =>
      x &&
      out &&
      x.shape.every(
        (d, i) => (attrs.before[i] ?? -1) >= 0 && (attrs.before[i] ?? 0) + d <= (out.shape[i] ?? 0),
      )
        ? undefined
        : `puts ${show(x?.shape)} at ${show(attrs.before)} of ${show(out?.shape)}`,
    flops: () => 0,
  },
  gather: {
    check: (_, [table, indices], outputs) =>
      indices?.dtype !== "int32"
        ? "takes int32 indices"
        : gives([...indices.shape, ...(table?.shape.slice(1) ?? [])], outputs),
    flops: () => 0,
  },
  scatterAdd: {
    check: (_, [indices, updates], [out]) =>
      indices?.dtype !== "int32" || indices.shape.length !== 1
        ? "takes a list of int32 indices"
        : gives([out?.shape[0] ?? 0, ...(updates?.shape.slice(1) ?? [])], out ? [out] : []),
    flops: (_, [, updates]) => size(updates),
  },
  random: {
    check: (_, [key]) =>
      key?.dtype === "int32" && sameShape(key.shape, [3]) ? undefined : "takes an int32 key of 3 numbers",
    flops: (_, __, [out]) => 30 * size(out),
  },
};

const valuesOf = (program: Program, ids: readonly number[]): readonly Value[] =>
  ids.flatMap((id) => program.values[id] ?? []);

/** The cost of one operation of a program. */
export function costOf(op: Op, program: Program): Cost {
  const inputs = valuesOf(program, op.inputs);
  const outputs = valuesOf(program, op.outputs);
  const { flops } = primitives[op.prim] as Primitive<PrimitiveName>;
  const words = [...inputs, ...outputs].reduce((n, v) => n + size(v), 0);
  return { flops: flops(op, inputs, outputs), bytes: op.prim === "reshape" ? 0 : 4 * words };
}

/** Throws unless every operation fits its values and reads only what comes before it. */
export function checkProgram(program: Program): Program {
  const known = new Set([
    ...Object.values(program.inputs),
    ...Object.values(program.state),
    ...program.constants.keys(),
  ]);
  for (const op of program.ops) {
    const early = op.inputs.find((id) => !known.has(id));
    if (early !== undefined)
      throw new Error(`${op.node}: ${op.prim} reads value ${early} before it is computed`);
    const { check } = primitives[op.prim] as Primitive<PrimitiveName>;
    const fault = check(
      op as OpOf<PrimitiveName>,
      valuesOf(program, op.inputs),
      valuesOf(program, op.outputs),
    );
    if (fault) throw new Error(`${op.node}: ${op.prim} ${fault}`);
    for (const id of op.outputs) known.add(id);
  }
  return program;
}
