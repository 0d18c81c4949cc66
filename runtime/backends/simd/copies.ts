/** Operations that only move numbers: boxes copied by an elementwise function that computes nothing. */
import { sizeOf } from "../../../dsl/array.js";
import type { Step } from "../../../dsl/net.js";
import type { Op, OpOf, ValueId } from "../../program.js";
import type { Emitter } from "./emit.js";
import { type Lowering, only } from "./lowering.js";
import { cutOf, type Loops, loopPieces, mergeLoops, partOfLoops, stridesOf, type View } from "./views.js";
import { type Code, instructions as wasm } from "./wasm.js";

const identity: readonly Step[] = [{ op: "input", name: "0" }];
/** Bytes of a part of a plain copy. */
const lineBytes = 64;

/** The part of an array that begins at `begin` and takes every `steps[axis]`-th place. */
function part(
  { value, address }: Emitter,
  id: ValueId,
  begin: readonly number[],
  steps?: readonly number[],
): View {
  const { shape, dtype } = value(id);
  const strides = stridesOf(shape);
  const first = begin.reduce((offset, b, axis) => offset + b * (strides[axis] as number), 0);
  const own = strides.map((stride, axis) => stride * (steps?.[axis] ?? 1));
  return { address: address(id) + 4 * first, dtype, strides: own };
}

/** The loops that copy a box of `sizes`; numbers of one kind are copied as they are. */
function box(sizes: readonly number[], from: View, to: View): Loops {
  const raw = from.dtype === to.dtype ? ({ dtype: "float32" } as const) : {};
  return mergeLoops({ sizes, inputs: [{ ...from, ...raw }], outputs: [{ ...to, ...raw }] });
}

/** Whether a box lies where it should be already. */
const inPlace = ({ inputs, outputs }: Loops): boolean => inputs[0]?.address === outputs[0]?.address;

/** Copies a box, or its parts `from` … `to` − 1; nothing where it lies in its place already. */
function copyBox(emitter: Emitter, loops: Loops, from?: number, to?: number): Code {
  if (inPlace(loops)) return [];
  const { sizes, inputs, outputs } = to === undefined ? loops : partOfLoops(loops, from ?? 0, to);
  return emitter.elementwise(identity, [0], sizes, inputs, outputs);
}

/** A lowering that is one box. */
function oneBox<P extends "slice" | "transpose">(
  loopsOf: (op: OpOf<P>, emitter: Emitter) => Loops,
): Lowering<P> {
  return {
    pieces: (op, emitter) => {
      const loops = loopsOf(op, emitter);
      return inPlace(loops) ? 0 : loopPieces(loops);
    },
    code: (op, emitter, from, to) => copyBox(emitter, loopsOf(op, emitter), from, to),
    cut: (op, emitter) => cutOf(loopsOf(op, emitter), [], (op as Op).outputs),
  };
}

export const slice: Lowering<"slice"> = oneBox<"slice">(({ attrs, inputs, outputs }, emitter) => {
  const { shape } = emitter.value(only(outputs));
  const origin = shape.map(() => 0);
  return box(
    shape,
    part(emitter, only(inputs), attrs.begin, attrs.strides),
    part(emitter, only(outputs), origin),
  );
});

export const transpose: Lowering<"transpose"> = oneBox<"transpose">(({ attrs, inputs, outputs }, emitter) => {
  const { shape } = emitter.value(only(outputs));
  const origin = shape.map(() => 0);
  const from = part(emitter, only(inputs), origin);
  const strides = attrs.order.map((axis) => from.strides[axis] as number);
  return box(shape, { ...from, strides }, part(emitter, only(outputs), origin));
});

export const reshape: Lowering<"reshape"> = {
  pieces: ({ inputs, outputs }, { value, address }) =>
    address(only(inputs)) === address(only(outputs))
      ? 0
      : Math.ceil((4 * sizeOf(value(only(outputs)).shape)) / lineBytes),
  code: ({ inputs, outputs }, { value, address, copy }, from, to) => {
    const bytes = 4 * sizeOf(value(only(outputs)).shape);
    const [first, end] = [from * lineBytes, Math.min(bytes, to * lineBytes)];
    return copy(address(only(inputs)) + first, address(only(outputs)) + first, end - first);
  },
  cut: ({ inputs, outputs }) =>
    new Map([
      [only(inputs), lineBytes / 4],
      [only(outputs), lineBytes / 4],
    ]),
};

/** Cut along what stands before the axis of the concatenation; operands that lie in their place need nothing. */
export const concat: Lowering<"concat"> = {
  pieces: ({ attrs, inputs, outputs }, { value, address }) => {
    const { shape } = value(only(outputs));
    const rows = sizeOf(shape.slice(0, attrs.axis));
    let at = address(only(outputs));
    const idle = inputs.every((id) => {
      const there = address(id) === at;
      at += 4 * sizeOf(value(id).shape.slice(attrs.axis));
      return there;
    });
    return rows === 1 && idle ? 0 : rows;
  },
  code: ({ attrs, inputs, outputs }, emitter, from, to) => {
    const width = (id: ValueId): number => sizeOf(emitter.value(id).shape.slice(attrs.axis));
    const out = only(outputs);
    const rows = (id: ValueId, first: number): View => ({
      address: emitter.address(id) + 4 * (from * width(id) + first),
      dtype: emitter.value(id).dtype,
      strides: [width(id), 1],
    });
    let along = 0;
    return inputs.flatMap((id) => {
      const loops = box([to - from, width(id)], rows(id, 0), rows(out, along));
      along += width(id);
      return copyBox(emitter, loops);
    });
  },
  cut: ({ attrs, inputs, outputs }, { value }) =>
    new Map([...inputs, ...outputs].map((id) => [id, sizeOf(value(id).shape.slice(attrs.axis))])),
};

/** Cut along the first axis where nothing is put before, between or behind it. */
export const pad: Lowering<"pad"> = {
  pieces: ({ inputs, outputs }, { value }) => {
    const [rows] = value(only(inputs)).shape;
    return rows !== undefined && rows === value(only(outputs)).shape[0] ? rows : 1;
  },
  code: ({ attrs, inputs, outputs }, emitter, from, to) => {
    const out = only(outputs);
    const { shape } = emitter.value(out);
    const { shape: own } = emitter.value(only(inputs));
    const cut = own.length > 0 && own[0] === shape[0];
    const first = shape.map(() => 0);
    const [size, begin, before] = cut
      ? [own.with(0, to - from), first.with(0, from), attrs.before.with(0, from)]
      : [own, first, attrs.before];
    const numbers = cut ? (to - from) * sizeOf(shape.slice(1)) : sizeOf(shape);
    const target = part(emitter, out, cut ? first.with(0, from) : first);
    const source = part(emitter, only(inputs), begin);
    return [
      ...fill(emitter, target, numbers, attrs.value),
      ...copyBox(emitter, box(size, source, part(emitter, out, before, attrs.strides))),
    ];
  },
  cut: ({ inputs, outputs }, { value }) =>
    new Map([...inputs, ...outputs].map((id) => [id, sizeOf(value(id).shape.slice(1))])),
};

/** Sets numbers that lie side by side. */
function fill(emitter: Emitter, { address, dtype }: View, numbers: number, value: number): Code {
  if (value === 0)
    return [...wasm.i32(address), ...wasm.i32(0), ...wasm.i32(4 * numbers), ...wasm.memoryFill];
  const body: readonly Step[] = [{ op: "constant", value }];
  return emitter.elementwise(body, [0], [numbers], [], [{ address, dtype, strides: [1] }]);
}
