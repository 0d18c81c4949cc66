import { type NDArray, sizeOf } from "../dsl/array.js";
import type { Net } from "../dsl/net.js";
import { parameterSpecs, parametersOf } from "../dsl/parameters.js";
import { normals, streamOf } from "../dsl/random.js";
import type { BackendName, Executable } from "./backends/backend.js";
import { chooseBackend } from "./backends/choose.js";
import { compile, lowerNet, writeKeys, writeWeights } from "./compile.js";
import { toArray } from "./data/column.js";
import { ddpm, reverseStep, type Sampler, type Schedule } from "./diffusion/index.js";
import type { Program } from "./program.js";
import type { Column } from "./training.js";

export interface GenerateOptions {
  readonly schedule: Schedule;
  /** Default `ddpm()`. */
  readonly sampler?: Sampler;
  readonly count: number;
  /** Default 0. */
  readonly seed?: number;
  /** x_T, [count, …shape of one example]; default: standard normals of the seed. */
  readonly initial?: Column;
  /** Also give x_t on the way: after every step, or after every so many (and always the first and the last). */
  readonly trajectory?: boolean | { readonly every: number };
  /** Default "auto". */
  readonly backend?: BackendName | "auto";
}

/** Samples, and where asked for the way to them. */
export interface Generated {
  /** [count, …shape of one example] */
  readonly samples: NDArray;
  /** [frames, count, …shape of one example], from x_T to x_0. */
  readonly trajectory?: NDArray;
  /** The t of each frame, from T to 0. */
  readonly times?: readonly number[];
}

/** A reverse process in this thread, driven by whoever owns the thread. */
export interface Generator {
  readonly backend: BackendName;
  /** From 0 to 1. */
  readonly fraction: number;
  /** Works for about that long; true when all is done. */
  run(milliseconds: number): Promise<boolean>;
  result(): Generated;
  dispose(): void;
}

/** How many examples are worked on at a time: their activations stay in the cache. */
const mostAtOnce = 1024;

/**
 * Compiles the sampler's step, a net of its own (`reverseStep`), and readies x_T. The samples depend on the seed alone,
 * not on how they are split into batches. Errors: a model without weights or without ports t and xt, an `initial` of
 * another shape, a count that is not a positive whole number.
 */
export async function createGenerator(model: Net, options: GenerateOptions): Promise<Generator> {
  const { schedule, sampler = ddpm(), count, seed = 0 } = options;
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`count: takes a whole number of at least 1 but receives ${count}`);
  const net = reverseStep(model, schedule, sampler);
  requireWeights(model);
  const shape = (net.inputs.x?.shape ?? []) as readonly number[];
  const start = initialPoints(options, shape, seed);
  const batch = Math.ceil(count / Math.ceil(count / mostAtOnce));
  const { b, layout, outputs } = lowerNet(net, {
    batch,
    mode: "evaluate",
    input: (builder, name) =>
      name === "x" ? builder.stateful("x", [batch, ...shape]) : builder.input(name, [batch], "int32"),
  });
  b.updates.x = outputs.x as number;
  const backend = (await chooseBackend(options.backend ?? "auto")).name;
  const program = b.program();
  const executable = await compile(program, backend);
  writeWeights(executable, net, layout);
  return new FoldGenerator({
    program,
    executable,
    backend,
    start,
    batch,
    steps: schedule.steps,
    seed,
    keep: framesOf(options.trajectory, schedule.steps),
  });
}

interface Setup {
  readonly program: Program;
  readonly executable: Executable;
  readonly backend: BackendName;
  /** x_T of all examples. */
  readonly start: NDArray;
  readonly batch: number;
  readonly steps: number;
  readonly seed: number;
  /** The times of the frames to keep, from T to 0; none where no trajectory is asked for. */
  readonly keep: readonly number[];
}

class FoldGenerator implements Generator {
  readonly backend: BackendName;
  readonly #s: Setup;
  readonly #width: number;
  readonly #count: number;
  readonly #samples: Float32Array;
  readonly #frames: Float32Array;
  /** The batch under way begins with example `#first` and has come down to x_t with t = `#t`. */
  #first = 0;
  #t: number;

