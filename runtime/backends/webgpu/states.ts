import type { Program } from "../../program.js";
import type { Gpu } from "./device.js";
import { placeStates, type StatePlace } from "./layout.js";

/** GPUBufferUsage: STORAGE, COPY_SRC and COPY_DST. */
export const storage = 0x80 | 0x4 | 0x8;

/** The states of programs that share them, in one buffer, which is kept until the last of the programs goes. */
export class States {
  #places: ReadonlyMap<string, StatePlace> = new Map();
  #words = 0;
  #users = 0;
  #buffer: GPUBuffer | undefined;

  constructor(readonly gpu: Gpu) {}

  get places(): ReadonlyMap<string, StatePlace> {
    return this.#places;
  }
  /** Another one after a program with new states has come. */
  get buffer(): GPUBuffer {
    return this.#buffer as GPUBuffer;
  }

  get bytes(): number {
    return this.#buffer?.size ?? 0;
  }

  /** Adds a user, and the states that are new with its program, as zeros; the others keep their numbers. */
  async open(program: Program): Promise<void> {
    this.#users++;
    try {
      const { places, words } = placeStates(program, this.#places);
      if (!this.#buffer || words > this.#words) await this.#grow(words);
      this.#places = places;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async #grow(words: number): Promise<void> {
    const { device } = this.gpu;
    const buffer = await this.gpu.buffer(words, storage, "states");
    const before = this.#buffer;
    if (before) {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(before, 0, buffer, 0, before.size);
      device.queue.submit([encoder.finish()]);
      before.destroy();
    }
    this.#buffer = buffer;
    this.#words = words;
  }

  close(): void {
    if (--this.#users === 0) this.#buffer?.destroy();
  }
}
