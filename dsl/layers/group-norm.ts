/** Normalisation over positions, by group of channels or by channel over the batch. */
import * as z from "zod/mini";
import { takes } from "../message.js";
import type { PortType } from "../net.js";
import type { OneInput, TypedLayer } from "../rule.js";
import { type ShapeOf, show } from "../shape.js";
import { define, make, one, type Parameter, sameShape, size } from "./definition.js";
import { type InGroups, type Multiples, multiple } from "./image.js";
import { type LastAxis, lastAxis } from "./normalize.js";

/** weight and bias of each channel: begin as 1 and 0. */
const affine = (input: PortType | undefined): Readonly<Record<"weight" | "bias", Parameter>> => {
  const shape = [input?.shape?.at(-1) ?? 1];
  return { weight: { shape, init: { kind: "ones" } }, bias: { shape, init: { kind: "zeros" } } };
};
const epsilon = z._default(z.number().check(z.positive()), 1e-5);

export interface GroupNorm<G extends number> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? InGroups<ShapeOf<P>, G> extends false
      ? Multiples<"groupNorm", G, P>
      : (LastAxis<"groupNorm"> & { readonly in: readonly [P] })["out"]
    : never;
}

export const groupNormDefinition = define({
  kind: "norm",
  options: z.strictObject({ groups: size, epsilon }),
  ports: one,
  forward: ({ groups }, [input]) => {
    const fault = multiple(input?.shape?.at(-1) ?? null, groups);
    return fault ? takes("groupNorm", fault, show(input ?? null)) : lastAxis("groupNorm")(null, [input]);
  },
  backward: sameShape,
  parameters: (_, [input]) => affine(input),
});

/**
 * (x − mean)/√(variance + epsilon) · weight + bias, mean and variance (with denominator n) over the positions and the
 * channels of a group, of one example: [..., c] → [..., c] in `groups` equal groups of neighbouring channels.
 * `epsilon`: default 10⁻⁵. weight [c] begins as ones and bias [c] as zeros. Refuses c that `groups` does not divide.
 * arXiv 1803.08494.
 */
export const groupNorm = <const G extends number>(
  groups: G,
  options: { readonly epsilon?: number } = {},
): TypedLayer<GroupNorm<G>> => make("groupNorm", groupNormDefinition, { groups, ...options });

export const batchNormDefinition = define({
  kind: "norm",
  options: z.strictObject({ momentum: z._default(z.number().check(z.gte(0), z.lt(1)), 0.9), epsilon }),
  ports: one,
  forward: lastAxis("batchNorm"),
  backward: sameShape,
  parameters: (_, [input]) => {
    const { weight, bias } = affine(input);
    return { weight, bias, mean: { ...bias, statistic: true }, variance: { ...weight, statistic: true } };
  },
});

/**
 * (x − mean)/√(variance + epsilon) · weight + bias for each channel: [..., c] → [..., c]. In training mean and variance
 * (with denominator n) are those of all examples and positions of the batch; in evaluation, and where the layer is
 * frozen, they are the statistics `mean` and `variance` [c], which begin as 0 and 1 and after each step of training
 * become momentum · old + (1 − momentum) · new. `momentum`: default 0.9 (PyTorch's 0.1 is the share of the new); `epsilon`: default 10⁻⁵.
 * weight [c] begins as ones and bias [c] as zeros. arXiv 1502.03167.
 */
export const batchNorm = (
  options: { readonly momentum?: number; readonly epsilon?: number } = {},
): TypedLayer<LastAxis<"batchNorm">> => make("batchNorm", batchNormDefinition, options);
