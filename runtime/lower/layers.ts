import { sizeOf } from "../../dsl/array.js";
import type { LayerName, PortType, ScalarOp, Step } from "../../dsl/net.js";
import { constant, type Operand, type ProgramBuilder } from "../builder.js";
import type { ValueId } from "../program.js";
import { lowerBody } from "./body.js";

/** What a layer is lowered with. Shapes of one example; values carry the batch axis in front. */
export interface LayerContext {
  readonly b: ProgramBuilder;
  readonly batch: number;
  readonly mode: "train" | "evaluate";
  readonly options: Readonly<Record<string, unknown>>;
  /** Port types by name, all sizes known. */
  readonly inputTypes: Readonly<Record<string, PortType>>;
  readonly outputShape: readonly number[];
  /** The layer's array of that name, without a batch axis. */
  parameter(field: string): ValueId;
  /** Random numbers of the layer's own stream, one array an example. */
  random(kind: "normal" | "uniform", shape: readonly number[]): ValueId;
  randomInteger(min: number, max: number): ValueId;
}

/** From the values of the input ports, in order, to the value of the output port. */
type Lowering = (context: LayerContext, ...inputs: readonly ValueId[]) => ValueId;

/** How each layer is written in primitives. */
export const lowerings: { readonly [L in LayerName]: Lowering } = {
  // y = x W + b
  linear: ({ b, batch, parameter, outputShape, options }, x = -1) => {
    const weight = parameter("weight");
    const [nIn] = b.shape(weight) as [number];
    const rows = b.reshape(x, [sizeOf(b.shape(x)) / nIn, nIn]);
    const y = b.matmul(rows, weight);
    const z = options.bias === false ? y : b.apply("add", y, parameter("bias"));
    return b.reshape(z, [batch, ...outputShape]);
  },
  elementwise: ({ b, options }, x = -1) => b.apply(options.f as ScalarOp, x),
  append: ({ b }, x = -1, element = -1) => {
    const [batch, , ...rest] = b.shape(x) as [number, number, ...number[]];
    return b.concat([x, b.reshape(element, [batch, 1, ...rest])], 1);
  },
  concat: ({ b, options }, ...xs) => {
    const axis = options.axis as number;
    return b.concat(xs, axis < 0 ? b.shape(xs[0] as ValueId).length + axis : axis + 1);
  },
  reshape: ({ b, batch, outputShape }, x = -1) => b.reshape(x, [batch, ...outputShape]),
  flatten: ({ b, batch, outputShape }, x = -1) => b.reshape(x, [batch, ...outputShape]),
  thread: ({ b, options, outputShape }, ...xs) => {
    const aligned = xs.map((x) => align(b, x, outputShape.length, options.broadcast === "leading"));
    const ports = Object.fromEntries(aligned.map((x, i) => [`${i}`, x]));
    return lowerBody(b, options.body as readonly Step[], ports);
  },
  plus: ({ b }, ...xs) => xs.reduce((sum, x) => b.apply("add", sum, x)),
  times: ({ b }, ...xs) => xs.reduce((product, x) => b.apply("mul", product, x)),
  parameter: ({ b, batch, parameter, outputShape }) =>
    b.broadcast(parameter("value"), [batch, ...outputShape]),
  randomNormal: ({ b, options, random, outputShape }) =>
    affine(b, random("normal", outputShape), options.std as number, options.mean as number),
  randomUniform: ({ b, options, random, outputShape }) => {
    const [min, max] = [options.min as number, options.max as number];
    return affine(b, random("uniform", outputShape), max - min, min);
  },
  randomInteger: ({ options, randomInteger }) => randomInteger(options.min as number, options.max as number),
  embedding: ({ b, parameter, inputTypes }, index = -1) =>
    b.gather(parameter("weight"), index, firstOf(inputTypes.input)),
  sinusoidalEmbedding: ({ b, batch, options, inputTypes, outputShape }, t = -1) =>
    sinusoidal(b, t, batch, outputShape[0] as number, options.maxPeriod as number, inputTypes.input),
  softmax: ({ b }, x = -1) => {
    const axis = b.shape(x).length - 1;
    const e = b.apply("exp", b.apply("sub", x, peak(b, x, axis)));
    return b.apply("div", e, b.reduce("sum", e, [axis]));
  },
  // (x − mean)/√(variance + ε) · weight + bias
  layerNorm: ({ b, options, parameter }, x = -1) => {
    const axes = [b.shape(x).length - 1];
    const centred = b.apply("sub", x, b.mean(x, axes));
    const variance = b.mean(b.apply("square", centred), axes);
    const scale = b.apply("rsqrt", b.apply("add", variance, constant(options.epsilon as number)));
    return b.apply(
      "add",
      b.apply("mul", b.apply("mul", centred, scale), parameter("weight")),
      parameter("bias"),
    );
  },
  // Inverted dropout: what is kept is scaled by 1/(1 − p), so that evaluation is the identity.
  dropout: ({ b, mode, options, random, outputShape }, x = -1) => {
    const p = options.p as number;
    if (mode === "evaluate" || p === 0) return x;
    const kept = b.apply("le", constant(p), random("uniform", outputShape));
    return b.apply("mul", x, b.apply("mul", kept, constant(1 / (1 - p))));
  },
  total: (context, x = -1) => fold(context, x, false),
  mean: (context, x = -1) => fold(context, x, true),
  meanSquaredLoss: ({ b }, input = -1, target = -1) =>
    meanOfExample(b, b.apply("square", b.apply("sub", input, target))),
  meanAbsoluteLoss: ({ b }, input = -1, target = -1) =>
    meanOfExample(b, b.apply("abs", b.apply("sub", input, target))),
  crossEntropyLoss: ({ b, batch, options, inputTypes }, input = -1, target = -1) => {
    const logP =
      options.from === "probabilities"
        ? b.apply("log", b.apply("max", input, constant(smallest)))
        : logSoftmax(b, input);
    const n = b.shape(input)[1] as number;
    const { dtype } = b.value(target);
    const weights =
      dtype === "int32"
        ? b.apply("eq", b.reshape(target, [batch, 1]), classes(b, n, firstOf(inputTypes.target)))
        : target;
    // select, not a product: 0 · −∞ is 0 here
    const terms = b.apply("select", weights, b.apply("mul", weights, logP), constant(0));
    return b.apply("neg", b.reshape(b.reduce("sum", terms, [1]), [batch]));
  },
};

