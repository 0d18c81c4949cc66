/** What a backend is: it turns a program into something that runs. Everything else about it is its own business. */
import type { CompositeName, Program } from "../program.js";

export type BackendName = "cpu" | "simd" | "webgl" | "webgpu";
type Data = Float32Array | Int32Array;

/** A prepared program with its buffers. One run at a time. States begin as zeros. */
export interface Executable {
  /** Sets an input or a state by name; `data` is copied and must have the value's length and dtype. */
  write(name: string, data: Data): void;
  /** Runs the program once, then applies its updates. Returns when the work is queued. */
  run(): void;
  /** A copy of an output or a state, after all queued runs. An output that is a state itself reads as the new one. */
  read(name: string): Promise<Data>;
  /** The threads that a run takes, where there is a choice: 1 where others cannot be had or have nothing to do. */
  readonly threads?: number;
  /**
   * Where known: the bytes of memory that preparing this program took (with `share`, beyond what the other had), and
   * what its values would take if each had memory of its own.
   */
  readonly memory?: { readonly bytes: number; readonly unsharedBytes: number };
  /** The number of live device buffers (textures, tensors, memory regions) that this executable holds. */
  readonly liveBuffers: number;
  dispose(): void;
}

export interface PrepareOptions {
  readonly share?: Executable;
  /**
   * Over how many threads a run is spread, this one among them; they change no bit of the result. Default: in a worker
   * of a cross-origin isolated page one for each core, at most 8; elsewhere, and in Node, 1; with `share`, those of the
   * other executable. Backends of a GPU have no use for it.
   */
  readonly threads?: number;
  /**
   * Called in a run before its first operation, and after each when its work is done; on one thread. A run takes
   * longer with it. `webgpu`, where no one can wait for a single operation, never calls it.
   */
  readonly clock?: () => void;
}

export interface Backend {
  readonly name: BackendName;
  /** The composite primitives that it has kernels of its own for; the others are expanded before they reach it. */
  readonly composites: ReadonlySet<CompositeName>;
  /** Whether it runs the `epilogue` of products and convolutions; where not, none is made. */
  readonly epilogues: boolean;
  /**
   * Compiles the program for this device. `share` is another executable of this backend: states of the same name
   * are one piece of memory, which outlives neither of the two; a run of one sees what a run of the other left.
   */
  prepare(program: Program, options?: PrepareOptions): Promise<Executable>;
}
