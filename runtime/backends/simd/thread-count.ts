/** How many threads there may be. */

/** The most threads that may be asked for here: 1 where memory cannot be shared or this thread may not wait. */
export function mostThreads(): number {
  if (typeof SharedArrayBuffer === "undefined") return 1;
  if (inNode()) return Number.POSITIVE_INFINITY;
  return globalThis.crossOriginIsolated && "WorkerGlobalScope" in globalThis ? Number.POSITIVE_INFINITY : 1;
}
/** The threads that a run takes unless told otherwise. */
export const usualThreads = (): number =>
  inNode() ? 1 : Math.min(8, mostThreads(), globalThis.navigator?.hardwareConcurrency ?? 1);

/** Whether this is Node, or what has workers as it has. */
export const inNode = (): boolean => typeof Worker !== "function";
