/** The helper threads of one shared memory, and the orders to them. */
import { listen, wordAt } from "./control.js";
import { type FromHelper, fail, type ToHelper } from "./help.js";
import { type HelperThread, startHelper } from "./start-helper.js";

type Beginning = Omit<Extract<ToHelper, { memory: WebAssembly.Memory }>, "thread">;

export class Team {
  /** With the caller's own thread. */
  readonly threads: number;
  readonly #beginning: Beginning;
  readonly #words: Int32Array;
  readonly #helpers: HelperThread[] = [];
  #programs = 0;
  #fault: string | undefined;
  /** Who waits for the helpers to have done with a message. */
  #waiting: { left: number; done: () => void; failed: (error: Error) => void } | undefined;
  #loading: Promise<unknown> = Promise.resolve();

  private constructor(threads: number, beginning: Beginning) {
    this.threads = threads;
    this.#beginning = beginning;
    this.#words = new Int32Array(beginning.memory.buffer);
  }

  /** Starts `threads` − 1 helpers. Throws where they cannot be started. */
  static async start(threads: number, beginning: Beginning): Promise<Team> {
    const team = new Team(threads, beginning);
    const ready = team.#answers();
    try {
      for (let thread = 1; thread < threads; thread++) {
        const helper = await startHelper({ heard: (m) => team.#hear(m), died: (why) => team.#fail(why) });
        team.#helpers.push(helper);
        helper.post({ ...beginning, thread });
      }
      await ready;
      return team;
    } catch (error) {
      team.dispose();
      throw error;
    }
  }

  /** Hands a program to every helper, with the kernels that it calls, and returns its number. */
  load(program: WebAssembly.Module, kernels: readonly WebAssembly.Module[] = []): Promise<number> {
    const loaded = this.#loading.then(async () => {
      this.#check();
      const ready = this.#answers();
      this.#order(listen);
      for (const helper of this.#helpers) {
        helper.hold(true);
        helper.post({ program, kernels });
      }
      await ready;
      return this.#programs++;
    });
    this.#loading = loaded.catch(() => {});
    return loaded;
  }

  /** Lets the helpers run their shares of a program beside `own`, which ends when all have. Throws where one fails. */
  run(program: number, own: () => void): void {
    this.#check();
    this.#order(program);
    try {
      own();
    } catch (error) {
      this.#fail((error as Error).message);
      this.#check();
    }
  }

  dispose(): void {
    this.#fault ??= "is ended";
    for (const helper of this.#helpers.splice(0)) helper.terminate();
  }

  #order(program: number): void {
    const { control } = this.#beginning;
    Atomics.store(this.#words, wordAt(control, "program"), program);
    Atomics.add(this.#words, wordAt(control, "order"), 1);
    Atomics.notify(this.#words, wordAt(control, "order"));
  }
  #check(): void {
    if (this.#fault !== undefined) throw new Error(`simd: a thread ${this.#fault}`);
  }
  /** Waits until every helper has done with a message. */
  async #answers(): Promise<void> {
    await new Promise<void>((done, failed) => {
      this.#waiting = { left: this.threads - 1, done, failed };
    });
    for (const helper of this.#helpers) helper.hold(false);
  }
  #hear(message: FromHelper): void {
    if ("failed" in message) this.#fail(message.failed);
    else if (this.#waiting && --this.#waiting.left === 0) this.#waiting.done();
  }
  #fail(why: string): void {
    if (this.#fault !== undefined) return;
    this.#fault = `failed: ${why}`;
    fail(this.#words, this.#beginning.control);
    this.#waiting?.failed(new Error(`simd: a thread ${this.#fault}`));
    this.dispose();
  }
}
