/** How fast the data turns to noise. */
import * as z from "zod";

/**
 * The noise schedule of T = `steps` steps, in float64; entry i of a table is for t = i + 1, and t is never 0.
 * x_t = √ᾱ_t·x₀ + √(1−ᾱ_t)·ε, with ᾱ_t = ∏_{s≤t} (1 − β_s).
 */
export interface Schedule {
  readonly kind: "linear";
  readonly steps: number;
  readonly betas: readonly number[];
  readonly alphaBars: readonly number[];
  /** √ᾱ_T: what is left of the data at the end. Sampling starts from N(0, I), which is right where this is near 0. */
  readonly terminalSignal: number;
}

const open = z.array(z.number().gt(0).lt(1)).readonly();
const closed = z.array(z.number().min(0).max(1)).readonly();

/** What a schedule must be when it comes from outside. */
export const scheduleSchema: z.ZodType<Schedule> = z
  .strictObject({
    kind: z.literal("linear"),
    steps: z.int().min(1),
    betas: open,
    alphaBars: closed,
    terminalSignal: z.number(),
  })
  .refine(({ steps, betas, alphaBars }) => betas.length === steps && alphaBars.length === steps, {
    message: "tables of as many entries as there are steps",
  });

/**
 * β_t = betaStart + (betaEnd − betaStart)·(t − 1)/(T − 1). Defaults: T = 200, from 10⁻⁴ to 0.2.
 * Throws where T is no positive integer, or a β is not between 0 and 1. Ho et al. 2020, arXiv 2006.11239, section 4.
 */
export function linearSchedule({ steps = 200, betaStart = 1e-4, betaEnd = 0.2 } = {}): Schedule {
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new Error(`linearSchedule: steps takes a positive integer but receives ${steps}`);
  for (const [name, beta] of Object.entries({ betaStart, betaEnd }))
    if (!(beta > 0 && beta < 1))
      throw new Error(`linearSchedule: ${name} takes a number between 0 and 1 but receives ${beta}`);
  const betas = Array.from(
    { length: steps },
    (_, i) => betaStart + ((betaEnd - betaStart) * i) / Math.max(steps - 1, 1),
  );
  let logAlphaBar = 0;
  // ᾱ_t = exp Σ_{s≤t} log(1 − β_s)
  const alphaBars = betas.map((beta) => {
    logAlphaBar += Math.log1p(-beta);
    return Math.exp(logAlphaBar);
  });
  return { kind: "linear", steps, betas, alphaBars, terminalSignal: Math.exp(logAlphaBar / 2) };
}

/** The largest √ᾱ_T that passes without a warning: the data then shifts the start by at most a tenth of its sd. */
const tolerableSignal = 0.1;

/** Words to show where sampling from N(0, I) does not match where the forward process ends; else `undefined`. */
export const scheduleWarning = ({ steps, terminalSignal }: Schedule): string | undefined =>
  terminalSignal > tolerableSignal
    ? `schedule: at t = ${steps} the data still has weight √ᾱ = ${terminalSignal.toFixed(2)}, but sampling starts from pure noise; take more steps or a larger betaEnd`
    : undefined;
