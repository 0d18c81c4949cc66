import type { LayerName, ScalarOp, Step } from "../../dsl/net.js";
import { constant, type ProgramBuilder } from "../builder.js";
import type { ValueId } from "../program.js";
import { arrangements } from "./arrange.js";
import { attention } from "./attention.js";
import { lowerBody } from "./body.js";
import { type LayerContext, type Lowering, project } from "./context.js";
import { embeddings } from "./embedding.js";
import { convolutions, pools } from "./image.js";
import { losses } from "./losses.js";
import { norms } from "./norm.js";
import { resizings } from "./resize.js";

/** How each layer is written in primitives; families have files of their own. */
export const lowerings: { readonly [L in LayerName]: Lowering } = {
  ...arrangements,
  ...convolutions,
  ...pools,
  ...resizings,
  ...norms,
  ...embeddings,
  ...losses,
  attention,
  // y = x W + b
  linear: ({ b, batch, parameter, outputShape, options }, x = -1) => {
    const weight = parameter("weight");
    const bias = options.bias === false ? undefined : parameter("bias");
    return b.reshape(project(b, x, weight, bias), [batch, ...outputShape]);
  },
  elementwise: ({ b, options }, x = -1) => b.apply(options.f as ScalarOp, x),
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
  softmax: ({ b }, x = -1) => b.softmax(x),
  // Inverted dropout: what is kept is scaled by 1/(1 − p), so that evaluation is the identity.
  dropout: ({ b, mode, options, random, outputShape }, x = -1) => {
    const p = options.p as number;
    if (mode === "evaluate" || p === 0) return x;
    const kept = b.apply("le", constant(p), random("uniform", outputShape));
    return b.apply("mul", x, b.apply("mul", kept, constant(1 / (1 - p))));
  },
  total: (context, x = -1) => fold(context, x, false),
  mean: (context, x = -1) => fold(context, x, true),
};

const affine = (b: ProgramBuilder, x: ValueId, scale: number, shift: number): ValueId => {
  const scaled = scale === 1 ? x : b.apply("mul", x, constant(scale));
  return shift === 0 ? scaled : b.apply("add", scaled, constant(shift));
};

/** Adds axes of size 1 behind (leading) or in front (trailing) of an example's own, up to `rank`. */
function align(b: ProgramBuilder, x: ValueId, rank: number, leading: boolean): ValueId {
  const [batch, ...shape] = b.shape(x) as [number, ...number[]];
  const ones = new Array<number>(rank - shape.length).fill(1);
  return b.reshape(x, leading ? [batch, ...shape, ...ones] : [batch, ...ones, ...shape]);
}

/** Sum or mean over `options.axes` of an example, which go; over all of them by default. */
function fold({ b, batch, options, outputShape }: LayerContext, x: ValueId, mean: boolean): ValueId {
  const rank = b.shape(x).length - 1;
  const chosen = (options.axes as readonly number[] | undefined) ?? Array.from({ length: rank }, (_, i) => i);
  const axes = chosen.map((axis) => (axis < 0 ? rank + axis : axis) + 1);
  return b.reshape(mean ? b.mean(x, axes) : b.reduce("sum", x, axes), [batch, ...outputShape]);
}
