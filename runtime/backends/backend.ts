/** What a backend is: it turns a program into something that runs. Everything else about it is its own business. */
import type { Program } from "../program.js";

export type BackendName = "cpu" | "simd" | "webgl";
type Data = Float32Array | Int32Array;

/** A prepared program with its buffers. One run at a time. States begin as zeros. */
export interface Executable {
  /** Sets an input or a state by name; `data` is copied and must have the value's length and dtype. */
  write(name: string, data: Data): void;
  /** Runs the program once, then applies its updates. Returns when the work is queued. */
  run(): void;
  /** A copy of an output or a state, after all queued runs. An output that is a state itself reads as the new one. */
  read(name: string): Promise<Data>;
  /** The number of live device buffers (textures, tensors, memory regions) that this executable holds. */
  readonly liveBuffers: number;
  dispose(): void;
}

export interface Backend {
  readonly name: BackendName;
  /** Compiles the program for this device. */
  prepare(program: Program): Promise<Executable>;
}
