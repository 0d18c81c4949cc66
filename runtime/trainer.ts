import type { NDArray } from "../dsl/array.js";
import type { Net } from "../dsl/net.js";
import { initialize } from "../dsl/parameters.js";
import type { BackendName, Executable } from "./backends/backend.js";
import { chooseBackend } from "./backends/choose.js";
import { toBatch } from "./batch.js";
import { BatchOrder } from "./batch-order.js";
import { compile, writeKeys } from "./compile.js";
import { findFault, TrainingError } from "./fault.js";
import { checkOptions, type Position, reached, shareDone, stepsLeft } from "./limits.js";
import { adam, optimizerRule } from "./optimizers.js";
import { dataName, decayName, historySteps, indexName, slotName, trainProgram } from "./train-program.js";
import type { Checkpoint, Optimizer, Progress, StopReason, TrainOptions, TrainResult } from "./training.js";
import { pack, unpack } from "./weights.js";

/** A training run in this thread, driven by whoever owns the thread. Nothing happens between calls. */
export interface Trainer {
  readonly backend: BackendName;
  /** Steps done. */
  readonly step: number;
  /** Set once a limit is reached. */
  readonly finished: StopReason | undefined;
  /** Runs steps for about `milliseconds`, or `steps` of them, and reports; at least one step unless finished. */
  run(limit: { readonly milliseconds: number } | { readonly steps: number }): Promise<Progress>;
  result(stopReason?: StopReason): Promise<TrainResult>;
  /** The net as of now, with averaged weights when `ema` is on. */
  net(): Promise<Net>;
  checkpoint(): Promise<Checkpoint>;
  dispose(): void;
}

const defaults = { batchSize: 256, ema: 0.999, seed: 0, until: { rounds: 100 } } as const;

/**
 * Compiles the training step of a net and readies its data. Errors: a net that does not fit its data, a batch larger
 * than the data, limits that are not positive, an unknown backend. `run` throws a TrainingError when a loss stops
 * being finite.
 */
export async function createTrainer(net: Net, options: TrainOptions): Promise<Trainer> {
  const { batchSize = defaults.batchSize, ema = defaults.ema, until = defaults.until, from } = options;
  const optimizer = options.optimizer ?? adam();
  const seed = from?.seed ?? options.seed ?? defaults.seed;
  const { columns, count, given } = toBatch(net, options.data);
  const ready = initialize(from?.net ?? net, { seed, given });
  checkOptions({ batchSize, ema, until, optimizer }, count);
  const built = trainProgram(ready, {
    columns,
    batchSize,
    given,
    optimizer,
    average: ema !== false,
    ...(options.losses ? { losses: options.losses } : {}),
  });
  const backend = (await chooseBackend(options.backend ?? "auto")).name;
  const executable = await compile(built.program, backend);
  try {
    return new ProgramTrainer({
      net: ready,
      built,
      executable,
      backend,
      columns,
      count,
      batchSize,
      ema,
      until,
      optimizer,
      seed,
      from,
    });
  } catch (error) {
    executable.dispose();
    throw error;
  }
}

interface Setup {
  readonly net: Net;
  readonly built: ReturnType<typeof trainProgram>;
  readonly executable: Executable;
  readonly backend: BackendName;
  readonly columns: Readonly<Record<string, NDArray>>;
  readonly count: number | undefined;
  readonly batchSize: number;
  readonly ema: number | false;
  readonly until: NonNullable<TrainOptions["until"]>;
  readonly optimizer: Optimizer;
  readonly seed: number;
  readonly from: Checkpoint | undefined;
}

class ProgramTrainer implements Trainer {
  readonly backend: BackendName;
  readonly #s: Setup;
  readonly #order: BatchOrder | undefined;
  readonly #losses: number[] = [];
  readonly #index: Int32Array;
  #step: number;
  #seconds = 0;
  #stepsTimed = 0;
  #parts: Readonly<Record<string, number>> = {};
  #fault: TrainingError | undefined;

  constructor(setup: Setup) {
    const { net, built, executable, count, batchSize, seed, from } = setup;
    this.#s = setup;
    this.backend = setup.backend;
    this.#step = from?.step ?? 0;
    this.#order = count === undefined ? undefined : new BatchOrder(count, seed);
    this.#index = new Int32Array(batchSize);
    this.#writeData(executable);
    const weights = pack(net, built.layout.parameters);
    executable.write("parameters", weights);
    for (const name of built.vectors) {
      const saved = from?.state[name];
      if (saved) executable.write(name, saved);
      else if (name === "average") executable.write(name, weights);
    }
  }

