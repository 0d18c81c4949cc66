/** One WebAssembly memory, and what the programs that share it keep there. */

import type { Occupied, Range } from "../../plan.js";
import type { Program } from "../../program.js";
import { controlBytes } from "./control.js";
import { compileKernels, type KernelBuild, type Kernels, loadKernels } from "./load-kernels.js";
import { Team } from "./team.js";
import { mostPages } from "./wasm.js";

const pageBytes = 65536;

type KernelExports = Kernels & WebAssembly.Exports;

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly kernels: KernelExports;
  /** The address of the control block. */
  readonly control: number;
  /** The first byte that is the programs'. */
  readonly base: number;
  /** The other threads, where there are any. */
  readonly team: Team | undefined;
  #kept: Range[] = [];
  #end = 0;
  #users = 0;

  private constructor(memory: WebAssembly.Memory, kernels: KernelExports, team?: Team) {
    this.memory = memory;
    this.kernels = kernels;
    this.control = controlAddress(kernels);
    this.base = this.control + (team ? controlBytes : 0);
    this.team = team;
  }

  /** A memory with `threads` threads; with one where more cannot be had. */
  static async create(build: KernelBuild, threads: number): Promise<Arena> {
    if (threads > 1) {
      try {
        return await Arena.#shared(build, threads);
      } catch {
        // No shared memory or no workers here: one thread does it all.
      }
    }
    const memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages });
    return new Arena(memory, await loadKernels(memory, build));
  }

  static async #shared(build: KernelBuild, threads: number): Promise<Arena> {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: true });
    const kernels = await loadKernels(memory, build);
    const control = controlAddress(kernels);
    const team = await Team.start(threads, { memory, kernels: await compileKernels(build, true), control });
    return new Arena(memory, kernels, team);
  }

  get threads(): number {
    return this.team?.threads ?? 1;
  }

  /** Counts an executable that lives here; the threads end with the last. */
  enter(): void {
    this.#users++;
  }
  leave(): void {
    if (--this.#users === 0) this.team?.dispose();
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

const controlAddress = (kernels: Kernels): number => Math.ceil(kernels.heapBase() / 64) * 64;

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
