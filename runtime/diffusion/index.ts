export { forwardProcess } from "./forward-process.js";
export { reverseStep, sigmas } from "./reverse-step.js";
export { type Ddpm, ddpm, type Sampler, samplerSchema } from "./sampler.js";
export { linearSchedule, type Schedule, scheduleSchema, scheduleWarning } from "./schedule.js";
