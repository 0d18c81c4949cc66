/** Where threads that run the same list of operations, each its own parts, must wait for one another. */
import type { Range } from "../../plan.js";

/** Bytes that a thread reads, or writes. */
export interface Touch extends Range {
  readonly write: boolean;
}

const clash = (a: Touch, b: Touch): boolean => (a.write || b.write) && a.from < b.to && b.from < a.to;

/**
 * `steps[i][t]` is what thread t touches in operation i. True for the operations before which all threads must have
 * done all earlier ones: where one touches what another wrote since the last such wait, or writes what another read.
 * Within one operation threads do not meet.
 */
export function waits(steps: readonly (readonly (readonly Touch[])[])[]): boolean[] {
  let since: Touch[][] = [];
  return steps.map((threads) => {
    const wait = threads.some((own, t) =>
      since.some((others, u) => u !== t && own.some((a) => others.some((b) => clash(a, b)))),
    );
    if (wait) since = [];
    threads.forEach((own, t) => {
      since[t] = [...(since[t] ?? []), ...own];
    });
    return wait;
  });
}
