export { generate, type WorkerGenerateOptions } from "./generate.js";
export { inspectNet } from "./inspect.js";
export { closeWorkers, readyWorker, setWorkerFactory } from "./pool.js";
export type { WorkerFactory } from "./spawn.js";
export { train, type WorkerTrainOptions } from "./train.js";
