export { forwardProcess } from "./forward-process.js";
export { reverseStep, sigmas } from "./reverse-step.js";
export { type Ddpm, ddpm, type Sampler, samplerSchema } from "./sampler.js";
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
