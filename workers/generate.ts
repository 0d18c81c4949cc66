/** Sampling in a worker, seen from the page. */
import { type NDArray, sizeOf } from "../dsl/array.js";
import type { Net } from "../dsl/net.js";
import { toArray } from "../runtime/data/column.js";
import type { Generated, GenerateOptions } from "../runtime/generator.js";
import { checkCount } from "../runtime/limits.js";
import { shardOf } from "../runtime/replica.js";
import { join } from "./join.js";
import { type Seat, seats } from "./pool.js";

export type WorkerGenerateOptions = GenerateOptions & {
  /** Over how many workers the samples are spread; they are the same samples. Default 1. */
  readonly workers?: number | undefined;
  /** Its abort ends the work; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the share that is done, from 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
};

/**
 * Draws `count` samples from a denoiser in a worker or several: [count, …shape of one]. With `trajectory`, also x_t on the
 * way, [frames, count, …], and the t of each frame. Rejects where the model or the options do not fit, on abort,
 * and where the worker dies.
 */
export function generate(
  model: Net,
  options: WorkerGenerateOptions & { readonly trajectory: true | { readonly every: number } },
): Promise<Required<Generated>>;
export function generate(
  model: Net,
  options: WorkerGenerateOptions & { readonly trajectory?: false },
): Promise<NDArray>;
export async function generate(
  model: Net,
  { signal, onProgress, workers = 1, ...options }: WorkerGenerateOptions,
): Promise<NDArray | Generated> {
  signal?.throwIfAborted();
  checkCount("workers", workers);
  const parts = split(options, workers);
  const failed = new AbortController();
  const done = parts.map(() => 0);
  const places = seats(parts.length);
  const generated = parts.map((part, i) =>
    inWorker(
      model,
      part,
      places[i] as Seat,
      AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]),
      (share) => {
        done[i] = share * part.count;
        onProgress?.(done.reduce((sum, d) => sum + d, 0) / options.count);
      },
    ),
  );
  for (const one of generated) one.catch((error) => failed.abort(error));
  const all = await Promise.all(generated);
  const [first] = all as [Generated];
  const samples = join(
    all.map((one) => one.samples),
    0,
  );
  if (!first.trajectory) return samples;
  const trajectory = join(
    all.map((one) => one.trajectory as NDArray),
    1,
  );
  return { ...first, samples, trajectory };
}

/** The same samples in so many parts, at least one in each. */
function split(options: GenerateOptions, workers: number): readonly GenerateOptions[] {
  const { count, first = 0, initial, inputs = {} } = options;
  const parts = Math.min(workers, count);
  if (!(parts > 1)) return [options];
  const columns = Object.entries(inputs).map(
    ([name, column]) => [name, toArray(column, `input ${name}`)] as const,
  );
  const start = initial && toArray(initial, "initial", "float32");
  return Array.from({ length: parts }, (_, index) => {
    const [from, to] = shardOf(count, { index, count: parts });
    return {
      ...options,
      first: first + from,
      count: to - from,
      ...(start && { initial: rows(start, from, to) }),
      inputs: Object.fromEntries(columns.map(([name, array]) => [name, rows(array, from, to)])),
    };
  });
}

function rows({ shape, dtype, data }: NDArray, from: number, to: number): NDArray {
  const width = sizeOf(shape.slice(1));
  return { shape: shape.with(0, to - from), dtype, data: data.slice(from * width, to * width) };
}

async function inWorker(
  model: Net,
  options: GenerateOptions,
  seat: Seat,
  signal: AbortSignal,
  listener: (share: number) => void,
): Promise<Generated> {
  const held = await seat.open((service) => service.generate(model, options));
  const stop = (): void => {
    held.call((s) => s.stop()).catch(() => {}); // `end` tells
  };
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  const listen = async (): Promise<void> => {
    for (;;) {
      const share = await held.call((s) => s.next());
      if (share === null) return;
      listener(share);
    }
  };
  try {
    const [generated] = await Promise.all([held.call((s) => s.end()), listen()]);
    if (generated === null) throw signal.reason;
    return generated;
  } finally {
    signal.removeEventListener("abort", stop);
    held.release();
  }
}
