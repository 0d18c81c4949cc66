/** Sampling in a worker, seen from the page. */
import type { NDArray } from "../dsl/array.js";
import type { Net } from "../dsl/net.js";
import type { Generated, GenerateOptions } from "../runtime/generator.js";
import { open } from "./pool.js";

export type WorkerGenerateOptions = GenerateOptions & {
  /** Its abort ends the work; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the share that is done, from 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
};

/**
 * Draws `count` samples from a denoiser in a worker: [count, …shape of one]. With `trajectory`, also x_t on the
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
  { signal, onProgress, ...options }: WorkerGenerateOptions,
): Promise<NDArray | Generated> {
  signal?.throwIfAborted();
  const held = await open((service) => service.generate(model, options));
  const stop = (): void => {
    held.call((s) => s.stop()).catch(() => {}); // `end` tells
  };
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  const listen = async (listener: (fraction: number) => void): Promise<void> => {
    for (;;) {
      const fraction = await held.call((s) => s.next());
      if (fraction === null) return;
      listener(fraction);
    }
  };
  try {
    const listening = onProgress ? listen(onProgress) : undefined;
    const [generated] = await Promise.all([held.call((s) => s.end()), listening]);
    if (generated === null) throw signal?.reason;
    return options.trajectory ? generated : generated.samples;
  } finally {
    signal?.removeEventListener("abort", stop);
    held.release();
  }
}
