/** How each primitive runs: as dispatches of generated programs. */
import { sizeOf } from "../../../dsl/array.js";
import type { Step } from "../../../dsl/net.js";
import type { CompositeName, ElementaryName, OpOf, PrimitiveName, Value, ValueId } from "../../program.js";
import { broadcastStrides, stridesOf } from "../simd/views.js";
import { type Convolution, conv2d, conv2dFilter, conv2dInput } from "./convolution.js";
import { copyBox, elementwise } from "./elementwise.js";
import type { Dispatch } from "./kernel.js";
import { matmul, type Stack } from "./matmul.js";
import type { ProductEpilogue } from "./product.js";
import { random } from "./random.js";
import { reduce } from "./reduce.js";
import { gather, scatterAdd } from "./rows.js";
import type { Place, View } from "./views.js";

/** What the lowering of an operation is made with. */
export interface Emitter {
  value(id: ValueId): Value;
  place(id: ValueId): Place;
  /** Memory that the current operation may use as it likes. */
  scratch(words: number): Place;
}
export type Lowering<P extends PrimitiveName> = (op: OpOf<P>, emitter: Emitter) => Dispatch[];

/** The composite primitives that run as they are. */
export type OwnComposite = Extract<CompositeName, "softmax" | "normalize" | "normalizeGradient">;
export const composites: ReadonlySet<CompositeName> = new Set<OwnComposite>([
  "softmax",
  "normalize",
  "normalizeGradient",
]);

const only = (ids: readonly ValueId[], i = 0): ValueId => ids[i] as ValueId;
const input = (k: number): Step => ({ op: "input", name: `${k}` });
const fillBody = (value: number): readonly Step[] => [{ op: "constant", value }];

/** A whole array, or one broadcast to `shape`. */
function viewOf({ value, place }: Emitter, id: ValueId, to?: readonly number[]): View {
  const { shape, dtype } = value(id);
  return { ...place(id), dtype, strides: broadcastStrides(shape, to ?? shape) };
}
/** Dense numbers broadcast to `to`. */
const real = (place: Place, shape: readonly number[], to: readonly number[]): View => ({
  ...place,
  dtype: "float32",
  strides: broadcastStrides(shape, to),
});
/** Every `steps`-th element of an array, from `begin` on. */
function part(
  emitter: Emitter,
  id: ValueId,
  begin: readonly number[],
  steps: readonly number[] = begin.map(() => 1),
): View {
  const { dtype, shape } = emitter.value(id);
  const strides = stridesOf(shape);
  const place = emitter.place(id);
  return {
    ...place,
    at: place.at + begin.reduce((sum, b, axis) => sum + b * (strides[axis] as number), 0),
    dtype,
    strides: strides.map((stride, axis) => stride * (steps[axis] as number)),
  };
}

/** The value's numbers as float32, and the dispatches that put them there. */
function asReal(emitter: Emitter, id: ValueId): { readonly place: Place; readonly first: Dispatch[] } {
  const { dtype, shape } = emitter.value(id);
  if (dtype === "float32") return { place: emitter.place(id), first: [] };
  const place = emitter.scratch(sizeOf(shape));
  return { place, first: copyBox(shape, viewOf(emitter, id), real(place, shape, shape)) };
}

/** The epilogue of a product: its inputs after the first two, broadcast to the output's shape. */
function epilogueOf(
  emitter: Emitter,
  { attrs, inputs, outputs }: OpOf<"matmul" | "conv2d" | "conv2dInput">,
): ProductEpilogue | undefined {
  if (!attrs.epilogue) return undefined;
  const { shape } = emitter.value(only(outputs));
  return { body: attrs.epilogue, shape, inputs: inputs.slice(2).map((id) => viewOf(emitter, id, shape)) };
}

const stack = (shape: readonly number[], place: Place): Stack => {
  const [columns = 1, rows = 1] = shape.toReversed();
  return { ...place, shape: [sizeOf(shape.slice(0, -2)), rows, columns] };
};

/** The shapes of a convolution, from those of its arrays in the order x, filter, y. */
const convolution = (
  { value }: Emitter,
  attrs: Convolution["attrs"],
  [x, filter, y]: readonly [ValueId, ValueId, ValueId],
): Convolution => ({ attrs, x: value(x).shape, filter: value(filter).shape, y: value(y).shape });

