/** Whether this thread may share memory with others: in a page that is cross-origin isolated, and in Node. */
export const mayShareMemory = (): boolean =>
  typeof SharedArrayBuffer === "function" && globalThis.crossOriginIsolated !== false;

/** One thread for each core in a page that is cross-origin isolated, else one. */
export const threadsHere = (): number =>
  globalThis.crossOriginIsolated === true ? navigator.hardwareConcurrency : 1;
