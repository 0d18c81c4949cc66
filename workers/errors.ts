/**
 * Errors that cross from a worker keep their name, message, stack, and what else they tell (`step`, `node`, `net`).
 * comlink's own handler keeps the first three only; this one, installed on both sides, goes around it.
 */
import { transferHandlers } from "comlink";

type Handler = typeof transferHandlers extends Map<string, infer H> ? H : never;
interface Wire {
  readonly plain: unknown;
  readonly details: Readonly<Record<string, unknown>>;
}

const detailsOf = (error: Error): Wire["details"] =>
  Object.fromEntries(Object.entries(error).filter(([, value]) => typeof value !== "function"));

const own = transferHandlers.get("throw") as Handler;

/** From now on errors that comlink carries out of or into this thread keep what they tell. */
export function carryErrorsWhole(): void {
  transferHandlers.set("throw", {
    canHandle: own.canHandle,
    serialize(thrown: { readonly value: unknown }) {
      const [plain, transferables] = own.serialize(thrown);
      const details = thrown.value instanceof Error ? detailsOf(thrown.value) : {};
      return [{ plain, details } satisfies Wire, transferables];
    },
    deserialize({ plain, details }: Wire) {
      try {
        return own.deserialize(plain);
      } catch (error) {
        throw error instanceof Error ? Object.assign(error, details) : error;
      }
    },
  } as Handler);
}
