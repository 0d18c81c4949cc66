/** What every program may call. */
export { erf, gelu, softplus } from "./exp";
export { log } from "./log";
export { matmul, matmulParts, matmulScratch } from "./matmul";
export { pow, sign } from "./power";
export { randomInteger, randomNormal, randomUniform } from "./random";
export { reduceMax, reduceSum } from "./reduce";
export { gather, scatterAdd } from "./rows";
// Nobody calls it from outside; but within the only function that calls it engines keep its sums in memory.
export { tile } from "./tile";
export { cos, sin } from "./trigonometry";

/** The first byte that the kernels, these and the special ones, leave free. */
export function heapBase(): usize {
  return __heap_base;
}
