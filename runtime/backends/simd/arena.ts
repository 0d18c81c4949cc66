/** One WebAssembly memory, and what the programs that share it keep there. */

import type { Occupied, Range } from "../../plan.js";
import type { Program } from "../../program.js";
import { controlBytes } from "./control.js";
import {
  compileKernels,
  isShared,
  type KernelBuild,
  type KernelSet,
  type Kernels,
  loadKernels,
} from "./load-kernels.js";
import type { Team } from "./team.js";
import { mostThreads } from "./thread-count.js";
import { mostPages } from "./wasm.js";

const pageBytes = 65536;

type KernelExports = Kernels & WebAssembly.Exports;

export class Arena {
  readonly memory: WebAssembly.Memory;
  /** The address of the control block. */
  readonly control: number;
  /** The first byte that is the programs'. */
  readonly base: number;
  /** Over how many threads programs may be spread here. */
  threads: number;
  readonly build: KernelBuild;
  /** By the sets that they are of. */
  readonly #kernels = new Map<string, Promise<KernelExports>>();
  #team: Promise<Team> | undefined;
  #kept: Range[] = [];
  #end = 0;
  #users = 0;

  private constructor(memory: WebAssembly.Memory, heapBase: number, build: KernelBuild, threads: number) {
    this.memory = memory;
    this.control = Math.ceil(heapBase / 64) * 64;
    this.base = this.control + (threads > 1 ? controlBytes : 0);
    this.threads = threads;
    this.build = build;
  }

  /** A memory for `threads` threads; for one where it cannot be shared. */
  static async create(build: KernelBuild, threads: number): Promise<Arena> {
    const wanted = Math.min(threads, mostThreads());
    const size = { initial: 1, maximum: mostPages };
    let memory: WebAssembly.Memory;
    try {
      memory = new WebAssembly.Memory({ ...size, shared: wanted > 1 });
    } catch {
      memory = new WebAssembly.Memory(size);
    }
    const kernels = await loadKernels(memory, ["basic"], build);
    const arena = new Arena(memory, kernels.heapBase(), build, isShared(memory) ? wanted : 1);
    arena.#kernels.set("basic", Promise.resolve(kernels));
    return arena;
  }

  /** The kernels of these sets over the memory. */
  kernels(sets: readonly KernelSet[]): Promise<KernelExports> {
    const kernels = this.#kernels.get(sets.join()) ?? loadKernels(this.memory, sets, this.build);
    this.#kernels.set(sets.join(), kernels);
    return kernels;
  }
  /** The same, to be handed to the other threads. */
  modules(sets: readonly KernelSet[]): Promise<readonly WebAssembly.Module[]> {
    return Promise.all(sets.map((set) => compileKernels(set, this.build, isShared(this.memory))));
  }

  /** The other threads, started at the first call; undefined, and `threads` 1 from then on, where they cannot be. */
  async team(): Promise<Team | undefined> {
    try {
      this.#team ??= this.#start();
      return await this.#team;
    } catch {
      this.threads = 1;
      return undefined;
    }
  }
  async #start(): Promise<Team> {
    const { memory, control, threads } = this;
    const { Team } = await import("./team.js");
    return Team.start(threads, { memory, control });
  }

  /** Counts an executable that lives here; the threads end with the last. */
  enter(): void {
    this.#users++;
  }
  leave(): void {
    if (--this.#users > 0) return;
    this.#team?.then(
      (team) => team.dispose(),
      () => {},
    );
  }

  /** What a new program, with states at these addresses already, must leave as it is; offsets count from `base`. */
  occupied(states: Readonly<Record<string, number>>): Occupied {
    const offsets = Object.entries(states).map(([name, address]) => [name, address - this.base] as const);
    return { states: Object.fromEntries(offsets), kept: this.#kept, end: this.#end };
  }

  /**
   * Takes in a program that keeps these ranges and uses the memory up to `end`, and returns the bytes that it adds.
   * Throws a RangeError where the memory cannot be had.
   */
  add(kept: readonly Range[], end: number): number {
    const bytes = this.base + end;
    const pages = Math.ceil(bytes / pageBytes) - this.memory.buffer.byteLength / pageBytes;
    try {
      if (pages > 0) this.memory.grow(pages);
    } catch {
      throw new RangeError(
        `simd: WebAssembly takes at most ${mostPages * pageBytes} bytes, less where the machine has less, but receives a program of ${bytes} bytes`,
      );
    }
    const added = Math.max(0, end - this.#end);
    this.#kept = [...this.#kept, ...kept];
    this.#end = Math.max(this.#end, end);
    return added;
  }
}

/** The states of a program that another one has too, which must be alike. */
export function commonStates(program: Program, other: Program): readonly string[] {
  return Object.entries(program.state).flatMap(([name, id]) => {
    const twin = other.state[name];
    if (twin === undefined) return [];
    const [a, b] = [program.values[id], other.values[twin]];
    if (a?.dtype !== b?.dtype || a?.shape.join() !== b?.shape.join())
      throw new TypeError(
        `simd: ${name} takes ${b?.dtype} [${b?.shape}], as in the program that it is shared with, but receives ${a?.dtype} [${a?.shape}]`,
      );
    return [name];
  });
}
