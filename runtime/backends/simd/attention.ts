/** Attention, cut into blocks of queries, and its gradient, cut into the matrices of the stack. */
import type { OpOf, ValueId } from "../../program.js";
import type { Emitter } from "./emit.js";
import { type Lowering, only } from "./lowering.js";
import { float32Bits } from "./normalization.js";

type Attention = OpOf<"attention"> | OpOf<"attentionGradient">;

/** Of q [g, n, d], k [g, m, d] and v [g, m, e]. */
function sizes({ inputs }: Attention, { value }: Emitter) {
  const [g, n, d] = value(only(inputs, 0)).shape as [number, number, number];
  const [, m, e] = value(only(inputs, 2)).shape as [number, number, number];
  return { g, n, m, d, e };
}

/** The numbers that both kernels take after their addresses. */
function numbers(op: Attention, emitter: Emitter, from: number, to: number): number[] {
  const { n, m, d, e } = sizes(op, emitter);
  const room = emitter.scratch(emitter.kernels.attentionScratch(n, m, d, e));
  return [n, m, d, e, float32Bits(op.attrs.scale), Number(op.attrs.causal), from, to, room];
}

export const attention: Lowering<"attention"> = {
  pieces: (op, emitter) => {
    const { g, n, m } = sizes(op, emitter);
    return g * emitter.kernels.attentionParts(n, m);
  },
  code: (op, emitter, from, to) => {
    const addresses = [...op.inputs, ...op.outputs].map(emitter.address);
    return emitter.call("attention", ...addresses, ...numbers(op, emitter, from, to));
  },
  cut: (op, emitter) => {
    const { n, m } = sizes(op, emitter);
    return emitter.kernels.attentionParts(n, m) === 1 ? perStack(op, emitter) : new Map();
  },
};

export const attentionGradient: Lowering<"attentionGradient"> = {
  pieces: (op, emitter) => sizes(op, emitter).g,
  code: (op, emitter, from, to) => {
    const addresses = [...op.inputs, ...op.outputs].map(emitter.address);
    return emitter.call("attentionGradient", ...addresses, ...numbers(op, emitter, from, to));
  },
  cut: perStack,
};

/** The numbers of one matrix of each stack. */
function perStack(op: Attention, { value }: Emitter): ReadonlyMap<ValueId, number> {
  return new Map(
    [...op.inputs, ...op.outputs].map((id) => {
      const [, rows, columns] = value(id).shape as [number, number, number];
      return [id, rows * columns];
    }),
  );
}
