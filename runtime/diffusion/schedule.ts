/** How fast the data turns to noise. */
import * as z from "zod/mini";

/**
 * The noise schedule of T = `steps` steps, in float64; entry i of a table is for t = i + 1, and t is never 0.
 * x_t = √ᾱ_t·x₀ + √(1−ᾱ_t)·ε, with ᾱ_t = ∏_{s≤t} (1 − β_s).
 */
export interface Schedule {
  readonly kind: ScheduleKind;
  readonly steps: number;
  readonly betas: readonly number[];
  readonly alphaBars: readonly number[];
  /** √ᾱ_T: what is left of the data at the end. Sampling starts from N(0, I), which is right where this is near 0. */
  readonly terminalSignal: number;
}

const kinds = ["linear", "scaledLinear", "cosine", "sigmoid", "constant", "table"] as const;
export type ScheduleKind = (typeof kinds)[number];

const betas = z.readonly(z.array(z.number().check(z.gt(0), z.lte(1))));
const closed = z.readonly(z.array(z.number().check(z.gte(0), z.lte(1))));

/** What a schedule must be when it comes from outside. */
export const scheduleSchema: z.ZodMiniType<Schedule> = z
  .strictObject({
    kind: z.enum(kinds),
    steps: z.int().check(z.gte(1)),
    betas,
    alphaBars: closed,
    terminalSignal: z.number(),
  })
  .check(
    z.refine(({ steps, betas, alphaBars }) => betas.length === steps && alphaBars.length === steps, {
      message: "tables of as many entries as there are steps",
    }),
  );

/** T, and the first and the last β. */
export interface BetaRange {
  /** Default 200. */
  readonly steps?: number;
  readonly betaStart?: number;
  readonly betaEnd?: number;
}

/**
 * β_t = betaStart + (betaEnd − betaStart)·(t − 1)/(T − 1). Defaults: T = 200, from 10⁻⁴ to 0.2.
 * Throws where T is no positive integer, or a β is not between 0 and 1. Ho et al. 2020, arXiv 2006.11239, section 4.
 */
export const linearSchedule = (range: BetaRange = {}): Schedule =>
  between("linear", range, (start, end, u) => start + (end - start) * u);

/**
 * √β runs evenly: β_t = (√betaStart + (√betaEnd − √betaStart)·(t − 1)/(T − 1))². Defaults and errors as
 * `linearSchedule`. Rombach et al. 2022, arXiv 2112.10752, in the code to it.
 */
export const scaledLinearSchedule = (range: BetaRange = {}): Schedule =>
  between("scaledLinear", range, (start, end, u) => {
    const root = Math.sqrt(start) + (Math.sqrt(end) - Math.sqrt(start)) * u;
    return root * root;
  });

/**
 * β_t = betaStart + (betaEnd − betaStart)·σ(−6 + 12 (t − 1)/(T − 1)), σ the logistic function. Defaults and errors as
 * `linearSchedule`. Xu et al. 2022, arXiv 2203.02923, in the code to it.
 */
export const sigmoidSchedule = (range: BetaRange = {}): Schedule =>
  between("sigmoid", range, (start, end, u) => start + (end - start) / (1 + Math.exp(6 - 12 * u)));

/** β_t = `beta` at every t. Defaults: T = 200, β = 0.03. Errors as `linearSchedule`. */
export const constantSchedule = ({ steps = 200, beta = 0.03 } = {}): Schedule =>
  between("constant", { steps, betaStart: beta, betaEnd: beta }, (start) => start);

/**
 * β_t = min(1 − f(t)/f(t − 1), `betaMost`) with f(t) = cos²((t/T + s)/(1 + s)·π/2): ᾱ falls nearly linearly in the
 * middle and slowly at both ends. Defaults: T = 200, s = 0.008, betaMost = 0.999. Nichol and Dhariwal 2021,
 * arXiv 2102.09672, equation 17.
 */
