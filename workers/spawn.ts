/** Starting a worker: in a page, in a page of another origin, in Node, or as the user says. */
import type { Endpoint } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { nodeThreads } from "./node-threads.js";

/** Makes a worker that runs `session.worker.js`, or a port whose other end is served by `serve`. */
export type WorkerFactory = () => Worker | MessagePort;

export interface Spawned {
  readonly endpoint: Endpoint;
  terminate(): void;
  /** Whether a Node process stays up for this worker. */
  hold(busy: boolean): void;
}

/** Starts a worker; `died` is called, once or more, when it cannot be loaded, fails or ends. */
export async function spawn(make: WorkerFactory | undefined, died: (why: string) => void): Promise<Spawned> {
  if (make) return fromPage(make(), died);
  return typeof Worker === "function" ? fromPage(makeWorker(), died) : fromNode(died);
}

/** The worker beside this script. Bundlers know `new Worker(new URL(…, import.meta.url))` as it is written here. */
function makeWorker(): Worker {
  const { origin, href } = new URL("./session.worker.js", import.meta.url);
  return origin === location.origin
    ? new Worker(new URL("./session.worker.js", import.meta.url), { type: "module" })
    : workerFromAfar(href);
}

/** A worker's script must be of the page's own origin, but may import from any. */
export function workerFromAfar(href: string): Worker {
  const blob = new Blob([`import ${JSON.stringify(href)};`], { type: "text/javascript" });
  const url = URL.createObjectURL(blob);
  const worker = new Worker(url, { type: "module" });
  for (const event of ["message", "error"])
    worker.addEventListener(event, () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

function fromPage(worker: Worker | MessagePort, died: (why: string) => void): Spawned {
  // without a message it is the script itself that did not load
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    died((event as ErrorEvent).message || "could not be loaded");
  });
  worker.addEventListener("messageerror", () => died("sent what cannot be read"));
  return {
    endpoint: worker as Endpoint,
    terminate: () => ("terminate" in worker ? worker.terminate() : worker.close()),
    hold: () => {},
  };
}

async function fromNode(died: (why: string) => void): Promise<Spawned> {
  const { Worker } = await nodeThreads();
  const worker = new Worker(new URL("./session.worker.js", import.meta.url));
  worker.on("error", (error) => died((error as Error).message));
  worker.on("exit", (code) => died(`ended with code ${code}`));
  worker.unref();
  return {
    endpoint: nodeEndpoint(worker),
    terminate: () => void worker.terminate(),
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
  };
}
