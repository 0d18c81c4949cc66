/** Losses: one number for each example. */
import type { ProgramBuilder } from "../builder.js";
import { constant } from "../builder.js";
import type { ValueId } from "../program.js";
import { firstOf, type Lowering } from "./context.js";

export const losses = {
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
} satisfies Record<string, Lowering>;

/** The smallest normal float32; log of it is −87.3. */
const smallest = 2 ** -126;

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