export function cosineSchedule({ steps = 200, s = 0.008, betaMost = 0.999 } = {}): Schedule {
  requireSteps("cosine", steps);
  requireBetas("cosine", { betaMost });
  const f = (t: number): number => Math.cos((((t / steps + s) / (1 + s)) * Math.PI) / 2) ** 2;
  return scheduleOf(
    "cosine",
    Array.from({ length: steps }, (_, i) => Math.min(1 - f(i + 1) / f(i), betaMost)),
  );
}

/** The user's own table of β_1 … β_T. Throws where it is empty or a β is not above 0 and at most 1. */
export function tableSchedule(betas: readonly number[]): Schedule {
  requireSteps("table", betas.length);
  betas.forEach((beta, i) => {
    if (!(beta > 0 && beta <= 1))
      throw new Error(
        `tableSchedule: beta of t = ${i + 1} takes a number above 0 and at most 1 but receives ${beta}`,
      );
  });
  return scheduleOf("table", betas);
}

/**
 * The schedule with nothing left of the data at t = T and as much as before at t = 1: √ᾱ_t shifted and scaled to
 * (√ᾱ_t − √ᾱ_T)·√ᾱ₁/(√ᾱ₁ − √ᾱ_T). Then x_T is pure noise, from which ε tells nothing: train on v or x₀.
 * Throws for a schedule of one step. Lin et al. 2023, arXiv 2305.08891, algorithm 1.
 */
export function zeroTerminalSnr(schedule: Schedule): Schedule {
  const roots = schedule.alphaBars.map(Math.sqrt);
  const [first, last] = [roots[0] as number, roots.at(-1) as number];
  if (schedule.steps < 2)
    throw new Error("zeroTerminalSnr: takes a schedule of two steps at least but receives 1");
  const alphaBars = roots.map((root) => (((root - last) * first) / (first - last)) ** 2);
  return {
    ...schedule,
    betas: alphaBars.map((alphaBar, i) => 1 - alphaBar / (alphaBars[i - 1] ?? 1)),
    alphaBars,
    terminalSignal: 0,
  };
}

/** A schedule from the first β to the last, `beta(start, end, u)` for u from 0 to 1. */
function between(
  kind: ScheduleKind,
  { steps = 200, betaStart = 1e-4, betaEnd = 0.2 }: BetaRange,
  beta: (start: number, end: number, u: number) => number,
): Schedule {
  requireSteps(kind, steps);
  requireBetas(kind, { betaStart, betaEnd });
  return scheduleOf(
    kind,
    Array.from({ length: steps }, (_, i) => beta(betaStart, betaEnd, i / Math.max(steps - 1, 1))),
  );
}

function requireSteps(kind: ScheduleKind, steps: number): void {
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new Error(`${kind}Schedule: steps takes a positive integer but receives ${steps}`);
}
function requireBetas(kind: ScheduleKind, betas: Readonly<Record<string, number>>): void {
  for (const [name, beta] of Object.entries(betas))
    if (!(beta > 0 && beta < 1))
      throw new Error(`${kind}Schedule: ${name} takes a number between 0 and 1 but receives ${beta}`);
}

function scheduleOf(kind: ScheduleKind, betas: readonly number[]): Schedule {
  let logAlphaBar = 0;
  // ᾱ_t = exp Σ_{s≤t} log(1 − β_s)
  const alphaBars = betas.map((beta) => {
    logAlphaBar += Math.log1p(-beta);
    return Math.exp(logAlphaBar);
  });
  return { kind, steps: betas.length, betas, alphaBars, terminalSignal: Math.exp(logAlphaBar / 2) };
}

/** The largest √ᾱ_T that passes without a warning: the data then shifts the start by at most a tenth of its sd. */
const tolerableSignal = 0.1;

/** Words to show where sampling from N(0, I) does not match where the forward process ends; else `undefined`. */
export const scheduleWarning = ({ steps, terminalSignal }: Schedule): string | undefined =>
  terminalSignal > tolerableSignal
    ? `schedule: at t = ${steps} the data still has weight √ᾱ = ${terminalSignal.toFixed(2)}, but sampling starts from pure noise; take more steps or a larger betaEnd`
    : undefined;
