import { sizeOf } from "../dsl/array.js";
import type { Net } from "../dsl/net.js";
import type { BackendName, Executable } from "./backends/backend.js";
import { loadBackend } from "./backends/load.js";
import type { Trial } from "./backends/trial.js";
import { compile, lowerNet, writeKeys, writeWeights } from "./compile.js";
import {
  type ReverseStepOptions,
  reverseStep,
  type Sampler,
  type SamplerTable,
  type Schedule,
  samplerTable,
} from "./diffusion/index.js";
import type { Idle } from "./idle.js";
import { batchWithin, defaultMemoryLimit } from "./memory-limit.js";
import type { Program } from "./program.js";
import { programKey } from "./program-key.js";
import type { Layout } from "./weights.js";

/** What is sampled from, and how. */
export interface Process {
  /** With weights. */
  readonly model: Net;
  readonly schedule: Schedule;
  readonly sampler: Sampler;
  readonly options: ReverseStepOptions;
  readonly seed: number;
  readonly count: number;
  /** Default: what is worthwhile on the backend. */
  readonly memoryLimit?: number | undefined;
  /** Of `simd`; its own default where undefined. */
  readonly threads?: number | undefined;
  /** Where executables are taken from and left at the end; without it they are disposed of. */
  readonly idle?: Idle | undefined;
}

/**
 * How many examples, and bytes, are worthwhile at a time: on the processor more of them are no faster once its cache is
 * full, and a step should not keep who waits for a word; a GPU wants much to do at once.
 */
const worthwhile: { readonly [B in BackendName]: { readonly count: number; readonly bytes: number } } = {
  simd: { count: 1024, bytes: 2 ** 26 },
  cpu: { count: 1024, bytes: 2 ** 26 },
  webgl: { count: 16384, bytes: defaultMemoryLimit },
  webgpu: { count: 16384, bytes: defaultMemoryLimit },
};

/** The sampler's step of a whole batch as a program, with x_t as a state. */
export function reverseProgram(
  { model, schedule, sampler, options }: Pick<Process, "model" | "schedule" | "sampler" | "options">,
  batch: number,
): { readonly program: Program; readonly layout: Layout; readonly shape: readonly number[] } {
  const net = reverseStep(model, schedule, sampler, options);
  const shape = (net.inputs.x?.shape ?? []) as readonly number[];
  const { b, layout, outputs } = lowerNet(net, {
    batch,
    mode: "evaluate",
    input: (builder, name) =>
      name === "x" ? builder.stateful("x", [batch, ...shape]) : builder.input(name, [batch], "int32"),
  });
  b.updates.x = outputs.x as number;
  return { program: b.program(), layout, shape };
}

/** The reverse process of one batch on a backend: x_t stays on the device from x_T to x_0. */
export class ReverseProcess implements Trial {
  readonly table: SamplerTable;
  readonly batch: number;
  /** How many numbers an example has. */
  readonly width: number;
  readonly #program: Program;
  readonly #executable: Executable;
  readonly #seed: number;
  readonly #leave: () => void;
  readonly #numbers: Int32Array;

  /** Compiles the step for as many examples as `memoryLimit` allows, at most `count`. */
  static async prepare(process: Process, backend: BackendName): Promise<ReverseProcess> {
    const { count, threads, idle } = process;
    const { count: many, bytes } = worthwhile[backend];
    const most = Math.ceil(count / Math.ceil(count / many));
    const { batch, program, layout, shape } = batchWithin(
      process.memoryLimit ?? bytes,
      await loadBackend(backend),
      most,
      (size) => reverseProgram(process, size),
    );
    const key = idle && [backend, threads, programKey(program)].join();
    const executable =
      (key === undefined ? undefined : idle?.take(key)) ??
      (await compile(program, backend, threads === undefined ? {} : { threads }));
    writeWeights(
      executable,
      reverseStep(process.model, process.schedule, process.sampler, process.options),
      layout,
    );
    const leave = (): void => (idle && key !== undefined ? idle.put(key, executable) : executable.dispose());
    const table = samplerTable(process.sampler, process.schedule);
    return new ReverseProcess(program, executable, table, batch, sizeOf(shape), process.seed, leave);
  }

  private constructor(
    program: Program,
    executable: Executable,
    table: SamplerTable,
    batch: number,
    width: number,
    seed: number,
    leave: () => void,
  ) {
    this.#program = program;
    this.#executable = executable;
    this.table = table;
    this.batch = batch;
    this.width = width;
    this.#seed = seed;
    this.#leave = leave;
    this.#numbers = new Int32Array(batch);
  }

  /** Begins with x_T of so many examples as `x` has; the rest of the batch is zeros. */
  begin(x: Float32Array): void {
    const whole = new Float32Array(this.batch * this.width);
    whole.set(x);
    this.#executable.write("x", whole);
  }
  /** Does row `i` of the sampler's table, where the batch begins with example `first`. */
  step(i: number, first: number): void {
    const { times } = this.table;
    this.#executable.write("t", this.#numbers.fill(times[i] as number));
    this.#executable.write("i", this.#numbers.fill(i + 1));
    // the steps that are left number the random arrays
    writeKeys(this.#executable, this.#program, this.#seed, times.length - i, first);
    this.#executable.run();
  }
  /** x_t as it is now. */
  read(): Promise<Float32Array> {
    return this.#executable.read("x") as Promise<Float32Array>;
  }

  async run(steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) this.step(0, 0);
    await this.read();
  }
  dispose(): void {
    this.#leave();
  }
}
