import type { NDArray } from "../dsl/array.js";
import type { Net, PortType } from "../dsl/net.js";
import type { BackendName, Executable } from "./backends/backend.js";
import { loadBackend } from "./backends/load.js";
import { compile } from "./compile.js";
import { batchWithin } from "./memory-limit.js";
import type { Optimizer } from "./optimizers.js";
import { type Replica, shardOf } from "./replica.js";
import { type TrainProgram, trainProgram } from "./train-program.js";
import { type UpdateProgram, updateProgram } from "./update-program.js";

/** A run in figures: what is trained, on what, and how. */
export interface Training {
  /** Initialised. */
  readonly net: Net;
  /** The data by port, and the number of examples; undefined for a net without input ports. */
  readonly columns: Readonly<Record<string, NDArray>>;
  readonly count: number | undefined;
  /** Types of the input ports that the net leaves open. */
  readonly given: Readonly<Record<string, PortType>>;
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  readonly ema: number | false;
  readonly losses?: Readonly<Record<string, number>> | undefined;
  readonly seed: number;
  /** Examples worked on at a time; by default as many as fit into `memoryLimit` bytes. */
  readonly microBatch?: number | undefined;
  readonly memoryLimit: number;
  /** Of `simd`; its own default where undefined. */
  readonly threads: number | undefined;
  readonly replica?: Replica | undefined;
}

/** The two programs of a training step on a backend; they share the states that both have. */
export interface PreparedTraining {
  readonly training: Training;
  readonly backend: BackendName;
  /** How many examples a run of `gradient` is of. */
  readonly microBatch: number;
  readonly built: TrainProgram;
  readonly updating: UpdateProgram;
  readonly gradient: Executable;
  readonly update: Executable;
}

/** Compiles both programs, with a clock each where they are to be timed. Errors: options that do not fit the net; no memory. */
export async function prepareTraining(
  training: Training,
  backend: BackendName,
  clocks?: { readonly gradient: () => void; readonly update: () => void },
): Promise<PreparedTraining> {
  const { batchSize, net, columns, given, losses, optimizer, ema, threads, replica } = training;
  const [from, to] = shardOf(batchSize, replica);
  const build = (batch: number): TrainProgram =>
    trainProgram(net, {
      columns,
      batchSize: batch,
      partial: batch < batchSize,
      given,
      ...(losses && { losses }),
    });
  const most = Math.min(training.microBatch ?? batchSize, to - from);
  const limit = training.microBatch === undefined ? training.memoryLimit : Number.POSITIVE_INFINITY;
  const { batch: microBatch, ...built } = batchWithin(limit, await loadBackend(backend), most, build);
  const updating = updateProgram({
    layout: built.layout,
    losses: built.lossNames.length + 1,
    optimizer,
    average: ema !== false,
  });
  const spread = threads === undefined ? {} : { threads };
  const gradient = await compile(built.program, backend, {
    ...spread,
    ...(clocks && { clock: clocks.gradient }),
  });
  try {
    const update = await compile(updating.program, backend, {
      ...{ ...spread, share: gradient },
      ...(clocks && { clock: clocks.update }),
    });
    return { training, backend, microBatch, built, updating, gradient, update };
  } catch (error) {
    gradient.dispose();
    throw error;
  }
}
