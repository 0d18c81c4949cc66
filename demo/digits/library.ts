/** What the commands of this folder need of the TypeScript side. */
export { extract, fromJSON, toJSON } from "../../dsl/index.js";
export { normals } from "../../dsl/random.js";
export {
  adam,
  cosineDecay,
  createGenerator,
  createTrainer,
  ddpm,
  evaluate,
  frechetDistance,
  mnist,
  nearerShare,
  nearestDistances,
} from "../../runtime/index.js";
export { classifierTrainingNet, digits } from "../../specs/index.js";
