/** Starting a helper thread, in a browser's worker or in Node. */
import { nodeThreads } from "../../node-threads.js";
import type { FromHelper, ToHelper } from "./help.js";
import { inNode } from "./thread-count.js";

export interface HelperThread {
  post(message: ToHelper): void;
  terminate(): void;
  /** Whether a Node process stays up for this thread. */
  hold(busy: boolean): void;
}
interface Listeners {
  readonly heard: (message: FromHelper) => void;
  /** Called, once or more, when it cannot be loaded, fails or ends. */
  readonly died: (why: string) => void;
}

export const startHelper = (listeners: Listeners): Promise<HelperThread> =>
  inNode() ? fromNode(listeners) : Promise.resolve(fromBrowser(listeners));

function fromBrowser({ heard, died }: Listeners): HelperThread {
  const worker = makeWorker();
  worker.onmessage = ({ data }) => heard(data);
  worker.onerror = (event) => {
    event.preventDefault();
    died(event.message ?? "could not be loaded");
  };
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
    hold: () => {},
  };
}

/** The worker beside this script; one of another origin is imported by a Blob of this one's. */
function makeWorker(): Worker {
  const { origin, href } = new URL("./thread.worker.js", import.meta.url);
  if (origin === location.origin)
    return new Worker(new URL("./thread.worker.js", import.meta.url), { type: "module" });
  const blob = new Blob([`import ${JSON.stringify(href)};`], { type: "text/javascript" });
  return new Worker(URL.createObjectURL(blob), { type: "module" });
}

async function fromNode({ heard, died }: Listeners): Promise<HelperThread> {
  const { Worker } = await nodeThreads();
  const worker = new Worker(new URL("./thread.worker.js", import.meta.url));
  worker.on("message", heard);
  worker.on("error", (error) => died((error as Error).message));
  worker.on("exit", (code) => died(`ended with code ${code}`));
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => void worker.terminate(),
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
  };
}
