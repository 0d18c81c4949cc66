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
  strokes,
  swissRoll,
} from "./data-set.js";
export { draw } from "./draw.js";
export { idxImages, type LabelledImages, mnist } from "./mnist.js";
export { images, mnistSprite, type PictureOptions } from "./pictures.js";
export type { ByteSource, ReadOptions } from "./source.js";
export { type Statistics, standardized, statistics, unstandardize } from "./standardize.js";
