import type { Net } from "../dsl/net.js";
import type { Executable } from "./backends/backend.js";
import type { Trial } from "./backends/trial.js";
import { BatchOrder } from "./batch-order.js";
import { writeKeys } from "./compile.js";
import { findFault } from "./fault.js";
import { optimizerRule } from "./optimizers.js";
import type { PreparedTraining } from "./prepare-training.js";
import { type Replica, shardOf } from "./replica.js";
import { dataName, indexName, keepName, sharesName } from "./train-program.js";
import type { Checkpoint } from "./training.js";
import { decayName, emaDecay, slotName } from "./update-program.js";
import { pack, unpack } from "./weights.js";

/**
 * Training steps on a backend, one at a time. A step is the gradient program, once for each micro-batch of this
 * replica's examples, then the sum over replicas, then the update program.
 */
export class Stepper implements Trial {
  readonly microBatch: number;
  readonly lossNames: readonly string[];
  readonly #p: PreparedTraining;
  readonly #order: BatchOrder | undefined;
  /** The examples of the step's whole batch. */
  readonly #batch: Int32Array;

  constructor(prepared: PreparedTraining) {
    const { training, built, gradient } = prepared;
    const { count, seed, batchSize } = training;
    this.#p = prepared;
    this.microBatch = prepared.microBatch;
    this.lossNames = built.lossNames;
    this.#order = count === undefined ? undefined : new BatchOrder(count, seed);
    this.#batch = new Int32Array(batchSize);
    this.#writeData(gradient);
    this.reset();
  }

  /** How many numbers replicas add up in a step: the gradient, the losses and the running statistics. */
  get exchanged(): number {
    return Object.values(this.#sums).reduce((sum, size) => sum + size, 0);
  }
  get #sums(): Readonly<Record<string, number>> {
    const { layout, lossNames } = this.#p.built;
    const { parameters, statistics } = layout;
    return { gradient: parameters.size, losses: lossNames.length + 1, statistics: statistics.size };
  }

  /** Weights, moments and average as at the beginning of the run, or as in a checkpoint. */
  reset(from?: Checkpoint): void {
    const { training, built, gradient, update, updating } = this.#p;
    const { parameters, statistics } = built.layout;
    const weights = pack(training.net, parameters);
    update.write("parameters", weights);
    for (const name of updating.vectors)
      update.write(
        name,
        from?.state[name] ?? (name === "average" ? weights : new Float32Array(weights.length)),
      );
    if (statistics.size > 0)
      for (const name of ["statistics", "lastStatistics"]) update.write(name, pack(training.net, statistics));
    update.write("alive", Float32Array.of(1));
    for (const name of ["gradient", "losses"] as const)
      gradient.write(name, new Float32Array(this.#sums[name] as number));
  }

  /** Does the step that follows `step` steps, and notes its losses in row `slot` of the history. */
  step(step: number, slot: number): undefined | Promise<void> {
    const { replica } = this.#p.training;
    this.#differentiate(step);
    if (replica) return this.#exchange(replica).then(() => this.#update(step, slot));
    this.#update(step, slot);
    return undefined;
  }

  /** Does some steps to no purpose but to see how long they take: `reset` makes them undone. No other replica takes part. */
  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.#differentiate(step);
      this.#update(step, 0);
    }
    await this.#p.update.read("alive");
  }

