/** What programs of images and sequences call beside the kernels of `basic.ts`. */
export { attention, attentionGradient, attentionParts, attentionScratch } from "./attention";
export { conv2d, conv2dInput, convolutionScratch } from "./convolution";
export { conv2dFilter, conv2dFilterScratch } from "./convolution-filter";
export { depthwise, depthwiseFilter, depthwiseInput, depthwiseScratch } from "./depthwise";
export { fewFilter, fewFilterScratch } from "./few-filter";
// Nobody calls it from outside; but within the only function that calls it engines keep its sums in memory.
export { rowsTile } from "./gather-tile";
export { normalizeRows, normalizeRowsGradient } from "./normalize";
export {
  normalizeColumns,
  normalizeColumnsGradient,
  normalizeParts,
  normalizeScratch,
} from "./normalize-columns";
export { softmax } from "./softmax";
export { winograd, winogradScratch } from "./winograd";
export { winogradFilter, winogradFilterScratch } from "./winograd-filter";
