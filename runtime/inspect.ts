import type { NDArray } from "../dsl/array.js";
import type { Net } from "../dsl/net.js";
import { initialize } from "../dsl/parameters.js";
import { toBatch } from "./batch.js";
import { lowerNet } from "./compile.js";
import { type EvaluateOptions, evaluate } from "./evaluate.js";
import type { Column } from "./training.js";

/** The numbers at a port, of all examples together. */
export interface Summary {
  /** Of one example. */
  readonly shape: readonly number[];
  readonly mean: number;
  /** Standard deviation, with denominator n. */
  readonly sd: number;
  readonly min: number;
  readonly max: number;
  /** The first few numbers of the first example. */
  readonly first: readonly number[];
}

export type InspectOptions = Omit<EvaluateOptions, "of">;

/** How many numbers of the first example are shown. */
const few = 4;

/**
 * What a net computes for a batch of inputs, port by port: its inputs, everything inside by `path` and `path.port`, its
 * outputs. Takes what `evaluate` takes.
 */
export async function inspect(
  net: Net,
  inputs: Readonly<Record<string, Column>> = {},
  options: InspectOptions = {},
): Promise<Record<string, Summary>> {
  const { seed = 0, mode = "evaluate", batchSize = 1 } = options;
  const { count = batchSize, given } = toBatch(net, inputs);
  const ready = initialize(net, { seed, given });
  const { names } = lowerNet(ready, { batch: count, mode, given });
  const arrays = await evaluate(ready, inputs, { ...options, of: names });
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, summaryOf(array)]));
}

/** Of an array with the examples along the first axis. */
function summaryOf({ shape: [, ...shape], data }: NDArray): Summary {
  const n = data.length;
  let [sum, min, max] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const x of data) {
    sum += x;
    min = Math.min(min, x);
    max = Math.max(max, x);
  }
  const mean = sum / n;
  let squares = 0;
  for (const x of data) squares += (x - mean) ** 2;
  const width = shape.reduce((product, d) => product * d, 1);
  const first = Array.from(data.subarray(0, Math.min(few, width)));
  return { shape, mean, sd: Math.sqrt(squares / n), min, max, first };
}
