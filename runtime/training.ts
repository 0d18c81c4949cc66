/** What a training run takes, reports and returns. Plain values: they cross to the worker as they are. */

import type { NDArray } from "../dsl/array.js";
import type { Net } from "../dsl/net.js";
import type { BackendName } from "./backends/backend.js";
import type { DataSet } from "./data/data-set.js";
import type { Optimizer } from "./optimizers.js";

/** A column of data: an array with the examples along the first axis, nested numbers, or a description that is drawn in the worker. */
export type Column = NDArray | DataSet | readonly (number | readonly unknown[])[];

export interface TrainOptions {
  /** One column for each input port of the net. */
  readonly data: Readonly<Record<string, Column>>;
  /** Default 256. */
  readonly batchSize?: number;
  /** Default `adam()`. */
  readonly optimizer?: Optimizer;
  /** Largest decay of the weights' moving average, min(ema, (1 + n)/(10 + n)) after n steps; `false` for none. Default 0.999. */
  readonly ema?: number | false;
  /** The weight of each loss by output port. Default: 1 for every scalar output. */
  readonly losses?: Readonly<Record<string, number>>;
  /** Stops at whichever comes first. Default `{ rounds: 100 }`. */
  readonly until?: { readonly seconds?: number; readonly steps?: number; readonly rounds?: number };
  readonly seed?: number;
  /** Default "auto": the fastest of those that compute right here, timed on this very net. */
  readonly backend?: BackendName | "auto";
  /**
   * How many examples of a batch are worked on at a time; their gradients are added up, and the result is that of the
   * whole batch to rounding (but for batchNorm, whose means are those of a micro-batch). Default: as many as fit into
   * `memoryLimit`.
   */
  readonly microBatch?: number;
  /** Bytes that what a step computes may take, beside the data and the weights, where `microBatch` does not say; at least one example is worked on. Default 1 GiB. */
  readonly memoryLimit?: number;
  /**
   * Over how many workers each batch is split. The result is that of one to rounding, and does not depend on which of
   * them is faster. Default 1.
   */
  readonly replicas?: number;
  /** Threads of `simd`. Default: 1 with `replicas`, else one for each core, at most 8, in a page that is cross-origin isolated; 1 elsewhere. */
  readonly threads?: number;
  /** The state of an earlier run, to go on from bit by bit. */
  readonly from?: Checkpoint;
}

/** One report. When the reader is slow the latest replaces those not yet read, its `losses` holding all of their steps. */
export interface Progress {
  readonly step: number;
  /** Weighted sum of the losses at `step`. */
  readonly loss: number;
  /** The loss of each step since the last report that was read, in order. */
  readonly losses: Float32Array;
  /** The unweighted losses at `step`, by name. */
  readonly parts: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  /** Passes through the data, with its fraction. */
  readonly round: number;
  /** From 0 to 1, by whichever limit is nearest. */
  readonly fraction: number;
  readonly secondsLeft: number | null;
  readonly backend: BackendName;
  /** Why this backend: "asked for", or what came of trying each. */
  readonly backendReason: string;
}

export type StopReason = "seconds" | "steps" | "rounds" | "aborted";

export interface TrainResult {
  /** With the averaged weights when `ema` is on. */
  readonly net: Net;
  readonly losses: Float32Array;
  readonly steps: number;
  readonly seconds: number;
  readonly stopReason: StopReason;
  readonly backend: BackendName;
  readonly backendReason: string;
}

/** Everything that a run needs to go on as if it had never stopped. Typed arrays by name, and counters. */
export interface Checkpoint {
  readonly net: Net;
  readonly state: Readonly<Record<string, Float32Array>>;
  readonly step: number;
  readonly seed: number;
}

/** A run under way. Iterating it gives reports; the run goes on whether or not anyone iterates. */
export interface Run extends AsyncIterable<Progress> {
  readonly result: Promise<TrainResult>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** While paused: runs that many steps (default 1), then pauses again. */
  step(count?: number): Promise<void>;
  /** Ends the run; `result` fulfils with stopReason "aborted" and the weights so far. */
  stop(): Promise<void>;
  /** The net as of now, with averaged weights. */
  net(): Promise<Net>;
  checkpoint(): Promise<Checkpoint>;
}
