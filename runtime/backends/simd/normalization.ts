/** Softmax and normalization, cut into rows, or into examples and groups. */
import { sizeOf } from "../../../dsl/array.js";
import type { OpOf } from "../../program.js";
import { manyImages } from "./convolution.js";
import type { Emitter } from "./emit.js";
import { type Lowering, only } from "./lowering.js";
import type { Code } from "./wasm.js";

/** The bits of a number as float32. */
export const float32Bits = (x: number): number => new Int32Array(Float32Array.of(x).buffer)[0] as number;

export const softmax: Lowering<"softmax"> = {
  pieces: ({ inputs }, { value }) => sizeOf(value(only(inputs)).shape.slice(0, -1)),
  code: ({ inputs, outputs }, { value, address, call }, from, to) => {
    const n = value(only(inputs)).shape.at(-1) as number;
    return call("softmax", address(only(inputs)), address(only(outputs)), n, from, to);
  },
  cut: ({ inputs, outputs }, { value }) => {
    const n = value(only(inputs)).shape.at(-1) as number;
    return new Map([
      [only(inputs), n],
      [only(outputs), n],
    ]);
  },
};

/** x as [outer, rows, groups, width], where means are over rows and width. */
interface Layout {
  readonly outer: number;
  readonly rows: number;
  readonly groups: number;
  readonly width: number;
}

/** Throws a RangeError where the axes are not of that form. */
function layoutOf(shape: readonly number[], axes: readonly number[]): Layout {
  // The sizes of runs of neighbouring axes: kept, reduced, kept, reduced.
  const sizes = [1];
  shape.forEach((d, axis) => {
    if (d === 1) return;
    if (axes.includes(axis) === (sizes.length % 2 === 0)) sizes.push((sizes.pop() as number) * d);
    else sizes.push(d);
  });
  const [outer = 1, rows = 1, groups = 1, width = 1, ...more] = sizes;
  if (more.length > 0)
    throw new RangeError(
      `simd: normalize takes axes of two runs of neighbours, the second the last, but receives [${axes.join(", ")}] of [${shape.join(", ")}]`,
    );
  // Rows that are not followed by groups are one row.
  return groups === 1 ? { outer, rows: 1, groups, width: rows * width } : { outer, rows, groups, width };
}

type Normalize = OpOf<"normalize"> | OpOf<"normalizeGradient">;

/** The parts of the kernels that are one part of the work: where there are many of `outer`, all of one of them. */
function perPart({ outer, rows, groups, width }: Layout, { kernels }: Emitter): number {
  return rows > 1 && outer >= manyImages ? kernels.normalizeParts(groups, width) : 1;
}

function pieces({ attrs, inputs }: Normalize, emitter: Emitter): number {
  const layout = layoutOf(emitter.value(only(inputs)).shape, attrs.axes);
  const { outer, rows, groups, width } = layout;
  if (rows === 1) return outer * groups;
  return (outer * emitter.kernels.normalizeParts(groups, width)) / perPart(layout, emitter);
}

/** `addresses` are those that the kernels take, `flags` the numbers after the sizes. */
function code(
  { prim, attrs, inputs }: Normalize,
  emitter: Emitter,
  addresses: readonly number[],
  flags: readonly number[],
  from: number,
  to: number,
): Code {
  const { kernels, value, scratch, call } = emitter;
  const layout = layoutOf(value(only(inputs)).shape, attrs.axes);
  const { rows, groups, width } = layout;
  const gradient = prim === "normalizeGradient";
  if (rows === 1) {
    const kernel = gradient ? "normalizeRowsGradient" : "normalizeRows";
    return call(kernel, ...addresses, width, ...flags, from, to);
  }
  const kernel = gradient ? "normalizeColumnsGradient" : "normalizeColumns";
  const room = scratch(kernels.normalizeScratch(width));
  const parts = [from, to].map((part) => part * perPart(layout, emitter));
  return call(kernel, ...addresses, rows, groups, width, ...flags, ...parts, room);
}

export const normalize: Lowering<"normalize"> = {
  pieces,
  code: (op, emitter, from, to) => {
    const addresses = [...op.inputs, ...op.outputs].map(emitter.address);
    const flags = [float32Bits(op.attrs.epsilon), Number(op.attrs.centred)];
    return code(op, emitter, addresses, flags, from, to);
  },
  cut: cutRows,
};

export const normalizeGradient: Lowering<"normalizeGradient"> = {
  pieces,
  code: (op, emitter, from, to) => {
    const addresses = [...op.inputs, ...op.outputs].map(emitter.address);
    return code(op, emitter, addresses, [Number(op.attrs.centred)], from, to);
  },
  cut: cutRows,
};

/** Where the parts are rows, each value is cut into its rows; where they are the whole of each of `outer`, into those. */
function cutRows(op: Normalize, emitter: Emitter): ReadonlyMap<number, number> {
  const { outer, rows, groups, width } = layoutOf(emitter.value(only(op.inputs)).shape, op.attrs.axes);
  const parts = pieces(op, emitter);
  if (rows > 1 && parts !== outer) return new Map();
  const numbers = rows === 1 ? width : rows * groups * width;
  const kept = rows === 1 ? 1 : groups;
  const whole = sizeOf(emitter.value(only(op.inputs)).shape);
  return new Map(
    [...op.inputs, ...op.outputs].map((id) => [
      id,
      sizeOf(emitter.value(id).shape) === whole && numbers > kept ? numbers : kept,
    ]),
  );
}
