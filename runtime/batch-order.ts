import { permutation } from "../dsl/random.js";

/**
 * The order in which examples are met: round r runs through a permutation of all of them, and batches are cut from
 * the rounds laid end to end, so that every example is met once a round. A function of (seed, step) alone.
 */
export class BatchOrder {
  readonly #count: number;
  readonly #seed: number;
  #round = -1;
  #permutation: ArrayLike<number> = [];

  constructor(count: number, seed: number) {
    this.#count = count;
    this.#seed = seed;
  }

  /** Fills `index` with the examples of the batch that follows `step` batches. */
  fill(index: Int32Array, step: number): Int32Array {
    const first = step * index.length;
    for (let i = 0; i < index.length; i++) {
      const round = Math.floor((first + i) / this.#count);
      if (round !== this.#round) {
        this.#permutation = permutation(this.#count, { seed: this.#seed, step: round });
        this.#round = round;
      }
      index[i] = this.#permutation[(first + i) % this.#count] as number;
    }
    return index;
  }
}
