import { checkOptimizer, type Optimizer } from "./optimizers.js";
import type { StopReason, TrainOptions } from "./training.js";

type Until = NonNullable<TrainOptions["until"]>;

/** Where a run is. */
export interface Position {
  /** Steps done. */
  readonly step: number;
  readonly seconds: number;
  /** How much of a pass through the data one step is; 0 where there is no data. */
  readonly roundsPerStep: number;
  /** 0 before the first step. */
  readonly stepsPerSecond: number;
}

/** The limits as numbers of steps and seconds; a round ends with the step that meets its last example. */
const limits = ({ steps, seconds, rounds }: Until, { roundsPerStep }: Position) => ({
  steps: steps ?? Number.POSITIVE_INFINITY,
  seconds: seconds ?? Number.POSITIVE_INFINITY,
  rounds: rounds && roundsPerStep ? Math.ceil(rounds / roundsPerStep - 1e-9) : Number.POSITIVE_INFINITY,
});

/** The limit that is reached, if one is. */
export function reached(until: Until, at: Position): StopReason | undefined {
  const limit = limits(until, at);
  if (at.step >= limit.steps) return "steps";
  if (at.step >= limit.rounds) return "rounds";
  return at.seconds >= limit.seconds ? "seconds" : undefined;
}

/** How many steps may still be run before a limit on steps or rounds. */
export function stepsLeft(until: Until, at: Position): number {
  const { steps, rounds } = limits(until, at);
  return Math.min(steps, rounds) - at.step;
}

/** The share of the run that is done, by whichever limit is nearest, and the seconds left to it. */
export function shareDone(
  until: Until,
  at: Position,
): { readonly fraction: number; readonly secondsLeft: number | null } {
  const limit = limits(until, at);
  const most = Math.min(limit.steps, limit.rounds);
  const byStep = { fraction: at.step / most, secondsLeft: (most - at.step) / at.stepsPerSecond };
  const bySecond = { fraction: at.seconds / limit.seconds, secondsLeft: limit.seconds - at.seconds };
  const { fraction, secondsLeft } = byStep.fraction > bySecond.fraction ? byStep : bySecond;
  return {
    fraction: Math.min(1, fraction),
    secondsLeft: Number.isFinite(secondsLeft) ? Math.max(0, secondsLeft) : null,
  };
}

/** Refuses what is not a whole number of at least 1. */
export function checkCount(name: string, number: number | undefined): void {
  if (number !== undefined && !(Number.isInteger(number) && number >= 1))
    throw new Error(`${name}: takes a whole number of at least 1 but receives ${number}`);
}

/** Refuses options that make no run, in words. `count` is the number of examples, if there are data. */
export function checkOptions(
  {
    batchSize,
    ema,
    until,
    optimizer,
    ...counts
  }: {
    readonly batchSize: number;
    readonly microBatch?: number | undefined;
    readonly memoryLimit?: number | undefined;
    readonly replicas?: number | undefined;
    readonly threads?: number | undefined;
    readonly ema: number | false;
    readonly until: Until;
    readonly optimizer: Optimizer;
  },
  count: number | undefined,
): void {
  for (const [name, number] of Object.entries({ batchSize, ...counts })) checkCount(name, number);
  if ((counts.replicas ?? 1) > batchSize)
    throw new Error(
      `replicas: takes at most the ${batchSize} examples of a batch but receives ${counts.replicas}`,
    );
  if (count !== undefined && batchSize > count)
    throw new Error(`batchSize: takes at most the ${count} examples of the data but receives ${batchSize}`);
  if (ema !== false && !(ema >= 0 && ema < 1))
    throw new Error(`ema: takes false or a decay in [0, 1) but receives ${ema}`);
  for (const [name, limit] of Object.entries(until))
    if (limit !== undefined && !(limit > 0))
      throw new Error(`until: ${name} takes a positive number but receives ${limit}`);
  if (Object.values(until).every((limit) => limit === undefined))
    throw new Error("until: takes seconds, steps or rounds but receives none");
  checkOptimizer(optimizer);
}
