/**
 * The net as plain data. One value is the program, the message to the worker, the drawing and the file:
 * nothing here is a class, a closure or a reference, so every net survives `structuredClone` and `toJSON`.
 */
import type { NDArray } from "./array.js";

/** One dimension; `null` is a size that is still to be inferred from the wiring. */
export type Size = number | null;
/** The dimensions of ONE example; the batch axis is never written. `[]` is a scalar. */
export type Shape = readonly Size[];

/** What a port carries, per example. A `null` shape is one of unknown rank. */
export type PortType =
  | { readonly dtype: "real"; readonly shape: Shape | null }
  | { readonly dtype: "integer"; readonly shape: Shape | null; readonly min: number; readonly max: number };

/**
 * One step of an expression: `args` are positions of earlier steps, the last step is the value.
 * `input` reads a port, `lookup` reads `table[arg − from]`, everything else is an elementwise function.
 * `label` is the table's name in formulas ("alphaBar"); it changes no number.
 */
export type Step =
  | { readonly op: "input"; readonly name: string }
  | { readonly op: "constant"; readonly value: number }
  | {
      readonly op: "lookup";
      readonly table: readonly number[];
      readonly from: number;
      readonly args: readonly [number];
      readonly label?: string;
    }
  | { readonly op: ScalarOp; readonly args: readonly number[] };

/** The elementwise functions of the expression language; `scalarOps` in `expression.ts` is their table. */
export type ScalarOp = UnaryOp | BinaryOp | "select";
export type UnaryOp =
  | "neg"
  | "abs"
  | "sign"
  | "floor"
  | "reciprocal"
  | "square"
  | "sqrt"
  | "rsqrt"
  | "exp"
  | "log"
  | "sin"
  | "cos"
  | "tanh"
  | "sigmoid"
  | "softplus"
  | "relu"
  | "silu"
  | "gelu"
  | "erf";
/** Comparisons give 1 or 0; `select(c, a, b)` is a where c ≠ 0, else b. */
export type BinaryOp = "add" | "sub" | "mul" | "div" | "pow" | "min" | "max" | "lt" | "le" | "eq";

/** A layer: an operation of the table in `layers/`, its options, and once initialised its arrays. */
export interface Layer {
  readonly op: LayerName;
  readonly options: Readonly<Record<string, unknown>>;
  /** Weights by field name (`weight`, `bias`, …); absent until `initialize`. */
  readonly arrays?: Readonly<Record<string, NDArray>>;
  /** True: the arrays are not trained. */
  readonly frozen?: true;
  /** Layers with the same key have the same arrays, trained as one. */
  readonly shared?: string;
}

/** A traced function: elementwise over its ports, whose shapes are equal or scalar. */
export interface Fn {
  readonly op: "fn";
  readonly inputs: Readonly<Record<string, PortType>>;
  readonly body: readonly Step[];
  /** Each number of the result is the nearest whole one within these bounds (`nearest`); absent: it is a real. */
  readonly output?: WholeNumber;
}

/** One whole number from `min` to `max`. */
export type WholeNumber = Extract<PortType, { readonly dtype: "integer" }> & { readonly shape: readonly [] };

/** A graph drawn as a list. Its input ports are those of its first member; paths count from 0. */
export interface Chain {
  readonly op: "chain";
  readonly layers: readonly Net[];
}

/** One namespace for inputs and nodes. `edges[node][port]` and `outputs[port]` are `"name"` or `"node.port"`. */
export interface Graph {
  readonly op: "graph";
  readonly inputs: Readonly<Record<string, PortType>>;
  readonly nodes: Readonly<Record<string, Net>>;
  readonly edges: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * A net used many times over, its member's path ending in "net"; the arrays are those of one.
 * `map`: on each element of a sequence, [n, ...s] → [n, ...t]. `nest`: `times` times, each on the result of the
 * last. `fold`: the member has the ports `state` and `input` and gives the next state; the ports of the whole are
 * `state`, the first one, and `input` [n, ...s]; the result is the last state, or with `all` every one, [n, ...t].
 */
export type Repeat =
  | { readonly op: "map"; readonly net: Net }
  | { readonly op: "nest"; readonly net: Net; readonly times: number }
  | { readonly op: "fold"; readonly net: Net; readonly all?: true };

export type Net = Layer | Fn | Chain | Graph | Repeat;

/**
 * Input ports: `input` for layers of one input, `0`, `1`, … for variadic ones, `input` and `target` for losses,
 * none for `parameter` and the random layers, `input` and `context` for attention to another sequence. A layer's one output port is `output`.
 */
export type LayerName =
  | "linear"
  | "elementwise"
  | "append"
  | "concat"
  | "reshape"
  | "flatten"
  | "thread"
  | "plus"
  | "times"
  | "parameter"
  | "randomNormal"
  | "randomUniform"
  | "randomInteger"
  | "embedding"
  | "sinusoidalEmbedding"
  | "softmax"
  | "layerNorm"
  | "groupNorm"
  | "batchNorm"
  | "rmsNorm"
  | "dropout"
  | "conv2d"
  | "depthwiseConv2d"
  | "conv2dTranspose"
  | "averagePool"
  | "maxPool"
  | "upsample"
  | "downsample"
  | "resize"
  | "transpose"
  | "part"
  | "slice"
  | "pad"
  | "attention"
  | "total"
  | "mean"
  | "meanSquaredLoss"
  | "meanAbsoluteLoss"
  | "crossEntropyLoss";
