/** Programs evaluated in float64 by the definition of each primitive: what the tests compare the backend with. */
import { sizeOf } from "../../../dsl/array.js";
import { scalarOps } from "../../../dsl/expression.js";
import { integers, normals, uniforms } from "../../../dsl/random.js";
import type { OpOf, PrimitiveName, Program } from "../../program.js";
import { broadcastStrides, stridesOf } from "./views.js";

interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}
type Rule<P extends PrimitiveName> = (
  op: OpOf<P>,
  inputs: readonly Array64[],
  outputs: readonly Array64[],
) => void;

/** The indices of an array, in order. */
function* indices(shape: readonly number[]): Generator<number[]> {
  const strides = stridesOf(shape);
  for (let i = 0; i < sizeOf(shape); i++)
    yield shape.map((d, a) => Math.floor(i / (strides[a] as number)) % d);
}
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
const get = (x: Array64 | undefined, at: number): number => x?.data[at] as number;
const all = (xs: readonly Array64[]): [Array64, Array64] => xs as unknown as [Array64, Array64];

const rules: { readonly [P in PrimitiveName]: Rule<P> } = {
  elementwise({ attrs }, inputs, outputs) {
    const [{ shape, data }] = all(outputs);
    const strides = inputs.map((x) => broadcastStrides(x.shape, shape));
    let at = 0;
    for (const index of indices(shape)) {
      const values: number[] = [];
      for (const step of attrs.body) {
        if (step.op === "lookup") throw new Error("a lookup is lowered to gather");
        if (step.op === "constant") values.push(step.value);
        else if (step.op === "input") {
          const i = Number(step.name);
          values.push(get(inputs[i], dot(index, strides[i] as number[])));
        } else {
          const [a = 0, b = 0, c = 0] = step.args.map((p) => values[p] as number);
          values.push(scalarOps[step.op].evaluate(a, b, c));
        }
      }
      attrs.results.forEach((step, o) => {
        (outputs[o] as Array64).data[at] = values[step] as number;
      });
      at += 1;
    }
    return data;
  },
  matmul({ attrs }, inputs, outputs) {
    const [a, b] = all(inputs);
    const [{ shape, data }] = all(outputs);
    const [m, n] = shape as [number, number];
    const k = a.data.length / m;
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++)
        for (let p = 0; p < k; p++)
          (data[i * n + j] as number) +=
            get(a, attrs.transposeA ? p * m + i : i * k + p) *
            get(b, attrs.transposeB ? j * k + p : p * n + j);
  },
  reduce({ attrs }, inputs, outputs) {
    const [x] = all(inputs);
    const [{ shape, data }] = all(outputs);
    const strides = broadcastStrides(shape, x.shape);
    if (attrs.kind === "max") data.fill(Number.NEGATIVE_INFINITY);
    let i = 0;
    for (const index of indices(x.shape)) {
      const to = dot(index, strides);
      const v = get(x, i++);
      data[to] = attrs.kind === "max" ? Math.max(data[to] as number, v) : (data[to] as number) + v;
    }
  },
  reshape: (_, [x], [out]) => out?.data.set(x?.data ?? []),
  concat({ attrs }, inputs, outputs) {
    const [out] = all(outputs);
    let along = 0;
    for (const x of inputs) {
      put(
        x,
        out,
        x.shape.map((_, a) => (a === attrs.axis ? along : 0)),
      );
      along += x.shape[attrs.axis] as number;
    }
  },
  slice({ attrs }, inputs, outputs) {
    const [x] = all(inputs);
    const [out] = all(outputs);
    let i = 0;
    for (const index of indices(out.shape))
      out.data[i++] = get(
        x,
        dot(
          index.map((d, a) => d + (attrs.begin[a] as number)),
          stridesOf(x.shape),
        ),
      );
  },
  pad: ({ attrs }, inputs, outputs) => put(all(inputs)[0], all(outputs)[0], attrs.before),
  gather({ attrs }, inputs, outputs) {
    const [table, index] = all(inputs);
    const width = sizeOf(table.shape.slice(1));
    index.data.forEach((row, i) => {
      const from = (row - attrs.from) * width;
      const outside = from < 0 || from >= table.data.length;
      for (let j = 0; j < width; j++)
        all(outputs)[0].data[i * width + j] = outside ? Number.NaN : get(table, from + j);
    });
  },
  scatterAdd({ attrs }, inputs, outputs) {
    const [index, updates] = all(inputs);
    const [out] = all(outputs);
    const width = sizeOf(out.shape.slice(1));
    index.data.forEach((row, i) => {
      const to = (row - attrs.from) * width;
      if (to < 0 || to >= out.data.length) return;
      for (let j = 0; j < width; j++) (out.data[to + j] as number) += get(updates, i * width + j);
    });
  },
  random({ attrs }, inputs, outputs) {
    const [seed, step, first] = all(inputs)[0].data as unknown as [number, number, number];
    const key = { seed, step, first, stream: attrs.stream };
    const { data } = all(outputs)[0];
    if (attrs.kind === "integer") data.set(integers(data.length, attrs.min, attrs.max, key));
    else data.set((attrs.kind === "normal" ? normals : uniforms)(data.length, key));
  },
};

function put(x: Array64, out: Array64, begin: readonly number[]): void {
  let i = 0;
  for (const index of indices(x.shape))
    out.data[
      dot(
        index.map((d, a) => d + (begin[a] as number)),
        stridesOf(out.shape),
      )
    ] = get(x, i++);
}

/** Runs a program on these inputs and states once; gives every output by name. */
export function reference(
  program: Program,
  given: Readonly<Record<string, ArrayLike<number>>>,
): Readonly<Record<string, Float64Array>> {
  const values: Array64[] = program.values.map(({ shape }) => ({
    shape,
    data: new Float64Array(sizeOf(shape)),
  }));
  const at = (id: number): Array64 => values[id] as Array64;
  for (const [id, data] of program.constants) at(id).data.set(data);
  for (const [name, id] of Object.entries({ ...program.inputs, ...program.state }))
    at(id).data.set(given[name] ?? []);
  for (const op of program.ops)
    (rules[op.prim] as Rule<PrimitiveName>)(op as never, op.inputs.map(at), op.outputs.map(at));
  return Object.fromEntries(Object.entries(program.outputs).map(([name, id]) => [name, at(id).data]));
}
