/**
 * The program: a flat list of primitive operations over values with an explicit batch axis, in the order in
 * which they run. Lowering, differentiation, optimisation and planning are functions from program to program.
 */
import type { Step } from "../dsl/net.js";

/** Position in `Program.values`. */
export type ValueId = number;
/** A value: `float32` numbers or `int32` integers, row-major. */
export interface Value {
  readonly dtype: "float32" | "int32";
  readonly shape: readonly number[];
}

/**
 * Elementwise with NumPy broadcasting of the inputs to the output's shape. The body's `input` steps are named
 * by position ("0", "1", …); there are no `lookup` steps (they are lowered to `gather`). An int32 input is read
 * as a number, and an int32 output takes the number truncated. `results[i]` is the position in the body of output i's
 * step.
 */
export interface ElementwiseAttrs {
  readonly body: readonly Step[];
  readonly results: readonly number[];
}

/**
 * What is done to a product before it is stored: an elementwise body, whose input "0" is the product and "1", "2",
 * … are the operation's inputs after its first two, broadcast to the output's shape. The last step is the result.
 */
export interface Epilogue {
  readonly epilogue?: readonly Step[];
}

/**
 * The geometry of a convolution of images: output (i, j) reads input (i·stride + u·dilation − before, …) at filter
 * place (u, v); what lies outside of the image is 0. Pairs are (along the height, along the width). Group g of the
 * output's channels reads group g of the input's.
 */
export interface Conv2dAttrs {
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly before: readonly [number, number];
  readonly groups: number;
}

/** The attributes of each primitive operation; its inputs and outputs are in the comment. */
export interface PrimitiveAttrs {
  /** inputs → one output for each entry of `results`, all of one shape. */
  elementwise: ElementwiseAttrs;
  /**
   * a, b, … → a·b: [m, k]·[k, n] → [m, n], or for each g [g, m, k]·[g, k, n] → [g, m, n], where one operand may
   * have g = 1; a flag says that the operand is stored with its last two axes exchanged.
   */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean } & Epilogue;
  /** x [b, h, w, c], filter [kh, kw, c/groups, n], … → y [b, h', w', n]. */
  conv2d: Conv2dAttrs & Epilogue;
  /** dy [b, h', w', n], filter → dx [b, h, w, c]: the transpose of `conv2d` in its first input. */
  conv2dInput: Conv2dAttrs & Epilogue;
  /** x, dy → dfilter [kh, kw, c/groups, n]: the transpose of `conv2d` in its second input. */
  conv2dFilter: Conv2dAttrs;
  /** x → x with its axes in another order: axis i of the output is axis order[i] of x. */
  transpose: { readonly order: readonly number[] };
  /** x → its sum or maximum over `axes` (ascending), which stay with size 1. */
  reduce: { readonly kind: "sum" | "max"; readonly axes: readonly number[] };
  /** x → the same numbers in another shape. */
  reshape: Record<never, never>;
  /** xs → their concatenation along `axis`. */
  concat: { readonly axis: number };
  /** x → x[begin + i·stride], as many as the output's shape says. */
  slice: { readonly begin: readonly number[]; readonly strides: readonly number[] };
  /** x → `value` everywhere but for x[i] at before + i·stride: the transpose of `slice` where `value` is 0. */
  pad: { readonly before: readonly number[]; readonly strides: readonly number[]; readonly value: number };
  /** table [n, …rest], indices int32 [b] → [b, …rest]. `from` is the index of the table's first row. */
  gather: { readonly from: number };
  /** indices int32 [b], updates [b, …rest] → [n, …rest], rows of equal index added up. */
  scatterAdd: { readonly from: number };
  /**
   * key int32 [3] = (seed, step, first) → random numbers. Element i of the output is a function of
   * (seed, step, stream, first + i) alone: see `random.ts`. `normal`: mean 0, sd 1; `uniform`: [0, 1);
   * `integer`: min … max inclusive, int32.
   */
  random:
    | { readonly kind: "normal" | "uniform"; readonly stream: number }
    | { readonly kind: "integer"; readonly stream: number; readonly min: number; readonly max: number };
  /** x → eˣ/Σ eˣ over the last axis. */
  softmax: Record<never, never>;
  /**
   * x → y, mean, rate: y = (x − mean)·rate with rate = 1/√(mean (x − mean)² + ε) over `axes` (ascending), which stay
   * with size 1 in `mean` and `rate`. Not `centred`: the mean is taken as 0.
   */
  normalize: { readonly axes: readonly number[]; readonly epsilon: number; readonly centred: boolean };
  /** g, y, rate → rate·(g − mean g − y·mean(g·y)), without `mean g` where not centred: from dy to dx. */
  normalizeGradient: { readonly axes: readonly number[]; readonly centred: boolean };
  /**
   * q [g, n, d], k [g, m, d], v [g, m, e] → y [g, n, e], l [g, n, 1]: y = softmax(scale·q kᵀ)·v, and l the logarithm
   * of the softmax's denominator. `causal`: query i reads keys 0 … i only.
   */
  attention: { readonly scale: number; readonly causal: boolean };
  /** q, k, v, y, l, dy → dq, dk, dv. */
  attentionGradient: { readonly scale: number; readonly causal: boolean };
}
export type PrimitiveName = keyof PrimitiveAttrs;

/** Primitives that `optimise/expand.ts` can write in the others, for a backend without kernels of its own for them. */
export type CompositeName = "softmax" | "normalize" | "normalizeGradient" | "attention" | "attentionGradient";
/** Primitives that every backend runs. */
export type ElementaryName = Exclude<PrimitiveName, CompositeName>;

/** One operation. `node` is the path of the node that it came from, for errors, profiles and drawings. */
export type Op = {
  [P in PrimitiveName]: {
    readonly prim: P;
    readonly attrs: PrimitiveAttrs[P];
    readonly inputs: readonly ValueId[];
    readonly outputs: readonly ValueId[];
    readonly node: string;
  };
}[PrimitiveName];
export type OpOf<P extends PrimitiveName> = Extract<Op, { readonly prim: P }>;

/** A program with everything that a backend needs. */
export interface Program {
  readonly values: readonly Value[];
  readonly ops: readonly Op[];
  /** Given at every run: batches, keys, step sizes. */
  readonly inputs: Readonly<Record<string, ValueId>>;
  /** Kept between runs: parameters, moments, averages, resident data. */
  readonly state: Readonly<Record<string, ValueId>>;
  /** Known when the program is made. */
  readonly constants: ReadonlyMap<ValueId, Float32Array | Int32Array>;
  /** Can be read after a run. */
  readonly outputs: Readonly<Record<string, ValueId>>;
  /** After a run, the state of this name becomes this value. */
  readonly updates: Readonly<Record<string, ValueId>>;
}
