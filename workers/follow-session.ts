/** A replica at work in this thread, for as long as the first one asks for steps. */
import type { BackendName } from "../runtime/backends/backend.js";
import type { Replica } from "../runtime/replica.js";
import type { Trainer } from "../runtime/trainer.js";
import { ExchangeClosed, OtherReplica } from "./exchange.js";
import type { FollowSession } from "./protocol.js";

/**
 * Joins the first replica, whose port is `first`, as number `index` of `count`; starts a trainer on the backend that it has
 * chosen, and drives it to the end of the run.
 */
export function followSession(
  first: MessagePort,
  { index, count }: { readonly index: number; readonly count: number },
  start: (backend: BackendName, replica: Replica) => Promise<Trainer>,
): FollowSession {
  const exchange = new OtherReplica(first, index, count);
  const work = async (): Promise<void> => {
    try {
      const { backend } = await exchange.agreed();
      const trainer = await start(backend, exchange);
      try {
        await trainer.follow();
      } finally {
        trainer.dispose();
      }
    } catch (error) {
      if (!(error instanceof ExchangeClosed)) throw error;
    } finally {
      exchange.close();
    }
  };
  const end = work();
  end.catch(() => {}); // whoever asks for the end gets the error
  return { end: () => end, stop: async () => exchange.close() };
}
