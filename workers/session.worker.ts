/** The worker's entry point, in browsers and in Node. */
import type { Endpoint } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { nodeThreads } from "./node-threads.js";
import { serve } from "./session.js";

if ("DedicatedWorkerGlobalScope" in globalThis) serve(globalThis as unknown as Endpoint);
else
  nodeThreads().then(({ parentPort }) => {
    if (parentPort) serve(nodeEndpoint(parentPort));
  });
