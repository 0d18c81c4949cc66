export { toArray } from "./column.js";
export {
  checkerboard,
  circles,
  type DataSet,
  dataSetSchema,
  type GeneratorSet,
  gaussianMixture,
  moons,
  points,
  ramp,
  randomIntegers,
  spiral,
  standardize,
  swissRoll,
} from "./data-set.js";
export { draw } from "./draw.js";
export { type Statistics, standardized, statistics, unstandardize } from "./standardize.js";
