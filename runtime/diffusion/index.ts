export { forwardProcess } from "./forward-process.js";
export { type Prediction, predictionSchema, targetOf, x0HatOf } from "./prediction.js";
export { type Guidance, type ReverseStepOptions, reverseStep } from "./reverse-step.js";
export { type Ddim, type Ddpm, ddim, ddpm, type Sampler, samplerSchema } from "./sampler.js";
export { type SamplerTable, samplerTable, timesOf } from "./sampler-table.js";
export {
  type BetaRange,
  constantSchedule,
  cosineSchedule,
  linearSchedule,
  type Schedule,
  type ScheduleKind,
  scaledLinearSchedule,
  scheduleSchema,
  scheduleWarning,
  sigmoidSchedule,
  tableSchedule,
  zeroTerminalSnr,
} from "./schedule.js";
