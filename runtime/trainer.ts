import type { Net } from "../dsl/net.js";
import { initialize } from "../dsl/parameters.js";
import type { BackendName } from "./backends/backend.js";
import { type Choice, chooseBackend } from "./backends/choose.js";
import { toBatch } from "./batch.js";
import { TrainingError } from "./fault.js";
import { checkOptions, type Position, reached, shareDone, stepsLeft } from "./limits.js";
import { defaultMemoryLimit } from "./memory-limit.js";
import { adam } from "./optimizers.js";
import { prepareTraining, type Training } from "./prepare-training.js";
import { programKey } from "./program-key.js";
import type { Replica } from "./replica.js";
import { Stepper } from "./stepper.js";
import { trainProgram } from "./train-program.js";
import type { Checkpoint, Progress, StopReason, TrainOptions, TrainResult } from "./training.js";
import { historySteps } from "./update-program.js";

/** A training run in this thread, driven by whoever owns the thread. Nothing happens between calls. */
export interface Trainer {
  readonly backend: BackendName;
  /** The number of device buffers that it holds. */
  readonly liveBuffers: number;
  /** Steps done. */
  readonly step: number;
  /** Set once a limit is reached. */
  readonly finished: StopReason | undefined;
  /** Runs steps for about `milliseconds`, or `steps` of them, and reports; at least one step unless finished. */
  run(limit: { readonly milliseconds: number } | { readonly steps: number }): Promise<Progress>;
  /** Does the steps of a replica that is not the first, for as long as the first asks for them: it ends when `sum` rejects. */
  follow(): Promise<never>;
  result(stopReason?: StopReason): Promise<TrainResult>;
  /** The net as of now, with averaged weights when `ema` is on. */
  net(): Promise<Net>;
  checkpoint(): Promise<Checkpoint>;
  dispose(): void;
}

const defaults = { batchSize: 256, ema: 0.999, seed: 0, until: { rounds: 100 } } as const;

/**
 * Compiles the training step of a net and readies its data. With `replica` it is one of several trainers that share
 * every step; they are made with the same options. Errors: a net that does not fit its data, a batch larger than the data,
 * limits that are not positive, an unknown backend, no memory. `run` throws a TrainingError when a loss stops being
 * finite.
 */
export async function createTrainer(net: Net, options: TrainOptions, replica?: Replica): Promise<Trainer> {
  const { batchSize = defaults.batchSize, ema = defaults.ema, until = defaults.until, from } = options;
  const { microBatch, memoryLimit = defaultMemoryLimit, losses, optimizer = adam() } = options;
  const replicas = replica?.count ?? options.replicas ?? 1;
  const threads = options.threads ?? (replicas > 1 ? 1 : undefined);
  const seed = from?.seed ?? options.seed ?? defaults.seed;
  const { columns, count, given } = toBatch(net, options.data);
  const ready = initialize(from?.net ?? net, { seed, given });
  checkOptions({ batchSize, ema, until, optimizer, microBatch, memoryLimit, replicas, threads }, count);
  if (replicas > 1 && !replica)
    throw new Error(`replicas: a trainer takes 1 but receives ${replicas}; train(…) has workers for more`);
  const training: Training = {
    ...{ net: ready, columns, count, given, batchSize, optimizer, ema, losses, seed },
    ...{ microBatch, memoryLimit, threads, replica },
  };
  const { name, why, prepared } = await chooseBackend(
    options.backend ?? "auto",
    async (backend) => new Stepper(await prepareTraining(training, backend)),
    () => programKey(trainProgram(ready, { columns, batchSize, given, ...(losses && { losses }) }).program),
  );
  try {
    prepared.reset(from);
    replica?.agree({ backend: name, length: prepared.exchanged });
    return new StepTrainer(training, until, prepared, { name, why }, from?.step ?? 0);
  } catch (error) {
    prepared.dispose();
    throw error;
  }
}

class StepTrainer implements Trainer {
  readonly backend: BackendName;
  readonly #training: Training;
  readonly #until: NonNullable<TrainOptions["until"]>;
  readonly #stepper: Stepper;
  readonly #why: string;
  readonly #losses: number[] = [];
  #step: number;
  #seconds = 0;
  #stepsTimed = 0;
  #parts: Readonly<Record<string, number>> = {};
  #fault: TrainingError | undefined;

  constructor(
    training: Training,
    until: NonNullable<TrainOptions["until"]>,
    stepper: Stepper,
    { name, why }: Choice,
    step: number,
  ) {
    this.#training = training;
    this.#until = until;
    this.#stepper = stepper;
    this.backend = name;
    this.#why = why;
    this.#step = step;
  }

