import { sizeOf } from "../dsl/array.js";
import type { Step } from "../dsl/net.js";
import { broadcastShapes, sameShape } from "./builder.js";
import type { Conv2dAttrs, Epilogue, Op, OpOf, PrimitiveName, Program, Value } from "./program.js";

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
const givesAll = (shapes: readonly (readonly number[])[], outputs: readonly Value[]): string | undefined =>
  shapes.flatMap((shape, i) => gives(shape, outputs.slice(i, i + 1)) ?? [])[0];
const size = (value: Value | undefined): number => sizeOf(value?.shape ?? []);
const keptShape = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((d, i) => (axes.includes(i) ? 1 : d));

/** Whether a part of this shape, from `begin` by `strides`, lies within an array. */
const liesWithin = (
  part: readonly number[],
  begin: readonly number[],
  strides: readonly number[],
  whole: readonly number[],
): boolean =>
  part.length === whole.length &&
  part.every((d, i) => {
    const [from, by] = [begin[i] ?? -1, strides[i] ?? 0];
    return d === 0 || (from >= 0 && by >= 1 && from + (d - 1) * by < (whole[i] as number));
  });

const isFunction = (step: Step): boolean => step.op !== "input" && step.op !== "constant";
const epilogueSteps = ({ epilogue = [] }: Epilogue): number => epilogue.filter(isFunction).length;
/** Words unless what an epilogue reads is there and broadcasts to the output. */
function epilogueFault(
  { epilogue }: Epilogue,
  count: number,
  inputs: readonly Value[],
  shape: readonly number[],
): string | undefined {
  const extra = inputs.slice(2);
  if (!epilogue) return count === 2 ? undefined : "takes two values where it has no epilogue";
  const odd = epilogue.find((s) => s.op === "input" && !(Number(s.name) >= 0 && Number(s.name) < count - 1));
  if (odd) return `reads an input of its epilogue that is not there, ${JSON.stringify(odd)}`;
  const wide = extra.find((v) => !broadcastsTo(v.shape, shape));
  return wide && `broadcasts ${show(wide.shape)} to ${show(shape)}`;
}
const broadcastsTo = (shape: readonly number[], to: readonly number[]): boolean =>
  shape.length <= to.length && shape.every((d, i) => d === 1 || d === to[i + to.length - shape.length]);

/** Words unless y can be a convolution of x with the filter. */
function convolutionFault(
  { groups }: Conv2dAttrs,
  x: readonly number[] = [],
  filter: readonly number[] = [],
  y: readonly number[] = [],
): string | undefined {
  if ([x, filter, y].some((shape) => shape.length !== 4))
    return `takes images and filters of 4 axes but receives ${[x, filter, y].map(show).join(", ")}`;
  const [c, part, n] = [x[3] as number, filter[2] as number, filter[3] as number];
  return x[0] === y[0] && c === part * groups && n % groups === 0 && y[3] === n
    ? undefined
    : `in ${groups} groups, filter ${show(filter)} does not lead from ${show(x)} to ${show(y)}`;
}
/** Every place of y is a sum over a filter of one channel of the output. */
const convolutionFlops = (filter: Value | undefined, y: Value | undefined): number =>
  2 * size(y) * sizeOf(filter?.shape.slice(0, 3) ?? []);