  constructor(setup: Setup) {
    const { start, steps, keep, backend } = setup;
    this.#s = setup;
    this.backend = backend;
    this.#count = start.shape[0] as number;
    this.#width = sizeOf(start.shape.slice(1));
    this.#samples = new Float32Array(start.data.length);
    this.#frames = new Float32Array(keep.length * start.data.length);
    this.#t = steps;
  }

  get fraction(): number {
    const { steps, batch } = this.#s;
    return Math.min(1, (this.#first + (batch * (steps - this.#t)) / steps) / this.#count);
  }

  async run(milliseconds: number): Promise<boolean> {
    const began = performance.now();
    while (this.#first < this.#count) {
      if (this.#t === this.#s.steps) await this.#begin();
      this.#step();
      if (this.#s.keep.includes(this.#t)) await this.#keepFrame();
      if (this.#t === 0) await this.#end();
      if (performance.now() - began >= milliseconds) break;
    }
    return this.#first >= this.#count;
  }

  /** The numbers of the batch under way; the last one may reach past the end. */
  get #range(): readonly [number, number] {
    const from = this.#first * this.#width;
    return [from, Math.min(from + this.#s.batch * this.#width, this.#samples.length)];
  }
  async #begin(): Promise<void> {
    const { start, executable, batch, keep, steps } = this.#s;
    const x = new Float32Array(batch * this.#width);
    x.set(start.data.subarray(...this.#range));
    executable.write("x", x);
    if (keep.includes(steps)) await this.#keepFrame();
  }
  #step(): void {
    const { executable, program, batch, seed } = this.#s;
    executable.write("t", new Int32Array(batch).fill(this.#t));
    writeKeys(executable, program, seed, this.#t, this.#first);
    executable.run();
    this.#t--;
  }
  async #keepFrame(): Promise<void> {
    const at = this.#s.keep.indexOf(this.#t) * this.#samples.length;
    await this.#copyTo(this.#frames.subarray(at, at + this.#samples.length));
  }
  async #end(): Promise<void> {
    await this.#copyTo(this.#samples);
    this.#first += this.#s.batch;
    this.#t = this.#s.steps;
  }
  async #copyTo(target: Float32Array): Promise<void> {
    const [from, to] = this.#range;
    target.set((await this.#s.executable.read("x")).subarray(0, to - from), from);
  }

  result(): Generated {
    const { start, keep } = this.#s;
    if (this.#first < this.#count) throw new Error("generate: the samples are not done yet");
    const samples: NDArray = { shape: start.shape, dtype: "float32", data: this.#samples };
    if (keep.length === 0) return { samples };
    return {
      samples,
      trajectory: { shape: [keep.length, ...start.shape], dtype: "float32", data: this.#frames },
      times: keep,
    };
  }
  dispose(): void {
    this.#s.executable.dispose();
  }
}

/** The times to keep: T, every so many below it, and 0. */
function framesOf(trajectory: GenerateOptions["trajectory"], steps: number): readonly number[] {
  if (!trajectory) return [];
  const every = trajectory === true ? 1 : trajectory.every;
  if (!Number.isInteger(every) || every < 1)
    throw new Error(`trajectory: every takes a whole number of at least 1 but receives ${every}`);
  const times = Array.from({ length: Math.ceil(steps / every) }, (_, i) => steps - i * every);
  return [...times, 0];
}

function initialPoints({ initial, count }: GenerateOptions, shape: readonly number[], seed: number): NDArray {
  const full = [count, ...shape];
  if (initial === undefined)
    return { shape: full, dtype: "float32", data: normals(sizeOf(full), { seed, stream: streamOf("x_T") }) };
  const given = toArray(initial, "initial", "float32");
  if (given.shape.join() !== full.join())
    throw new Error(`initial: takes [${full.join(", ")}] but receives [${given.shape.join(", ")}]`);
  return given;
}

function requireWeights(model: Net): void {
  const arrays = parametersOf(model);
  const missing = Object.keys(parameterSpecs(model)).find((path) => !(path in arrays));
  if (missing !== undefined)
    throw new Error(
      `generate: the model has no ${missing}; train it, or give it weights with initialize(net, { seed })`,
    );
}
