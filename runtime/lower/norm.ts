/** Normalisation: y·weight + bias of `normalize` over the axes that each layer says. */
import { sizeOf } from "../../dsl/array.js";
import { constant } from "../builder.js";
import type { ValueId } from "../program.js";
import type { LayerContext, Lowering } from "./context.js";

const epsilonOf = ({ options }: LayerContext): number => options.epsilon as number;
const affine = ({ b, parameter }: LayerContext, y: ValueId): ValueId =>
  b.apply("add", b.apply("mul", y, parameter("weight")), parameter("bias"));

export const norms = {
  layerNorm: (context, x = -1) => {
    const { b } = context;
    const axes = [b.shape(x).length - 1];
    return affine(context, b.normalize(x, { axes, epsilon: epsilonOf(context), centred: true })[0]);
  },
  rmsNorm: (context, x = -1) => {
    const { b, parameter } = context;
    const axes = [b.shape(x).length - 1];
    const [y] = b.normalize(x, { axes, epsilon: epsilonOf(context), centred: false });
    return b.apply("mul", y, parameter("weight"));
  },
  groupNorm: (context, x = -1) => {
    const { b, options } = context;
    const shape = b.shape(x);
    const groups = options.groups as number;
    const c = shape.at(-1) as number;
    const grouped = b.reshape(x, [shape[0] as number, sizeOf(shape.slice(1, -1)), groups, c / groups]);
    const [y] = b.normalize(grouped, { axes: [1, 3], epsilon: epsilonOf(context), centred: true });
    return affine(context, b.reshape(y, shape));
  },
  // Batches normalise themselves in training; else, and where frozen, by the statistics gathered.
  batchNorm: (context, x = -1) => {
    const { b, mode, frozen, options, parameter, update } = context;
    const epsilon = epsilonOf(context);
    if (mode === "evaluate" || frozen) {
      const rate = b.apply("rsqrt", b.apply("add", parameter("variance"), constant(epsilon)));
      return affine(context, b.apply("mul", b.apply("sub", x, parameter("mean")), rate));
    }
    const axes = b.shape(x).flatMap((_, axis) => (axis < b.shape(x).length - 1 ? [axis] : []));
    const [y, mean, rate] = b.normalize(x, { axes, epsilon, centred: true });
    // rate = 1/√(variance + ε)
    const variance = b.apply("sub", b.apply("reciprocal", b.apply("square", rate)), constant(epsilon));
    const momentum = options.momentum as number;
    for (const [field, now] of Object.entries({ mean, variance }))
      update(field, (old) =>
        b.apply(
          "add",
          b.apply("mul", old, constant(momentum)),
          b.apply("mul", b.reshape(now, b.shape(old)), constant(1 - momentum)),
        ),
      );
    return affine(context, y);
  },
} satisfies Record<string, Lowering>;
