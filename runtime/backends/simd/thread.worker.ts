/** A helper thread of `simd`: it runs its share of a program when it is told to, and sleeps otherwise. */
import { nodeThreads } from "../../node-threads.js";
import { type Helper, help } from "./help.js";

if ("DedicatedWorkerGlobalScope" in globalThis) {
  const scope = globalThis as unknown as {
    onmessage: (event: { data: never }) => void;
    postMessage(message: unknown): void;
  };
  const helper: Helper = help((message) => scope.postMessage(message));
  scope.onmessage = ({ data }) => helper(data);
} else
  nodeThreads().then(({ parentPort }) => {
    const helper = help((message) => parentPort?.postMessage(message));
    parentPort?.on("message", helper);
  });
