/** What a helper thread does. */
import { listen, wordAt } from "./control.js";

/** The messages to a helper: the memory first, then programs as they are prepared. */
export type ToHelper =
  | {
      readonly memory: WebAssembly.Memory;
      /** The address of the control block. */
      readonly control: number;
      /** Which of the threads it is: 1, 2, … */
      readonly thread: number;
    }
  | { readonly program: WebAssembly.Module; readonly kernels: readonly WebAssembly.Module[] };
/** Its answers: a message is done with, or a run has failed. */
export type FromHelper = { readonly done: true } | { readonly failed: string };

export type Helper = (message: ToHelper) => void;

/** How often it looks for an order before it falls asleep: about 50 µs. */
const looks = 20_000;

/** A helper that answers by `say`. After its first message it waits for orders, in which it hears no messages. */
export function help(say: (message: FromHelper) => void): Helper {
  let begun: Extract<ToHelper, { memory: WebAssembly.Memory }> | undefined;
  const runs: (() => void)[] = [];

  function serve(memory: WebAssembly.Memory, address: number): void {
    const words = new Int32Array(memory.buffer);
    const order = wordAt(address, "order");
    let seen = Atomics.load(words, order);
    say({ done: true });
    for (;;) {
      for (let i = 0; i < looks && Atomics.load(words, order) === seen; i++);
      Atomics.wait(words, order, seen);
      if (Atomics.load(words, order) === seen) continue;
      seen = Atomics.load(words, order);
      const program = Atomics.load(words, wordAt(address, "program"));
      if (program === listen) return;
      try {
        (runs[program] as () => void)();
      } catch (error) {
        fail(words, address);
        say({ failed: (error as Error).message });
        return;
      }
    }
  }

  return (message) => {
    try {
      if ("memory" in message) {
        begun = message;
      } else if (begun) {
        const { memory } = begun;
        const kernels = message.kernels.map(
          (module) => new WebAssembly.Instance(module, { env: { memory } }).exports,
        );
        const imports = { kernels: Object.assign({ memory }, ...kernels) };
        const { exports } = new WebAssembly.Instance(message.program, imports);
        runs.push(exports[`run${begun.thread}`] as () => void);
      }
    } catch (error) {
      say({ failed: (error as Error).message });
      return;
    }
    if (begun) serve(begun.memory, begun.control);
  };
}

/** Ends every thread's waiting for good. */
export function fail(words: Int32Array, address: number): void {
  Atomics.store(words, wordAt(address, "failed"), 1);
  Atomics.add(words, wordAt(address, "turn"), 1);
  Atomics.notify(words, wordAt(address, "turn"));
}