  get liveBuffers(): number {
    return this.#stepper.liveBuffers;
  }
  get step(): number {
    return this.#step;
  }
  get finished(): StopReason | undefined {
    return reached(this.#until, this.#position);
  }
  get #position(): Position {
    const { count, batchSize } = this.#training;
    const roundsPerStep = count ? batchSize / count : 0;
    const stepsPerSecond = this.#seconds > 0 ? this.#stepsTimed / this.#seconds : 0;
    return { step: this.#step, seconds: this.#seconds, roundsPerStep, stepsPerSecond };
  }

  async run(limit: { readonly milliseconds: number } | { readonly steps: number }): Promise<Progress> {
    if (this.#fault) throw this.#fault;
    const first = this.#losses.length;
    const began = performance.now();
    const before = this.#seconds;
    const budget = "steps" in limit ? limit.steps : Number.POSITIVE_INFINITY;
    let done = 0;
    while (done < budget && !this.finished) {
      const left =
        "milliseconds" in limit ? limit.milliseconds - (performance.now() - began) : Number.POSITIVE_INFINITY;
      if (left <= 0 && done > 0) break;
      done += await this.#chunk(
        Math.min(budget - done, this.#affordable(left), stepsLeft(this.#until, this.#position)),
      );
      this.#seconds = before + (performance.now() - began) / 1000;
    }
    return this.#report(Float32Array.from(this.#losses.slice(first)));
  }

  /** How many steps fit into so many milliseconds, by the rate so far. */
  #affordable(milliseconds: number): number {
    if (this.#stepsTimed === 0) return 1;
    const each = (1000 * this.#seconds) / this.#stepsTimed;
    return Math.max(1, Math.min(historySteps, Math.floor(milliseconds / each)));
  }
  /** Runs up to `historySteps` steps, then reads their losses in one go. */
  async #chunk(most: number): Promise<number> {
    const count = Math.min(most, historySteps);
    for (let slot = 0; slot < count; slot++) {
      const waiting = this.#stepper.step(this.#step + slot, slot);
      if (waiting) await waiting;
    }
    const { rows, alive } = await this.#stepper.history();
    const names = this.#stepper.lossNames;
    const width = names.length + 1;
    for (let slot = 0; slot < count; slot++) this.#losses.push(rows[slot * width] as number);
    const last = (count - 1) * width;
    this.#parts = Object.fromEntries(names.map((name, i) => [name, rows[last + 1 + i] as number]));
    if (!alive) await this.#fail(this.#losses.length - count, count);
    this.#step += count;
    this.#stepsTimed += count;
    return count;
  }

  async follow(): Promise<never> {
    for (;;) await this.#stepper.step(this.#step++, 0);
  }

  /** Finds the first of the last steps that was not finite, and where in the net; its losses and later ones go. */
  async #fail(firstLoss: number, count: number): Promise<never> {
    const at = this.#losses.findIndex((loss, i) => i >= firstLoss && !Number.isFinite(loss));
    // The gradient may be the culprit of a step whose loss is fine: then the weights stopped changing there.
    const candidates = at < 0 ? Array.from({ length: count }, (_, i) => i) : [at - firstLoss];
    for (const slot of candidates) {
      const node = await this.#stepper.fault(this.#step + slot);
      if (node === undefined) continue;
      this.#losses.length = firstLoss + slot;
      this.#step += slot;
      this.#fault = new TrainingError(this.#step + 1, node, await this.net());
      throw this.#fault;
    }
    this.dispose();
    throw new Error(
      `step ${this.#step + 1}: a loss or gradient was not finite, but is when the step is repeated`,
    );
  }

  #report(losses: Float32Array): Progress {
    const position = this.#position;
    return {
      step: this.#step,
      loss: this.#losses.at(-1) ?? Number.NaN,
      losses,
      parts: this.#parts,
      seconds: this.#seconds,
      stepsPerSecond: position.stepsPerSecond,
      round: this.#step * position.roundsPerStep,
      ...shareDone(this.#until, position),
      backend: this.backend,
      backendReason: this.#why,
    };
  }

  net(): Promise<Net> {
    return this.#stepper.net(this.#training.ema === false ? "parameters" : "average");
  }
  async checkpoint(): Promise<Checkpoint> {
    const [net, state] = await Promise.all([this.#stepper.net("parameters"), this.#stepper.saved()]);
    return { net, state, step: this.#step, seed: this.#training.seed };
  }
  async result(stopReason: StopReason = this.finished ?? "aborted"): Promise<TrainResult> {
    return {
      net: await this.net(),
      losses: Float32Array.from(this.#losses),
      steps: this.#step,
      seconds: this.#seconds,
      stopReason,
      backend: this.backend,
      backendReason: this.#why,
    };
  }
  dispose(): void {
    this.#stepper.dispose();
  }
}
