/** The compiler, its backends, training, data sets, diffusion and metrics, in this thread. */
export type { Backend, BackendName, Executable } from "./backends/backend.js";
export { type Choice, chooseBackend } from "./backends/choose.js";
export { backendNames } from "./backends/load.js";
export { compile, lowerNet } from "./compile.js";
export * from "./data/index.js";
export * from "./diffusion/index.js";
export { type EvaluateOptions, evaluate } from "./evaluate.js";
export { TrainingError } from "./fault.js";
export {
  createGenerator,
  type Generated,
  type GenerateOptions,
  type Generator,
} from "./generator.js";
export { type GradientOptions, gradients } from "./gradients.js";
export { type InspectOptions, inspect, type Summary } from "./inspect.js";
export * from "./metrics/index.js";
export { optimise, passes } from "./optimise/index.js";
export {
  adam,
  cosineDecay,
  type LearningRate,
  type Optimizer,
  type OptimizerOptions,
  sgd,
  warmUp,
} from "./optimizers.js";
export { type MemoryPlan, planMemory } from "./plan.js";
export { type Cost, costOf } from "./primitives.js";
export { printProgram } from "./print.js";
export { type Measured, type Profile, type ProfiledStep, type ProfileOptions, profile } from "./profile.js";
export type { Program } from "./program.js";
export type { Agreement, Replica } from "./replica.js";
export { type TrainProgram, trainProgram } from "./train-program.js";
export { createTrainer, type Trainer } from "./trainer.js";
export type {
  Checkpoint,
  Column,
  Progress,
  Run,
  StopReason,
  TrainOptions,
  TrainResult,
} from "./training.js";
export { type UpdateProgram, updateProgram } from "./update-program.js";
