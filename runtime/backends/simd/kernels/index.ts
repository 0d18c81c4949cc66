export { attention, attentionGradient, attentionParts, attentionScratch } from "./attention";
export { conv2d, conv2dInput, convolutionScratch } from "./convolution";
export { conv2dFilter, conv2dFilterScratch } from "./convolution-filter";
export { depthwise, depthwiseFilter, depthwiseInput, depthwiseScratch } from "./depthwise";
export { erf, gelu, softplus } from "./exp";
export { fewFilter, fewFilterScratch } from "./few-filter";
export { log } from "./log";
export { matmul, matmulParts, matmulScratch } from "./matmul";
export { normalizeRows, normalizeRowsGradient } from "./normalize";
export {
  normalizeColumns,
  normalizeColumnsGradient,
  normalizeParts,
  normalizeScratch,
} from "./normalize-columns";
export { pow, sign } from "./power";
export { randomInteger, randomNormal, randomUniform } from "./random";
export { reduceMax, reduceSum } from "./reduce";
export { gather, scatterAdd } from "./rows";
export { softmax } from "./softmax";
export { cos, sin } from "./trigonometry";

export { winograd, winogradScratch } from "./winograd";
export { winogradFilter, winogradFilterScratch } from "./winograd-filter";

/** The first byte that the kernels leave free. */
export function heapBase(): usize {
  return __heap_base;
}
