import type { BackendName } from "./backends/backend.js";

/** What all replicas of a run have in common once the first of them is ready. */
export interface Agreement {
  readonly backend: BackendName;
  /** How many numbers each gives to a sum. */
  readonly length: number;
}

/**
 * One of several trainers that do every step together: each works on its own examples of the batch, what they have
 * computed is added up in their order, and each makes the same update to weights of its own.
 */
export interface Replica {
  /** From 0 to count − 1. */
  readonly index: number;
  readonly count: number;
  /** Called by replica 0, once, before the first sum: the others begin. */
  agree(agreement: Agreement): void;
  /** Where this replica writes its part of the next sum. */
  part(): Float32Array;
  /**
   * The sum of all parts in the order of the replicas, the same bits for each, once all are there; it holds until the
   * next call of `part`. Rejects when another replica is gone.
   */
  sum(): Promise<Float32Array>;
}

/** The examples of a batch that fall to a replica, as equally as can be: from the first to before the last. */
export const shardOf = (
  batchSize: number,
  { index, count }: Pick<Replica, "index" | "count"> = { index: 0, count: 1 },
): readonly [from: number, to: number] => [
  Math.floor((index * batchSize) / count),
  Math.floor(((index + 1) * batchSize) / count),
];
