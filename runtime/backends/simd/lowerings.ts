/** How each primitive runs: as calls of kernels and of elementwise functions made for it. */
import { sizeOf } from "../../../dsl/array.js";
import type { PrimitiveName, Program } from "../../program.js";
import { concat, pad, reshape, slice, transpose } from "./copies.js";
import { elementwise } from "./elementwise-lowering.js";
import type { KernelSet } from "./load-kernels.js";
import { type Lowering, only, whole } from "./lowering.js";
import { matmul } from "./matmul.js";
import { reduce } from "./reduce.js";
import { lineNumbers } from "./views.js";

export type { Lowering } from "./lowering.js";

/** What images and sequences need beside the basic primitives: loaded with the first program that has one of them. */
const specialNames = [
  ...(["conv2d", "conv2dInput", "conv2dFilter"] as const),
  ...(["softmax", "normalize", "normalizeGradient", "attention", "attentionGradient"] as const),
] as const satisfies readonly PrimitiveName[];
export type SpecialName = (typeof specialNames)[number];

/** A primitive with a row neither here nor in `special.ts` does not compile. */
const basic: { readonly [P in Exclude<PrimitiveName, SpecialName>]: Lowering<P> } = {
  elementwise,
  reduce,
  reshape,
  concat,
  slice,
  pad,
  transpose,

  matmul,

  gather: {
    pieces: ({ inputs }, { value }) => sizeOf(value(only(inputs, 1)).shape),
    code: ({ attrs, inputs, outputs }, { value, address, call }, from, to) => {
      const table = only(inputs);
      const [rows, ...rest] = value(table).shape as [number, ...number[]];
      const width = sizeOf(rest);
      const indices = address(only(inputs, 1)) + 4 * from;
      const out = address(only(outputs)) + 4 * width * from;
      return call("gather", address(table), indices, out, to - from, rows, width, attrs.from);
    },
    cut: ({ inputs, outputs }, { value }) =>
      new Map([
        [only(inputs, 1), 1],
        [only(outputs), sizeOf(value(only(inputs)).shape.slice(1))],
      ]),
  },

  scatterAdd: {
    pieces: whole,
    code: ({ attrs, inputs, outputs }, { value, address, real, call }) => {
      const [rows, ...rest] = value(only(outputs)).shape as [number, ...number[]];
      const count = sizeOf(value(only(inputs)).shape);
      const updates = real(only(inputs, 1));
      const to = address(only(outputs));
      const args = [address(only(inputs)), updates.address, to, count, rows, sizeOf(rest), attrs.from];
      return [...updates.code, ...call("scatterAdd", ...args)];
    },
  },

  random: {
    pieces: ({ outputs }, { value }) => Math.ceil(sizeOf(value(only(outputs)).shape) / lineNumbers),
    code: ({ attrs, inputs, outputs }, { value, address, call }, from, to) => {
      const out = only(outputs);
      const first = from * lineNumbers;
      const count = Math.min(sizeOf(value(out).shape), to * lineNumbers) - first;
      const args = [address(out) + 4 * first, count, address(only(inputs)), attrs.stream, first];
      if (attrs.kind === "integer") return call("randomInteger", ...args, attrs.min, attrs.max);
      return call(attrs.kind === "normal" ? "randomNormal" : "randomUniform", ...args);
    },
    cut: ({ outputs }) => new Map([[only(outputs), lineNumbers]]),
  },
};

/** The rows of the primitives that a program may have. */
export type Lowerings = Partial<{ readonly [P in PrimitiveName]: Lowering<P> }>;

/** The kernels that a program may call. */
export const setsOf = ({ ops }: Program): readonly KernelSet[] =>
  ops.some(({ prim }) => (specialNames as readonly string[]).includes(prim))
    ? ["basic", "special"]
    : ["basic"];

/** The rows of primitives whose lowerings call these kernels. */
export const loadLowerings = async (sets: readonly KernelSet[]): Promise<Lowerings> =>
  sets.includes("special") ? { ...basic, ...(await import("./special.js")).special } : basic;
