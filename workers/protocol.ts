/**
 * What a worker offers to the page, as types alone. Sessions are objects that stay in the
 * worker and are called from afar, so that every method gives a promise.
 */
import type { Net } from "../dsl/net.js";
import type { Generated, GenerateOptions } from "../runtime/generator.js";
import type { InspectOptions, Summary } from "../runtime/inspect.js";
import type { Checkpoint, Column, Progress, TrainOptions, TrainResult } from "../runtime/training.js";

/** The worker itself. Starting a session rejects where what it receives is malformed or does not fit. */
export interface Service {
  /** `others`: a port to each of the other replicas, in their order. */
  train(net: Net, options: TrainOptions, others?: readonly MessagePort[]): Promise<TrainSession>;
  /** Another replica of a run, with its port to the first. */
  follow(
    net: Net,
    options: TrainOptions,
    place: { readonly index: number; readonly count: number },
    first: MessagePort,
  ): Promise<FollowSession>;
  generate(model: Net, options: GenerateOptions): Promise<GenerateSession>;
  inspect(
    net: Net,
    inputs: Readonly<Record<string, Column>>,
    options: InspectOptions,
  ): Promise<Record<string, Summary>>;
}

/** Work under way in a worker, and how one hears of it. */
export interface Session<Report, End> {
  /** The latest report not yet read, now or when it comes; `null` once the work has ended, however it did. */
  next(): Promise<Report | null>;
  /** What is left when the work has ended. Rejects with what ended it, if it failed. */
  end(): Promise<End>;
  stop(): Promise<void>;
}

export interface TrainSession extends Session<Progress, TrainEnd> {
  /** Fulfils when no more steps are done. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Pauses, and does that many steps. */
  step(count: number): Promise<void>;
  net(): Promise<Net>;
  checkpoint(): Promise<Checkpoint>;
  /** Ends the run with an error from elsewhere. */
  fail(error: { readonly name: string; readonly message: string }): Promise<void>;
}

/** A replica that does what the first one does. */
export interface FollowSession {
  /** Fulfils when the run has ended, however it did; rejects with what ended this replica. */
  end(): Promise<void>;
  stop(): Promise<void>;
}

export interface TrainEnd {
  readonly result: TrainResult;
  readonly checkpoint: Checkpoint;
  /** The report that `next` has not given. */
  readonly unread: Progress | null;
}

/** Reports are the share that is done, from 0 to 1. Its end is `null` where it was stopped. */
export type GenerateSession = Session<number, Generated | null>;
