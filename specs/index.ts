export { type ClassifierOptions, classifier, classifierTrainingNet } from "./classifier.js";
export {
  type Demo,
  demos,
  type ImageDemo,
  imageDemos,
  imageDenoisers,
  samplers,
  schedules,
} from "./demos.js";
export { type DenoiserSize, denoisers, mlp, residualMlp, sinusoidalMlp } from "./denoisers.js";
export { type Digits, type DigitsOptions, digits, digitsSchedule } from "./digits.js";
export { type LabelOptions, type TrainingNetOptions, trainingNet } from "./training-net.js";
export { type UNetOptions, unet } from "./unet.js";