  #differentiate(step: number): void {
    const { training, gradient } = this.#p;
    const [from, to] = shardOf(training.batchSize, training.replica);
    this.#order?.fill(this.#batch, step);
    for (let first = from; first < to; first += this.microBatch) {
      this.#writeBatch(gradient, step, first, from, to);
      gradient.run();
    }
  }

  /** Sets the inputs for the micro-batch of step `step` + 1 that begins with example `first` of the batch. */
  #writeBatch(target: Executable, step: number, first: number, from: number, to: number): void {
    const { training, built, microBatch } = this.#p;
    writeKeys(target, built.program, training.seed, step, first);
    const count = Math.min(microBatch, to - first);
    if (this.#order) {
      // The places of a last micro-batch that is not full are taken by its first example, whose share there is 0.
      const index = new Int32Array(microBatch).fill(this.#batch[first] as number);
      index.set(this.#batch.subarray(first, first + count));
      target.write(indexName, index);
    }
    if (!(sharesName in built.program.inputs)) return;
    target.write(sharesName, new Float32Array(microBatch).fill(1 / training.batchSize, 0, count));
    target.write(keepName, Float32Array.of(first === from ? 0 : 1));
  }

  #update(step: number, slot: number): void {
    this.#writeNumbers(this.#p.update, step, slot);
    this.#p.update.run();
  }
  #writeNumbers(target: Executable, step: number, slot: number): void {
    const { optimizer, ema } = this.#p.training;
    target.write(slotName, Float32Array.of(slot));
    for (const [name, value] of Object.entries(optimizerRule(optimizer).schedule(optimizer, step + 1)))
      target.write(`#${name}`, Float32Array.of(value));
    if (ema !== false) target.write(decayName, Float32Array.of(emaDecay(ema, step + 1)));
  }
  /** Sets the states that no step changes. */
  #writeData(target: Executable): void {
    const { columns, net } = this.#p.training;
    const { frozen } = this.#p.built.layout;
    for (const [name, { data }] of Object.entries(columns)) target.write(dataName(name), data);
    if (frozen.size > 0) target.write("frozen", pack(net, frozen));
  }

  /** Replaces what this replica has computed by the sum over all, the statistics by their mean. */
  async #exchange(replica: Replica): Promise<void> {
    const { gradient } = this.#p;
    const sums = Object.entries(this.#sums).filter(([, size]) => size > 0);
    const part = replica.part();
    let at = 0;
    for (const [name, size] of sums) {
      part.set(await gradient.read(name), at);
      at += size;
    }
    const sum = await replica.sum();
    at = 0;
    for (const [name, size] of sums) {
      const numbers = sum.subarray(at, at + size);
      gradient.write(name, name === "statistics" ? numbers.map((x) => x / replica.count) : numbers);
      at += size;
    }
  }

  /** The losses of the last steps, a row for each slot, and whether every step was finite. */
  async history(): Promise<{ readonly rows: Float32Array; readonly alive: boolean }> {
    const { update } = this.#p;
    const [rows, alive] = await Promise.all([update.read("history"), update.read("alive")]);
    return { rows: rows as Float32Array, alive: alive[0] === 1 };
  }

  /** The net with the weights or their average, and its running statistics. */
  async net(which: "parameters" | "average"): Promise<Net> {
    const { training, built, update } = this.#p;
    const { parameters, statistics } = built.layout;
    const net = unpack(training.net, parameters, (await update.read(which)) as Float32Array);
    return statistics.size === 0
      ? net
      : unpack(net, statistics, (await update.read("lastStatistics")) as Float32Array);
  }
  /** What a checkpoint has beside the net: moments and average. */
  saved(): Promise<Record<string, Float32Array>> {
    return this.#states(this.#p.updating.vectors);
  }
  async #states(names: readonly string[]): Promise<Record<string, Float32Array>> {
    const { update, updating } = this.#p;
    const known = names.filter((name) => name in updating.program.state);
    const arrays = await Promise.all(known.map((name) => update.read(name) as Promise<Float32Array>));
    return Object.fromEntries(known.map((name, i) => [name, arrays[i] as Float32Array]));
  }

  /**
   * The node of the first number that is not finite in the step that follows `step` steps, from the weights as they
   * are: for any example of the batch, whichever replica's, or in the update.
   */
  async fault(step: number): Promise<string | undefined> {
    const { training, backend, built, updating, gradient, microBatch } = this.#p;
    const { batchSize } = training;
    const { parameters, lastStatistics, ...vectors } = await this.#states([
      ...["parameters", "lastStatistics"],
      ...updating.vectors,
    ]);
    this.#order?.fill(this.#batch, step);
    const firsts = Array.from({ length: Math.ceil(batchSize / microBatch) }, (_, i) => i * microBatch);
    const repeated = firsts.map((first) => (target: Executable) => {
      this.#writeData(target);
      target.write("parameters", parameters as Float32Array);
      if (lastStatistics) target.write("statistics", lastStatistics);
      this.#writeBatch(target, step, first, 0, batchSize);
    });
    const node = await findFault(built.program, backend, repeated);
    if (node !== undefined) return node;
    this.#differentiate(step);
    const states = { parameters, ...vectors };
    for (const name of ["gradient", "losses"]) Object.assign(states, { [name]: await gradient.read(name) });
    return findFault(updating.program, backend, [
      (target) => {
        for (const [name, data] of Object.entries(states)) target.write(name, data as Float32Array);
        this.#writeNumbers(target, step, 0);
      },
    ]);
  }

  get liveBuffers(): number {
    return this.#p.gradient.liveBuffers + this.#p.update.liveBuffers;
  }
  dispose(): void {
    this.#p.update.dispose();
    this.#p.gradient.dispose();
  }
}
