/** A training run under way in this thread, which stays free for messages: steps are done in slices. */
import type { Net } from "../dsl/net.js";
import type { Trainer } from "../runtime/trainer.js";
import type { Checkpoint, Progress } from "../runtime/training.js";
import { breathe } from "./breathe.js";
import type { Exchange } from "./exchange.js";
import { Mailbox } from "./mailbox.js";
import type { TrainEnd, TrainSession } from "./protocol.js";

/** Milliseconds of training between two looks at the messages: a pause takes effect within that time. */
const slice = 40;

/** Drives the trainer to its end, and owns it and what binds it to other replicas: both are let go then. */
export function trainSession(trainer: Trainer, exchange?: Exchange): TrainSession {
  const reports = new Mailbox<Progress>(latestOf);
  let paused = false;
  let stopped = false;
  let failure: Error | undefined;
  let ended = false;
  let wake = (): void => {};
  // one user of the trainer at a time: slices, steps and readings take their turn
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(use: () => Promise<T>): Promise<T> => {
    const mine = turn.then(use);
    turn = mine.catch(() => {});
    return mine;
  };
  const run = async (limit: Parameters<Trainer["run"]>[0]): Promise<void> =>
    reports.put(await trainer.run(limit));

  const drive = async (): Promise<TrainEnd> => {
    try {
      while (!stopped && !trainer.finished) {
        if (failure) throw failure;
        if (paused) await new Promise<void>((resolve) => (wake = resolve));
        else await inTurn(() => run({ milliseconds: slice }));
        await breathe();
      }
      return await inTurn(async () => {
        const [result, checkpoint] = [await trainer.result(), await trainer.checkpoint()];
        return { result, checkpoint, unread: reports.close() };
      });
    } finally {
      ended = true;
      reports.close();
      exchange?.close();
      trainer.dispose();
    }
  };
  const end = drive();
  end.catch(() => {}); // whoever asks for the end gets the error

  const read = <T>(running: () => Promise<T>, after: (end: TrainEnd) => T): Promise<T> =>
    ended ? end.then(after) : inTurn(() => (ended ? end.then(after) : running()));
  const set = (state: { paused?: boolean; stopped?: boolean }): void => {
    paused = state.paused ?? paused;
    stopped = state.stopped ?? stopped;
    wake();
  };
  return {
    next: () => reports.take(),
    end: () => end,
    async pause() {
      set({ paused: true });
      await turn;
    },
    resume: async () => set({ paused: false }),
    stop: async () => set({ stopped: true }),
    async fail({ name, message }) {
      failure ??= Object.assign(new Error(message), { name });
      exchange?.close(failure);
      wake();
    },
    async step(count) {
      set({ paused: true });
      await inTurn(async () => {
        if (!ended && !trainer.finished) await run({ steps: count });
      });
      wake(); // it may have been the last
    },
    net: () =>
      read<Net>(
        () => trainer.net(),
        ({ result }) => result.net,
      ),
    checkpoint: () =>
      read<Checkpoint>(
        () => trainer.checkpoint(),
        ({ checkpoint }) => checkpoint,
      ),
  };
}

/** The last report, with the losses of all. */
function latestOf(unread: readonly Progress[]): Progress {
  const losses = new Float32Array(unread.reduce((n, report) => n + report.losses.length, 0));
  let at = 0;
  for (const report of unread) {
    losses.set(report.losses, at);
    at += report.losses.length;
  }
  return { ...(unread.at(-1) as Progress), losses };
}
