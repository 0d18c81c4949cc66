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
 * as a number, every output is float32. `results[i]` is the position in the body of output i's step.
 */
export interface ElementwiseAttrs {
  readonly body: readonly Step[];
  readonly results: readonly number[];
}

/** The attributes of each primitive operation; its inputs and outputs are in the comment. */
export interface PrimitiveAttrs {
  /** inputs → one output for each entry of `results`, all of one shape. */
  elementwise: ElementwiseAttrs;
  /** a, b → a·b: [m, k]·[k, n] → [m, n]; a flag says that the operand is stored transposed. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** x → its sum or maximum over `axes` (ascending), which stay with size 1. */
  reduce: { readonly kind: "sum" | "max"; readonly axes: readonly number[] };
  /** x → the same numbers in another shape. */
  reshape: Record<never, never>;
  /** xs → their concatenation along `axis`. */
  concat: { readonly axis: number };
  /** x → x[begin …, size of the output]. */
  slice: { readonly begin: readonly number[] };
  /** x → x within zeros: `before[i]` of them before axis i, as many after as the output's shape asks for. */
  pad: { readonly before: readonly number[] };
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
}
export type PrimitiveName = keyof PrimitiveAttrs;

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
