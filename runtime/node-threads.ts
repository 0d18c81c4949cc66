/** Node's threads. Their name is put together here, for bundlers that make code for pages would look for the module. */
export const nodeThreads = (): Promise<typeof import("node:worker_threads")> =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ ["node", "worker_threads"].join(":"));
