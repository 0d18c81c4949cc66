/** Training in a worker, seen from the page. */
import type { Net } from "../dsl/net.js";
import type { Progress, Run, TrainOptions } from "../runtime/training.js";
import type { Held } from "./pool.js";
import type { TrainEnd, TrainSession } from "./protocol.js";
import { openTraining } from "./team.js";

/** What `runtime` takes, and a signal whose abort ends the run as `stop` does. */
export type WorkerTrainOptions = TrainOptions & { readonly signal?: AbortSignal | undefined };

/**
 * Trains a net in a worker, or with `replicas` in several. The run begins at once and goes on whether or not its reports are read; iterating it
 * gives the latest report each time, its `losses` those of every step since the last. One reader at a time.
 * `result`, the iteration and every call reject where the net, the options or the data do not fit, where the loss
 * stops being finite (`TrainingError` by name, with `step`, `node` and the last good `net`), or the worker dies.
 */
export function train(net: Net, { signal, ...options }: WorkerTrainOptions): Run {
  const session = openTraining(net, options);
  const end = endOf(session);
  const result = end.then((left) => left.result);
  let ended = false;
  const close = (): void => {
    ended = true;
    signal?.removeEventListener("abort", stop);
  };
  end.then(close, close);

  /** Asks the session while there is one; what is left of it afterwards. */
  const ask = async <T>(
    call: (held: Held<TrainSession>) => Promise<T>,
    after: (end: TrainEnd) => T,
  ): Promise<T> => {
    result.catch(() => {}); // this call tells
    const held = await session;
    return ended ? after(await end) : call(held);
  };
  const command = (call: (held: Held<TrainSession>) => Promise<void>): Promise<void> =>
    ask(call, () => undefined);
  const stop = (): void => {
    session.then((held) => (ended ? undefined : held.call((s) => s.stop()))).catch(() => {}); // `result` tells
  };
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();

  return {
    result,
    pause: () => command((held) => held.call((s) => s.pause())),
    resume: () => command((held) => held.call((s) => s.resume())),
    step: (count = 1) => command((held) => held.call((s) => s.step(count))),
    async stop() {
      stop();
      await end;
    },
    net: () =>
      ask(
        (held) => held.call((s) => s.net()),
        (left) => left.result.net,
      ),
    checkpoint: () =>
      ask(
        (held) => held.call((s) => s.checkpoint()),
        (left) => left.checkpoint,
      ),
    async *[Symbol.asyncIterator]() {
      const next = () =>
        ask<Progress | null>(
          (held) => held.call((s) => s.next()),
          () => null,
        );
      for (let report = await next(); report; report = await next()) yield report;
      const { unread } = await end;
      if (unread) yield unread;
    },
  };
}

/** What is left of the session, which is let go. */
async function endOf(session: Promise<Held<TrainSession>>): Promise<TrainEnd> {
  const held = await session;
  try {
    return await held.call((s) => s.end());
  } finally {
    held.release();
  }
}