/** A primitive without a row here does not compile. */
export const lowerings: { readonly [P in ElementaryName | OwnComposite]: Lowering<P> } = {
  elementwise: ({ attrs, inputs, outputs }, emitter) => {
    const { shape } = emitter.value(only(outputs));
    return elementwise(
      attrs.body,
      attrs.results,
      shape,
      inputs.map((id) => viewOf(emitter, id, shape)),
      outputs.map((id) => viewOf(emitter, id)),
    );
  },

  matmul: (op, emitter) => {
    const [a, b] = [asReal(emitter, only(op.inputs, 0)), asReal(emitter, only(op.inputs, 1))];
    const { value, place, scratch } = emitter;
    const operand = (i: number, at: Place): Stack => stack(value(only(op.inputs, i)).shape, at);
    const out = place(only(op.outputs));
    const epilogue = epilogueOf(emitter, op);
    return [
      ...[...a.first, ...b.first],
      ...matmul(op.attrs, operand(0, a.place), operand(1, b.place), out, scratch, epilogue),
    ];
  },

  conv2d: (op, emitter) => {
    const [x, filter, y] = [only(op.inputs, 0), only(op.inputs, 1), only(op.outputs)] as const;
    const { place, scratch } = emitter;
    const shapes = convolution(emitter, op.attrs, [x, filter, y]);
    return conv2d(shapes, [place(x), place(filter), place(y)], scratch, epilogueOf(emitter, op));
  },

  conv2dInput: (op, emitter) => {
    const [dy, filter, dx] = [only(op.inputs, 0), only(op.inputs, 1), only(op.outputs)] as const;
    const { place, scratch } = emitter;
    const shapes = convolution(emitter, op.attrs, [dx, filter, dy]);
    return conv2dInput(shapes, [place(dy), place(filter), place(dx)], scratch, epilogueOf(emitter, op));
  },

  conv2dFilter: (op, emitter) => {
    const [x, dy, dfilter] = [only(op.inputs, 0), only(op.inputs, 1), only(op.outputs)] as const;
    const { place, scratch } = emitter;
    const shapes = convolution(emitter, op.attrs, [x, dfilter, dy]);
    return conv2dFilter(shapes, [place(x), place(dy), place(dfilter)], scratch);
  },

  transpose: ({ attrs, inputs, outputs }, emitter) => {
    const to = viewOf(emitter, only(outputs));
    const from = viewOf(emitter, only(inputs));
    const strides = attrs.order.map((axis) => from.strides[axis] as number);
    return copyBox(emitter.value(only(outputs)).shape, { ...from, strides }, to);
  },

  reduce: ({ attrs, inputs, outputs }, emitter) =>
    reduce(
      {
        kind: attrs.kind,
        body: [input(0)],
        results: [0],
        sizes: emitter.value(only(inputs)).shape,
        axes: attrs.axes,
        inputs: [viewOf(emitter, only(inputs))],
        outputs: [emitter.place(only(outputs))],
      },
      emitter.scratch,
    ),

  reshape: ({ inputs, outputs }, emitter) => {
    const sizes = [sizeOf(emitter.value(only(outputs)).shape)];
    const flat = (id: ValueId): View => ({ ...viewOf(emitter, id), strides: [1] });
    return copyBox(sizes, flat(only(inputs)), flat(only(outputs)));
  },

  concat: ({ attrs, inputs, outputs }, emitter) => {
    const out = only(outputs);
    const origin = emitter.value(out).shape.map(() => 0);
    let along = 0;
    return inputs.flatMap((id) => {
      const { shape } = emitter.value(id);
      const to = part(emitter, out, origin.with(attrs.axis, along));
      along += shape[attrs.axis] as number;
      return copyBox(shape, viewOf(emitter, id), to);
    });
  },

  slice: ({ attrs, inputs, outputs }, emitter) => {
    const out = only(outputs);
    const from = part(emitter, only(inputs), attrs.begin, attrs.strides);
    return copyBox(emitter.value(out).shape, from, viewOf(emitter, out));
  },

  pad: ({ attrs, inputs, outputs }, emitter) => {
    const [x, out] = [only(inputs), only(outputs)];
    return [
      ...elementwise(fillBody(attrs.value), [0], emitter.value(out).shape, [], [viewOf(emitter, out)]),
      ...copyBox(emitter.value(x).shape, viewOf(emitter, x), part(emitter, out, attrs.before, attrs.strides)),
    ];
  },

  gather: ({ attrs, inputs, outputs }, { value, place }) => {
    const [table, indices] = [only(inputs, 0), only(inputs, 1)];
    const [rows = 0, ...rest] = value(table).shape;
    const sizes = { count: sizeOf(value(indices).shape), rows, width: sizeOf(rest), from: attrs.from };
    return gather({ indices: place(indices), ...sizes }, place(table), place(only(outputs)));
  },

  scatterAdd: ({ attrs, inputs, outputs }, { value, place }) => {
    const [indices, updates] = [only(inputs, 0), only(inputs, 1)];
    const [rows = 0, ...rest] = value(only(outputs)).shape;
    const sizes = { count: sizeOf(value(indices).shape), rows, width: sizeOf(rest), from: attrs.from };
    const { dtype } = value(updates);
    return scatterAdd(
      { indices: place(indices), ...sizes },
      { ...place(updates), dtype },
      place(only(outputs)),
    );
  },

  random: ({ attrs, inputs, outputs }, { value, place }) => {
    const out = only(outputs);
    return random(attrs, place(only(inputs)), place(out), sizeOf(value(out).shape));
  },

  /** max x, then Σ eˣ⁻ᵐᵃˣ, then their quotient. */
  softmax: ({ inputs, outputs }, emitter) => {
    const { shape } = emitter.value(only(inputs));
    const row = shape.with(-1, 1);
    const x = viewOf(emitter, only(inputs));
    const [most, sum] = [emitter.scratch(sizeOf(row)), emitter.scratch(sizeOf(row))];
    const shifted: readonly Step[] = [
      input(0),
      input(1),
      { op: "sub", args: [0, 1] },
      { op: "exp", args: [2] },
    ];
    const along = { sizes: shape, axes: [shape.length - 1] };
    return [
      ...reduce(
        { kind: "max", body: [input(0)], results: [0], ...along, inputs: [x], outputs: [most] },
        emitter.scratch,
      ),
      ...reduce(
        {
          kind: "sum",
          body: shifted,
          results: [3],
          ...along,
          inputs: [x, real(most, row, shape)],
          outputs: [sum],
        },
        emitter.scratch,
      ),
      ...elementwise(
        [...shifted, input(2), { op: "div", args: [3, 4] }],
        [5],
        shape,
        [x, real(most, row, shape), real(sum, row, shape)],
        [viewOf(emitter, only(outputs))],
      ),
    ];
  },

  /** Its mean, then the mean square of what is left, which loses no digits, then the quotient. */
  normalize: ({ attrs, inputs, outputs }, emitter) => {
    const { axes, epsilon, centred } = attrs;
    const { shape } = emitter.value(only(inputs));
    const x = viewOf(emitter, only(inputs));
    const [y, mean, rate] = [only(outputs, 0), only(outputs, 1), only(outputs, 2)];
    const small = emitter.value(mean).shape;
    const meanOf = meanBody(sizeOf(axes.map((axis) => shape[axis] as number)));
    const along = { kind: "sum", sizes: shape, axes } as const;
    const centre: readonly Step[] = [input(0), input(1), { op: "sub", args: [0, 1] }];
    const means = [x, viewOf(emitter, mean, shape)];
    const first = centred
      ? reduce(
          {
            ...{ ...along, body: [input(0)], results: [0] },
            ...{ inputs: [x], outputs: [emitter.place(mean)], after: { body: meanOf, results: [2] } },
          },
          emitter.scratch,
        )
      : elementwise(fillBody(0), [0], small, [], [viewOf(emitter, mean)]);
    const rateOf: readonly Step[] = [
      ...meanOf,
      { op: "constant", value: epsilon },
      { op: "add", args: [2, 3] },
      { op: "rsqrt", args: [4] },
    ];
    return [
      ...first,
      ...reduce(
        {
          ...{ ...along, body: [...centre, { op: "square", args: [2] }], results: [3] },
          ...{ inputs: means, outputs: [emitter.place(rate)], after: { body: rateOf, results: [5] } },
        },
        emitter.scratch,
      ),
      ...elementwise(
        [...centre, input(2), { op: "mul", args: [2, 3] }],
        [4],
        shape,
        [...means, viewOf(emitter, rate, shape)],
        [viewOf(emitter, y)],
      ),
    ];
  },

  /** The means of g and of g·y in one pass, then rate·(g − mean g − y·mean(g·y)). */
  normalizeGradient: ({ attrs, inputs, outputs }, emitter) => {
    const { axes, centred } = attrs;
    const [g, y, rate] = [only(inputs, 0), only(inputs, 1), only(inputs, 2)];
    const { shape } = emitter.value(g);
    const small = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const count = sizeOf(axes.map((axis) => shape[axis] as number));
    const views = [viewOf(emitter, g), viewOf(emitter, y)];
    const means = (centred ? [1, 0] : [1]).map(() => emitter.scratch(sizeOf(small)));
    const after = means.flatMap((_, i): Step[] => [
      input(i),
      { op: "constant", value: 1 / count },
      { op: "mul", args: [3 * i, 3 * i + 1] },
    ]);
    const product: readonly Step[] = [input(0), input(1), { op: "mul", args: [0, 1] }];
    const lessMeans: readonly Step[] = [
      ...[input(0), input(1), input(2), input(3)],
      { op: "mul", args: [1, 3] },
      { op: "sub", args: [0, 4] },
      ...(centred ? [input(4), { op: "sub", args: [5, 6] } as const] : []),
    ];
    return [
      ...reduce(
        {
          kind: "sum",
          ...{ body: product, results: centred ? [2, 0] : [2], sizes: shape, axes },
          ...{
            inputs: views,
            outputs: means,
            after: { body: after, results: means.map((_, i) => 3 * i + 2) },
          },
        },
        emitter.scratch,
      ),
      ...elementwise(
        [...lessMeans, { op: "mul", args: [lessMeans.length - 1, 2] }],
        [lessMeans.length],
        shape,
        [...views, viewOf(emitter, rate, shape), ...means.map((mean) => real(mean, small, shape))],
        [viewOf(emitter, only(outputs))],
      ),
    ];
  },
};

/** "0" divided by `count`: the step 2. */
const meanBody = (count: number): readonly Step[] => [
  input(0),
  { op: "constant", value: 1 / count },
  { op: "mul", args: [0, 1] },
];
