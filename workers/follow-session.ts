/** A replica at work in this thread, for as long as the first one asks for steps. */
import type { BackendName } from "../runtime/backends/backend.js";
import type { Trainer } from "../runtime/trainer.js";
import { ExchangeClosed, type OtherReplica } from "./exchange.js";
import type { FollowSession } from "./protocol.js";

/** Starts a trainer on the backend that the first replica has chosen, and drives it to the end of the run. */
export function followSession(
  exchange: OtherReplica,
  start: (backend: BackendName) => Promise<Trainer>,
): FollowSession {
  const work = async (): Promise<void> => {
    try {
      const { backend } = await exchange.agreed();
      const trainer = await start(backend);
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