function attentionFault(
  q: readonly number[],
  k: readonly number[],
  v: readonly number[],
): string | undefined {
  const fits =
    [q, k, v].every((s) => s.length === 3) &&
    q[0] === k[0] &&
    k[0] === v[0] &&
    k[1] === v[1] &&
    q[2] === k[2];
  return fits
    ? undefined
    : `takes [g, n, d], [g, m, d] and [g, m, e] but receives ${[q, k, v].map(show).join(", ")}`;
}
/** How many pairs of a query and a key there are. */
function attentionPairs(
  { attrs }: { readonly attrs: { readonly causal: boolean } },
  q: Value | undefined,
  k: Value | undefined,
): number {
  const [g = 0, n = 0] = q?.shape ?? [];
  const m = k?.shape[1] ?? 0;
  const first = Math.min(n, m);
  return g * (attrs.causal ? (first * (first + 1)) / 2 + (n - first) * m : n * m);
}

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
    flops: (op, _, [out]) => op.attrs.body.filter(isFunction).length * size(out),
  },
  matmul: {
    check: ({ attrs, inputs: ids }, inputs, outputs) => {
      const [a = [], b = []] = shapesOf(inputs);
      if (a.length < 2 || a.length > 3 || b.length !== a.length)
        return `takes two matrices, or two stacks of them, but receives ${show(a)} and ${show(b)}`;
      const [m, kA] = attrs.transposeA ? [a.at(-1), a.at(-2)] : [a.at(-2), a.at(-1)];
      const [kB, n] = attrs.transposeB ? [b.at(-1), b.at(-2)] : [b.at(-2), b.at(-1)];
      if (kA !== kB) return `takes ${kA} rows but receives ${kB}`;
      const stack = Math.max(a.length > 2 ? (a[0] as number) : 1, b.length > 2 ? (b[0] as number) : 1);
      if ([a, b].some((s) => s.length > 2 && s[0] !== 1 && s[0] !== stack))
        return `takes stacks of one size, or of 1, but receives ${show(a)} and ${show(b)}`;
      const shape = [...(a.length > 2 ? [stack] : []), m as number, n as number];
      return gives(shape, outputs) ?? epilogueFault(attrs, ids.length, inputs, shape);
    },
    flops: ({ attrs }, [a], [out]) =>
      (2 * (a?.shape.at(attrs.transposeA ? -2 : -1) ?? 0) + epilogueSteps(attrs)) * size(out),
  },
  conv2d: {
    check: ({ attrs, inputs: ids }, inputs, outputs) => {
      const [x, filter] = shapesOf(inputs);
      const y = outputs[0]?.shape ?? [];
      return convolutionFault(attrs, x, filter, y) ?? epilogueFault(attrs, ids.length, inputs, y);
    },
    flops: ({ attrs }, [, filter], [y]) => convolutionFlops(filter, y) + epilogueSteps(attrs) * size(y),
  },
  conv2dInput: {
    check: ({ attrs, inputs: ids }, inputs, outputs) => {
      const [dy, filter] = shapesOf(inputs);
      const dx = outputs[0]?.shape ?? [];
      return convolutionFault(attrs, dx, filter, dy) ?? epilogueFault(attrs, ids.length, inputs, dx);
    },
    flops: ({ attrs }, [dy, filter], [dx]) => convolutionFlops(filter, dy) + epilogueSteps(attrs) * size(dx),
  },
  conv2dFilter: {
    check: ({ attrs }, inputs, [filter]) => {
      const [x, dy] = shapesOf(inputs);
      return convolutionFault(attrs, x, filter?.shape, dy);
    },
    flops: (_, [, dy], [filter]) => convolutionFlops(filter, dy),
  },
  transpose: {
    check: ({ attrs: { order } }, [x], outputs) =>
      sameShape(
        [...order].sort((a, b) => a - b),
        (x?.shape ?? []).map((_, axis) => axis),
      )
        ? gives(
            order.map((axis) => x?.shape[axis] as number),
            outputs,
          )
        : `takes each axis of ${show(x?.shape)} once but receives ${show(order)}`,
    flops: () => 0,
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
    check: ({ attrs: { begin, strides } }, [x], [out]) =>
      x && out && liesWithin(out.shape, begin, strides, x.shape)
        ? undefined
        : `takes a part of ${show(x?.shape)} but is asked for ${show(out?.shape)} from ${show(begin)} by ${show(strides)}`,
    flops: () => 0,
  },
  pad: {
    check: ({ attrs: { before, strides } }, [x], [out]) =>
      x && out && liesWithin(x.shape, before, strides, out.shape)
        ? undefined
        : `puts ${show(x?.shape)} at ${show(before)} by ${show(strides)} of ${show(out?.shape)}`,
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
  softmax: {
    check: (_, [x], outputs) =>
      x?.shape.length ? gives(x.shape, outputs) : "takes an array of at least one axis",
    flops: (_, __, [y]) => 5 * size(y),
  },
  normalize: {
    check: ({ attrs: { axes } }, [x], outputs) => {
      const shapes = [x?.shape ?? [], ...[1, 2].map(() => keptShape(x?.shape ?? [], axes))];
      return givesAll(shapes, outputs);
    },
    flops: ({ attrs: { centred } }, [x]) => (centred ? 5 : 3) * size(x),
  },
  normalizeGradient: {
    check: ({ attrs: { axes } }, [g, y, rate], outputs) => {
      const shape = y?.shape ?? [];
      return sameShape(g?.shape ?? [], shape) && sameShape(rate?.shape ?? [], keptShape(shape, axes))
        ? gives(shape, outputs)
        : `takes a gradient like ${show(shape)} and its rate but receives ${show(g?.shape)} and ${show(rate?.shape)}`;
    },
    flops: ({ attrs: { centred } }, [g]) => (centred ? 7 : 5) * size(g),
  },
  attention: {
    check: (_, inputs, outputs) => {
      const [q = [], k = [], v = []] = shapesOf(inputs);
      return attentionFault(q, k, v) ?? givesAll([q.with(2, v[2] as number), q.with(2, 1)], outputs);
    },
    flops: (op, [q, k, v]) => attentionPairs(op, q, k) * (2 * ((q?.shape[2] ?? 0) + (v?.shape[2] ?? 0)) + 5),
  },
  attentionGradient: {
    check: (_, inputs, outputs) => {
      const [q = [], k = [], v = [], y = [], l = [], dy = []] = shapesOf(inputs);
      const fault = attentionFault(q, k, v);
      if (fault) return fault;
      const [out, log] = [q.with(2, v[2] as number), q.with(2, 1)];
      return sameShape(y, out) && sameShape(dy, out) && sameShape(l, log)
        ? givesAll([q, k, v], outputs)
        : `takes y and dy ${show(out)} and l ${show(log)} but receives ${show(y)}, ${show(dy)} and ${show(l)}`;
    },
    flops: (op, [q, k, v]) =>
      attentionPairs(op, q, k) * (6 * (q?.shape[2] ?? 0) + 4 * (v?.shape[2] ?? 0) + 6),
  },
};

const valuesOf = (program: Program, ids: readonly number[]): readonly Value[] =>
  ids.flatMap((id) => program.values[id] ?? []);

/** The cost of one operation of a program. A part, and rows that are looked up, are read as far as they are given. */
export function costOf(op: Op, program: Program): Cost {
  const inputs = valuesOf(program, op.inputs);
  const outputs = valuesOf(program, op.outputs);
  const { flops } = primitives[op.prim] as Primitive<PrimitiveName>;
  const words = (values: readonly Value[]): number => values.reduce((n, v) => n + size(v), 0);
  const given = words(outputs);
  const read =
    op.prim === "slice" ? given : op.prim === "gather" ? given + words(inputs.slice(1)) : words(inputs);
  return { flops: flops(op, inputs, outputs), bytes: op.prim === "reshape" ? 0 : 4 * (read + given) };
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
