import { type NDArray, sizeOf } from "../dsl/array.js";
import { hint } from "../dsl/message.js";
import type { Net, PortType } from "../dsl/net.js";
import { parameterSpecs, parametersOf } from "../dsl/parameters.js";
import { normals, streamOf } from "../dsl/random.js";
import type { BackendName } from "./backends/backend.js";
import { type Choice, chooseBackend } from "./backends/choose.js";
import { columnsOf } from "./batch.js";
import { toArray } from "./data/column.js";
import {
  ddpm,
  type Guidance,
  type Prediction,
  type Sampler,
  type Schedule,
  samplerTable,
} from "./diffusion/index.js";
import type { Idle } from "./idle.js";
import { checkCount } from "./limits.js";
import { programKey } from "./program-key.js";
import { ReverseProcess, reverseProgram } from "./reverse-process.js";
import type { Column } from "./training.js";

export interface GenerateOptions {
  readonly schedule: Schedule;
  /** Default `ddpm()`. */
  readonly sampler?: Sampler;
  /** What the model says of a noisy point; default "eps". */
  readonly predicts?: Prediction;
  /** Keeps every x̂₀ within ±clip, as images' pixels are within ±1; default: it is left as it is. */
  readonly clip?: number;
  readonly count: number;
  /**
   * Which sample of the seed is the first: samples `first` to `first` + `count` − 1 are the same whoever draws the others.
   * Default 0.
   */
  readonly first?: number;
  /** Default 0. */
  readonly seed?: number;
  /** What the model receives at its ports beside xt and t, one row a sample: `{ label: [0, 1, 2] }`. */
  readonly inputs?: Readonly<Record<string, Column>>;
  /** Drives the samples away from what the model says with other inputs, such as the label for none. Default: not. */
  readonly guidance?: Guidance;
  /** x_T (x_0 where the sampler goes from data to noise), [count, …shape of one example]; default: standard normals of the seed. */
  readonly initial?: Column;
  /** Also give x_t on the way: after every step, or after every so many (and always the first and the last). */
  readonly trajectory?: boolean | { readonly every: number };
  /** Default "auto". */
  readonly backend?: BackendName | "auto";
  /**
   * Bytes that what a step computes may take; where all samples need more, they are drawn in batches, one by one if need
   * be. Default 64 MiB on the processor, where more is no faster, and 1 GiB on a GPU.
   */
  readonly memoryLimit?: number;
  /** Threads of `simd`. Default: one for each core, at most 8, in a page that is cross-origin isolated, else 1. */
  readonly threads?: number;
}

/** Samples, and where asked for the way to them. */
export interface Generated {
  /** [count, …shape of one example] */
  readonly samples: NDArray;
  /** [frames, count, …shape of one example], from x_T to x_0. */
  readonly trajectory?: NDArray;
  /** The t of each frame, in the order in which they were passed. */
  readonly times?: readonly number[];
  readonly backend: BackendName;
  /** Why this backend: "asked for", or what came of trying each. */
  readonly backendReason: string;
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

/**
 * Compiles the sampler's step, a net of its own (`reverseStep`), and readies x_T. The samples depend on the seed alone,
 * not on how they are split into batches. With `idle` the next generator of the same model and count need not compile.
 * Errors: a model without weights or without ports t and xt, an `initial` of another shape, `inputs` that are not those of
 * its further ports, a guidance that does not fit them, a count that is not a positive whole number, no memory.
 */
export async function createGenerator(model: Net, options: GenerateOptions, idle?: Idle): Promise<Generator> {
  const { schedule, sampler = ddpm(), count, first = 0, seed = 0 } = options;
  const { memoryLimit, threads } = options;
  for (const [name, number] of Object.entries({ count, memoryLimit, threads })) checkCount(name, number);
  if (!Number.isInteger(first) || first < 0)
    throw new Error(`first: takes a whole number of at least 0 but receives ${first}`);
  requireWeights(model);
  const { predicts = "eps", clip, guidance } = options;
  if (clip !== undefined && !(clip > 0))
    throw new Error(`clip: takes a positive number but receives ${clip}`);
  const keep = framesOf(options.trajectory, samplerTable(sampler, schedule).times.length);
  const how = { predicts, ...(clip !== undefined && { clip }), ...(guidance && { guidance }) };
  const process = { model, schedule, sampler, options: how, seed, count, memoryLimit, threads, idle };
  const { program, shape, further } = reverseProgram(process, Math.min(count, 1024));
  const start = initialPoints(options, shape, seed, first);
  const inputs = furtherInputs(further, options);
  const { name, why, prepared } = await chooseBackend(
    options.backend ?? "auto",
    (backend) => ReverseProcess.prepare(process, backend),
    () => programKey(program),
  );
  return new FoldGenerator(prepared, { name, why }, start, inputs, first, keep);
}

class FoldGenerator implements Generator {
  readonly backend: BackendName;
  readonly #process: ReverseProcess;
  readonly #why: string;
  /** x_T of all examples. */
  readonly #start: NDArray;
  /** What the model's further ports receive, of all examples. */
  readonly #inputs: Readonly<Record<string, NDArray>>;
  /** The place of the first example among those of the seed. */
  readonly #origin: number;
  /** After how many rows of the table a frame is kept; none where no trajectory is asked for. */
  readonly #keep: readonly number[];
  readonly #count: number;
  readonly #samples: Float32Array;
  readonly #frames: Float32Array;
  /** The batch under way begins with example `#first`, and `#row` rows of the sampler's table are done with it. */
  #first = 0;
  #row = 0;

