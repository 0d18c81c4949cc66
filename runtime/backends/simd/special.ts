/** The lowerings that only programs with images or sequences need. */
import { attention, attentionGradient } from "./attention.js";
import { conv2d, conv2dFilter, conv2dInput } from "./convolution.js";
import type { Lowering } from "./lowering.js";
import type { SpecialName } from "./lowerings.js";
import { normalize, normalizeGradient, softmax } from "./normalization.js";

export const special: { readonly [P in SpecialName]: Lowering<P> } = {
  conv2d,
  conv2dInput,
  conv2dFilter,
  softmax,
  normalize,
  normalizeGradient,
  attention,
  attentionGradient,
};
