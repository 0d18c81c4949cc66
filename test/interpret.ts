/**
 * The meaning of a program in the plainest way, in float64: what plans, passes and backends are tested against.
 * `memory(id)` gives the numbers of a value; by default every value has its own, with a plan they share.
 */

import { evaluateBody } from "../dsl/apply.js";
import { sizeOf } from "../dsl/array.js";
import { integers, normals, uniforms } from "../dsl/random.js";
import type { Op, Program, ValueId } from "../runtime/program.js";

export type Memory = (id: ValueId) => Float64Array;

export const ownMemory = (program: Program): Memory => {
  const arrays = program.values.map(({ shape }) => new Float64Array(sizeOf(shape)));
  return (id) => arrays[id] as Float64Array;
};

/** Memory by a plan: values whose offsets overlap write over one another. */
export const sharedMemory = (program: Program, offsets: readonly number[], bytes: number): Memory => {
  const words = new Float64Array(bytes / 4);
  return (id) => {
    const from = (offsets[id] as number) / 4;
    return words.subarray(from, from + sizeOf(program.values[id]?.shape ?? []));
  };
};

/** Runs a program once and gives its outputs; its states are left as the updates say. */
export function interpret(
  program: Program,
  given: Readonly<Record<string, ArrayLike<number>>>,
  memory: Memory = ownMemory(program),
): Record<string, Float64Array> {
  for (const [id, data] of program.constants) memory(id).set(data);
  for (const [name, id] of [...Object.entries(program.inputs), ...Object.entries(program.state)])
    if (given[name]) memory(id).set(given[name]);
  for (const op of program.ops) {
    const results = runOp(op, program, memory);
    op.outputs.forEach((id, i) => memory(id).set(results[i] as ArrayLike<number>));
  }
  const outputs = Object.fromEntries(
    Object.entries(program.outputs).map(([name, id]) => [name, memory(id).slice()]),
  );
  const updates = Object.entries(program.updates).map(([name, id]) => [name, memory(id).slice()] as const);
  for (const [name, data] of updates) memory(program.state[name] as ValueId).set(data);
  return outputs;
}

const stridesOf = (shape: readonly number[]): number[] => shape.map((_, i) => sizeOf(shape.slice(i + 1)));
/** The multi-index of element i of a shape. */
const indexOf = (i: number, shape: readonly number[]): number[] => {
  const strides = stridesOf(shape);
  return shape.map((d, axis) => Math.floor(i / (strides[axis] as number)) % d);
};
const flat = (index: readonly number[], shape: readonly number[]): number =>
  stridesOf(shape).reduce((sum, stride, axis) => sum + stride * (index[axis] as number), 0);

function runOp(op: Op, program: Program, memory: Memory): ArrayLike<number>[] {
  const shapes = op.inputs.map((id) => program.values[id]?.shape ?? []);
  const [out = []] = op.outputs.map((id) => program.values[id]?.shape ?? []);
  const xs = op.inputs.map((id) => memory(id));
  const [x = new Float64Array(), y = new Float64Array()] = xs;
  const [shape = []] = shapes;
  const each = (f: (index: number[], i: number) => number): Float64Array =>
    Float64Array.from({ length: sizeOf(out) }, (_, i) => f(indexOf(i, out), i));
  switch (op.prim) {
    case "elementwise":
      return op.attrs.results.map((at) =>
        each((index) => {
          const values = shapes.map((s, k) => {
            const own = s.map((d, axis) => (d === 1 ? 0 : (index[axis + out.length - s.length] as number)));
            return xs[k]?.[flat(own, s)] as number;
          });
          return evaluateBody(
            op.attrs.body.slice(0, at + 1),
            Object.fromEntries(values.map((v, k) => [`${k}`, v])),
          );
        }),
      );
    case "matmul": {
      const { transposeA, transposeB } = op.attrs;
      const [a = [], b = []] = shapes;
      const k = a[transposeA ? 0 : 1] as number;
      return [
        each(([i = 0, j = 0]) => {
          let sum = 0;
          for (let l = 0; l < k; l++)
            sum +=
              (x[flat(transposeA ? [l, i] : [i, l], a)] as number) *
              (y[flat(transposeB ? [j, l] : [l, j], b)] as number);
          return sum;
        }),
      ];
    }
    case "reduce": {
      const max = op.attrs.kind === "max";
      const result = new Float64Array(sizeOf(out)).fill(max ? Number.NEGATIVE_INFINITY : 0);
      x.forEach((v, i) => {
        const at = flat(
          indexOf(i, shape).map((k, axis) => (op.attrs.axes.includes(axis) ? 0 : k)),
          out,
        );
        result[at] = max ? Math.max(result[at] as number, v) : (result[at] as number) + v;
      });
      return [result];
    }
    case "reshape":
      return [x.slice()];
    case "concat": {
      const { axis } = op.attrs;
      return [
        each((index) => {
          let at = index[axis] as number;
          let k = 0;
          while (at >= (shapes[k]?.[axis] as number)) at -= shapes[k++]?.[axis] as number;
          return xs[k]?.[flat(index.with(axis, at), shapes[k] as number[])] as number;
        }),
      ];
    }
    case "slice":
      return [
        each(
          (index) =>
            x[
              flat(
                index.map((i, axis) => i + (op.attrs.begin[axis] as number)),
                shape,
              )
            ] as number,
        ),
      ];
    case "pad":
      return [
        each((index) => {
          const inner = index.map((i, axis) => i - (op.attrs.before[axis] as number));
          return inner.every((i, axis) => i >= 0 && i < (shape[axis] as number))
            ? (x[flat(inner, shape)] as number)
            : 0;
        }),
      ];
    case "gather": {
      const row = sizeOf(shape.slice(1));
      return [
        each((_, i) => x[((y[Math.floor(i / row)] as number) - op.attrs.from) * row + (i % row)] as number),
      ];
    }
    case "scatterAdd": {
      const row = sizeOf(out.slice(1));
      const result = new Float64Array(sizeOf(out));
      y.forEach((v, i) => {
        const at = ((x[Math.floor(i / row)] as number) - op.attrs.from) * row + (i % row);
        result[at] = (result[at] as number) + v;
      });
      return [result];
    }
    case "random": {
      const [seed = 0, step = 0, first = 0] = x;
      const key = { seed, step, stream: op.attrs.stream, first };
      const n = sizeOf(out);
      if (op.attrs.kind === "integer") return [integers(n, op.attrs.min, op.attrs.max, key)];
      return [op.attrs.kind === "normal" ? normals(n, key) : uniforms(n, key)];
    }
  }
}
