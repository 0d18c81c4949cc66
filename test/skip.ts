/** What a test says where it cannot run: it counts as skipped, and the runner prints why. */
import type { Test } from "uvu";

declare global {
  /** The reasons of a test file's skips, read by the runner. */
  var SKIPPED: string[] | undefined;
}

/** Counts one test as skipped: `skip(test, "webgl matches cpu", "this browser has no WebGL 2")`. */
export function skip<Context>(test: Test<Context>, name: string, because: string): void {
  test.skip(name);
  globalThis.SKIPPED?.push(`${name}: not available here, because ${because}`);
}