  get step(): number {
    return this.#step;
  }
  get finished(): StopReason | undefined {
    return reached(this.#s.until, this.#position);
  }
  get #position(): Position {
    const { count, batchSize } = this.#s;
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
        Math.min(budget - done, this.#affordable(left), stepsLeft(this.#s.until, this.#position)),
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
    const { executable, built } = this.#s;
    const count = Math.min(most, historySteps);
    for (let slot = 0; slot < count; slot++) {
      this.#writeInputs(executable, this.#step + slot, slot);
      executable.run();
    }
    const history = await executable.read("history");
    const width = built.lossNames.length + 1;
    for (let slot = 0; slot < count; slot++) {
      const loss = history[slot * width] as number;
      this.#losses.push(loss);
    }
    const last = (count - 1) * width;
    this.#parts = Object.fromEntries(
      built.lossNames.map((name, i) => [name, history[last + 1 + i] as number]),
    );
    const [alive] = await executable.read("alive");
    if (alive === 0) await this.#fail(this.#losses.length - count, count);
    this.#step += count;
    this.#stepsTimed += count;
    return count;
  }

  /** Sets the program's inputs for the step that follows `step` steps. */
  #writeInputs(target: Executable, step: number, slot: number): void {
    const { optimizer, seed, ema, built } = this.#s;
    writeKeys(target, built.program, seed, step);
    target.write(slotName, Float32Array.of(slot));
    for (const [name, value] of Object.entries(optimizerRule(optimizer).schedule(optimizer, step + 1)))
      target.write(`#${name}`, Float32Array.of(value));
    if (ema !== false) target.write(decayName, Float32Array.of(emaDecay(ema, step + 1)));
    if (this.#order) target.write(indexName, this.#order.fill(this.#index, step));
  }
  /** Sets the states that no step changes, and `alive`. */
  #writeData(target: Executable): void {
    const { columns, net, built } = this.#s;
    for (const [name, { data }] of Object.entries(columns)) target.write(dataName(name), data);
    if (built.layout.frozen.size > 0) target.write("frozen", pack(net, built.layout.frozen));
    target.write("alive", Float32Array.of(1));
  }

  /** Finds the first of the last steps that was not finite, and where in the net; its losses and later ones go. */
  async #fail(firstLoss: number, count: number): Promise<never> {
    const { built, backend, executable } = this.#s;
    const at = this.#losses.findIndex((loss, i) => i >= firstLoss && !Number.isFinite(loss));
    // The gradient may be the culprit of a step whose loss is fine: then the weights stopped changing there.
    const candidates = at < 0 ? Array.from({ length: count }, (_, i) => i) : [at - firstLoss];
    const state = await this.#vectors(["parameters", ...built.vectors]);
    for (const slot of candidates) {
      const node = await findFault(built.program, backend, (target) => {
        this.#writeData(target);
        for (const [name, data] of Object.entries(state)) target.write(name, data);
        this.#writeInputs(target, this.#step + slot, slot);
      });
      if (node === undefined) continue;
      this.#losses.length = firstLoss + slot;
      this.#step += slot;
      this.#fault = new TrainingError(this.#step + 1, node, await this.net());
      throw this.#fault;
    }
    executable.dispose();
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
      ...shareDone(this.#s.until, position),
      backend: this.backend,
    };
  }

  async #vectors(names: readonly string[]): Promise<Record<string, Float32Array>> {
    const { executable, built } = this.#s;
    const vectors: Record<string, Float32Array> = {};
    for (const name of names)
      if (name in built.program.state) vectors[name] = (await executable.read(name)) as Float32Array;
    return vectors;
  }
  async #netWith(name: string): Promise<Net> {
    const { [name]: flat } = await this.#vectors([name]);
    return unpack(this.#s.net, this.#s.built.layout.parameters, flat as Float32Array);
  }

  net(): Promise<Net> {
    return this.#netWith(this.#s.ema === false ? "parameters" : "average");
  }
  async checkpoint(): Promise<Checkpoint> {
    return {
      net: await this.#netWith("parameters"),
      state: await this.#vectors(this.#s.built.vectors),
      step: this.#step,
      seed: this.#s.seed,
    };
  }
  async result(stopReason: StopReason = this.finished ?? "aborted"): Promise<TrainResult> {
    return {
      net: await this.net(),
      losses: Float32Array.from(this.#losses),
      steps: this.#step,
      seconds: this.#seconds,
      stopReason,
      backend: this.backend,
    };
  }
  dispose(): void {
    this.#s.executable.dispose();
  }
}

/** The decay of the weights' average after n steps: min(most, (1 + n)/(10 + n)). */
export const emaDecay = (most: number, n: number): number => Math.min(most, (1 + n) / (10 + n));
