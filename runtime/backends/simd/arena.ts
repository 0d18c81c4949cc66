/** One WebAssembly memory, and what the programs that share it keep there. */

import type { Occupied, Range } from "../../plan.js";
import type { Program } from "../../program.js";
import { type KernelBuild, type Kernels, loadKernels } from "./load-kernels.js";

const pageBytes = 65536;
const mostPages = 65536;

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels & WebAssembly.Exports;
  /** The first byte that is the programs'. */
  readonly base: number;
  #kept: Range[] = [];
  #end = 0;

  private constructor(memory: WebAssembly.Memory, kernels: Kernels & WebAssembly.Exports) {
    this.memory = memory;
    this.kernels = kernels;
    this.base = Math.ceil(kernels.heapBase() / 64) * 64;
  }

  static async create(build: KernelBuild): Promise<Arena> {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages });
    return new Arena(memory, await loadKernels(memory, build));
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