/** The smallest normal float32; log of it is −87.3. */
const smallest = 2 ** -126;

const affine = (b: ProgramBuilder, x: ValueId, scale: number, shift: number): ValueId => {
  const scaled = scale === 1 ? x : b.apply("mul", x, constant(scale));
  return shift === 0 ? scaled : b.apply("add", scaled, constant(shift));
};

/** The first value of an integer port. */
const firstOf = (type: PortType | undefined): number => (type?.dtype === "integer" ? type.min : 0);

/** Adds axes of size 1 behind (leading) or in front (trailing) of an example's own, up to `rank`. */
function align(b: ProgramBuilder, x: ValueId, rank: number, leading: boolean): ValueId {
  const [batch, ...shape] = b.shape(x) as [number, ...number[]];
  const ones = new Array<number>(rank - shape.length).fill(1);
  return b.reshape(x, leading ? [batch, ...shape, ...ones] : [batch, ...ones, ...shape]);
}

/** The largest entry, as a number that gradients do not pass: softmax does not depend on it. */
function peak(b: ProgramBuilder, x: ValueId, axis: number): ValueId {
  const max = b.reduce("max", x, [axis]);
  if (max !== x) b.detached.add(max);
  return max;
}

/** x − max − log Σ e^(x − max) */
function logSoftmax(b: ProgramBuilder, x: ValueId): ValueId {
  const shifted = b.apply("sub", x, peak(b, x, 1));
  return b.apply("sub", shifted, b.apply("log", b.reduce("sum", b.apply("exp", shifted), [1])));
}

/** [first, first + 1, …] of n classes. */
const classes = (b: ProgramBuilder, n: number, first: number): ValueId =>
  b.constant(
    Float32Array.from({ length: n }, (_, i) => first + i),
    [1, n],
  );

/** Sum or mean over `options.axes` of an example, which go; over all of them by default. */
function fold({ b, batch, options, outputShape }: LayerContext, x: ValueId, mean: boolean): ValueId {
  const rank = b.shape(x).length - 1;
  const chosen = (options.axes as readonly number[] | undefined) ?? Array.from({ length: rank }, (_, i) => i);
  const axes = chosen.map((axis) => (axis < 0 ? rank + axis : axis) + 1);
  return b.reshape(mean ? b.mean(x, axes) : b.reduce("sum", x, axes), [batch, ...outputShape]);
}

/** Mean over all axes but the batch: [batch]. */
function meanOfExample(b: ProgramBuilder, x: ValueId): ValueId {
  const [batch, ...shape] = b.shape(x) as [number, ...number[]];
  return shape.length === 0
    ? x
    : b.reshape(
        b.mean(
          x,
          shape.map((_, i) => i + 1),
        ),
        [batch],
      );
}

/**
 * PE(t, 2i) = sin(t ω_i), PE(t, 2i + 1) = cos(t ω_i), ω_i = maxPeriod^(−2i/n) (arXiv 1706.03762, section 3.5).
 * An integer port of a moderate range reads a table made in float64, since a GPU's sine of a large angle is poor.
 */
function sinusoidal(
  b: ProgramBuilder,
  t: ValueId,
  batch: number,
  n: number,
  maxPeriod: number,
  type: PortType | undefined,
): ValueId {
  const omega = (j: number): number => maxPeriod ** (-(j - (j % 2)) / n);
  const code = (at: number, j: number): number => (j % 2 ? Math.cos : Math.sin)(at * omega(j));
  const rows = type?.dtype === "integer" ? type.max - type.min + 1 : Number.POSITIVE_INFINITY;
  if (type?.dtype === "integer" && rows * n <= 2 ** 20) {
    const table = Float32Array.from({ length: rows * n }, (_, i) =>
      code(type.min + Math.floor(i / n), i % n),
    );
    return b.gather(b.constant(table, [rows, n]), t, type.min);
  }
  // cos x = sin(x + π/2)
  const row = (f: (j: number) => number): Operand =>
    b.constant(
      Float32Array.from({ length: n }, (_, j) => f(j)),
      [1, n],
    );
  const angle = b.apply("mul", b.reshape(t, [batch, 1]), row(omega));
  return b.apply(
    "sin",
    b.apply(
      "add",
      angle,
      row((j) => (j % 2) * (Math.PI / 2)),
    ),
  );
}