  constructor(
    process: ReverseProcess,
    { name, why }: Choice,
    start: NDArray,
    inputs: Readonly<Record<string, NDArray>>,
    origin: number,
    keep: readonly number[],
  ) {
    this.#process = process;
    this.backend = name;
    this.#why = why;
    this.#start = start;
    this.#inputs = inputs;
    this.#origin = origin;
    this.#keep = keep;
    this.#count = start.shape[0] as number;
    this.#samples = new Float32Array(start.data.length);
    this.#frames = new Float32Array(keep.length * start.data.length);
  }

  get fraction(): number {
    const done = (this.#process.batch * this.#row) / this.#rows;
    return Math.min(1, (this.#first + done) / this.#count);
  }

  get #rows(): number {
    return this.#process.table.rows.length;
  }

  async run(milliseconds: number): Promise<boolean> {
    const began = performance.now();
    while (this.#first < this.#count) {
      if (this.#row === 0) await this.#begin();
      this.#process.step(this.#row, this.#origin + this.#first);
      this.#row++;
      if (this.#keep.includes(this.#row)) await this.#keepFrame();
      if (this.#row === this.#rows) await this.#end();
      if (performance.now() - began >= milliseconds) break;
    }
    return this.#first >= this.#count;
  }

  /** The numbers of the batch under way, of so many an example; the last one may reach past the end. */
  #range(width = this.#process.width): readonly [number, number] {
    const end = Math.min(this.#first + this.#process.batch, this.#count);
    return [this.#first * width, end * width];
  }
  async #begin(): Promise<void> {
    const inputs = Object.entries(this.#inputs).map(([name, { shape, data }]) => [
      name,
      data.subarray(...this.#range(sizeOf(shape.slice(1)))),
    ]);
    const x = this.#start.data.subarray(...this.#range()) as Float32Array;
    this.#process.begin(x, Object.fromEntries(inputs));
    if (this.#keep.includes(0)) await this.#keepFrame();
  }
  async #keepFrame(): Promise<void> {
    const at = this.#keep.indexOf(this.#row) * this.#samples.length;
    await this.#copyTo(this.#frames.subarray(at, at + this.#samples.length));
  }
  async #end(): Promise<void> {
    await this.#copyTo(this.#samples);
    this.#first += this.#process.batch;
    this.#row = 0;
  }
  async #copyTo(target: Float32Array): Promise<void> {
    const [from, to] = this.#range();
    target.set((await this.#process.read()).subarray(0, to - from), from);
  }

  result(): Generated {
    if (this.#first < this.#count) throw new Error("generate: the samples are not done yet");
    const { shape } = this.#start;
    const keep = this.#keep;
    const trajectory: NDArray = { shape: [keep.length, ...shape], dtype: "float32", data: this.#frames };
    return {
      samples: { shape, dtype: "float32", data: this.#samples },
      ...(keep.length > 0 && {
        trajectory,
        times: keep.map((row) => this.#process.table.levels[row] as number),
      }),
      backend: this.backend,
      backendReason: this.#why,
    };
  }
  dispose(): void {
    this.#process.dispose();
  }
}

/** After which of the `rows` rows a frame is kept: before the first, after every so many, and after the last. */
function framesOf(trajectory: GenerateOptions["trajectory"], rows: number): readonly number[] {
  if (!trajectory) return [];
  const every = trajectory === true ? 1 : trajectory.every;
  if (!Number.isInteger(every) || every < 1)
    throw new Error(`trajectory: every takes a whole number of at least 1 but receives ${every}`);
  return [...Array.from({ length: Math.ceil(rows / every) }, (_, i) => i * every), rows];
}

function initialPoints(
  { initial, count }: GenerateOptions,
  shape: readonly number[],
  seed: number,
  first: number,
): NDArray {
  const full = [count, ...shape];
  if (initial === undefined) {
    const key = { seed, stream: streamOf("x_T"), first: first * sizeOf(shape) };
    return { shape: full, dtype: "float32", data: normals(sizeOf(full), key) };
  }
  const given = toArray(initial, "initial", "float32");
  if (given.shape.join() !== full.join())
    throw new Error(`initial: takes [${full.join(", ")}] but receives [${given.shape.join(", ")}]`);
  return given;
}

/** A row for each sample at each of the model's further ports. */
function furtherInputs(
  ports: Readonly<Record<string, PortType>>,
  { inputs = {}, count }: GenerateOptions,
): Readonly<Record<string, NDArray>> {
  const extra = Object.keys(inputs).find((name) => !Object.hasOwn(ports, name));
  if (extra !== undefined)
    throw new Error(`inputs: the model has no further port "${extra}"${hint(extra, Object.keys(ports))}`);
  const { columns, count: rows = count } = columnsOf(ports, inputs);
  if (rows !== count) throw new Error(`inputs: takes ${count} rows, one a sample, but receives ${rows}`);
  return columns;
}

function requireWeights(model: Net): void {
  const arrays = parametersOf(model);
  const missing = Object.keys(parameterSpecs(model)).find((path) => !(path in arrays));
  if (missing !== undefined)
    throw new Error(
      `generate: the model has no ${missing}; train it, or give it weights with initialize(net, { seed })`,
    );
}
