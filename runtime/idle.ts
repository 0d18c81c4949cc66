import type { Executable } from "./backends/backend.js";

/** How many are kept. */
const most = 2;

/**
 * Executables that nobody uses for the moment, so that what is done again with the same net need not be compiled
 * again. It holds on to the last few, and disposes of the others.
 */
export class Idle {
  readonly #kept: { readonly key: string; readonly executable: Executable }[] = [];

  /** The executable that was put by under that key, which is then the caller's. */
  take(key: string): Executable | undefined {
    const at = this.#kept.findIndex((kept) => kept.key === key);
    return at < 0 ? undefined : this.#kept.splice(at, 1)[0]?.executable;
  }

  put(key: string, executable: Executable): void {
    this.#kept.push({ key, executable });
    while (this.#kept.length > most) this.#kept.shift()?.executable.dispose();
  }

  /** Disposes of all. */
  dispose(): void {
    for (const { executable } of this.#kept.splice(0)) executable.dispose();
  }
}
