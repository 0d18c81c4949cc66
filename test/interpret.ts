/**
 * The meaning of a program in the plainest way, in float64: what plans, passes and backends are tested against.
 * `memory(id)` gives the numbers of a value; by default every value has its own, with a plan they share.
 */

import { evaluateBody } from "../dsl/apply.js";
import { sizeOf } from "../dsl/array.js";
import { integers, normals, uniforms } from "../dsl/random.js";
import type { Epilogue, Op, Program, Value, ValueId } from "../runtime/program.js";
import { broadcastAt, flat, indexOf } from "./indices.js";
import { attention, attentionGradient, convolution, groupOf, means, softmax, summed } from "./meanings.js";

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
      return op.attrs.results.map((at, result) =>
        each((index) => {
          const values = shapes.map((s, k) => {
            return xs[k]?.[broadcastAt(index, s)] as number;
          });
          const number = evaluateBody(
            op.attrs.body.slice(0, at + 1),
            Object.fromEntries(values.map((v, k) => [`${k}`, v])),
          );
          const { dtype } = program.values[op.outputs[result] as ValueId] as Value;
          return dtype === "int32" ? Math.trunc(number) : number;
        }),
      );
    case "matmul": {
      const { transposeA, transposeB } = op.attrs;
      const [a = [], b = []] = shapes;
      const k = a.at(transposeA ? -2 : -1) as number;
      // a stack of one matrix is that matrix for all
      const at = (index: readonly number[], s: readonly number[]): number =>
        flat(
          index.slice(-s.length).map((i, axis) => (s[axis] === 1 ? 0 : i)),
          s,
        );
      return [
        finish(op.attrs, (index) => {
          const [g = 0, i = 0, j = 0] = index.length === 3 ? index : [0, ...index];
          let sum = 0;
          for (let l = 0; l < k; l++)
            sum +=
              (x[at(transposeA ? [g, l, i] : [g, i, l], a)] as number) *
              (y[at(transposeB ? [g, j, l] : [g, l, j], b)] as number);
          return sum;
        }),
      ];
    }
    case "conv2d": {
      const terms = convolution(op.attrs, shape, shapes[1] ?? [], out);
      return [
        finish(
          op.attrs,
          summed(terms, "y", (t) => (x[t.x] as number) * (y[t.filter] as number)),
        ),
      ];
    }
    case "conv2dInput": {
      const terms = convolution(op.attrs, out, shapes[1] ?? [], shape);
      return [
        finish(
          op.attrs,
          summed(terms, "x", (t) => (x[t.y] as number) * (y[t.filter] as number)),
        ),
      ];
    }
    case "conv2dFilter": {
      const terms = convolution(op.attrs, shape, out, shapes[1] ?? []);
      return [each(summed(terms, "filter", (t) => (x[t.x] as number) * (y[t.y] as number)))];
    }
    case "transpose": {
      const { order } = op.attrs;
      return [
        each(
          (index) =>
            x[
              flat(
                shape.map((_, axis) => index[order.indexOf(axis)] as number),
                shape,
              )
            ] as number,
        ),
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
    case "slice": {
      const { begin, strides } = op.attrs;
      const from = (i: number, axis: number): number =>
        (begin[axis] as number) + i * (strides[axis] as number);
      return [each((index) => x[flat(index.map(from), shape)] as number)];
    }
    case "pad": {
      const { before, strides, value } = op.attrs;
      return [
        each((index) => {
          const inner = index.map((i, axis) => (i - (before[axis] as number)) / (strides[axis] as number));
          return inner.every((i, axis) => Number.isInteger(i) && i >= 0 && i < (shape[axis] as number))
            ? (x[flat(inner, shape)] as number)
            : value;
        }),
      ];
    }
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
    case "softmax":
      return [softmax(x, shape.at(-1) as number)];
    case "normalize": {
      const { axes, epsilon, centred } = op.attrs;
      const mean = centred ? means(shape, axes, (i) => x[i] as number) : () => 0;
      const variance = means(shape, axes, (i) => ((x[i] as number) - mean(i)) ** 2);
      const kept = shape.map((d, axis) => (axes.includes(axis) ? 1 : d));
      const [mu, rate] = [new Float64Array(sizeOf(kept)), new Float64Array(sizeOf(kept))];
      const normal = x.map((v, i) => {
        const at = groupOf(i, shape, axes);
        mu[at] = mean(i);
        rate[at] = 1 / Math.sqrt(variance(i) + epsilon);
        return (v - mean(i)) * (rate[at] as number);
      });
      return [normal, mu, rate];
    }
    case "normalizeGradient": {
      const { axes, centred } = op.attrs;
      const rate = xs[2] as Float64Array;
      const mean = centred ? means(out, axes, (i) => x[i] as number) : () => 0;
      const along = means(out, axes, (i) => (x[i] as number) * (y[i] as number));
      return [
        x.map(
          (g, i) => (rate[groupOf(i, out, axes)] as number) * (g - mean(i) - (y[i] as number) * along(i)),
        ),
      ];
    }
    case "attention":
      return attention(op.attrs, xs, shapes);
    case "attentionGradient":
      return attentionGradient(op.attrs, xs, shapes);
  }

  /** Each number of the output, with the operation's epilogue. */
  function finish({ epilogue }: Epilogue, f: (index: number[], i: number) => number): Float64Array {
    if (!epilogue) return each(f);
    return each((index, i) => {
      const extra = shapes.slice(2).map((s, k) => [`${k + 1}`, xs[k + 2]?.[broadcastAt(index, s)] as number]);
      return evaluateBody(epilogue, { ...Object.fromEntries(extra), 0: f(index, i) });
    });
  }
}
