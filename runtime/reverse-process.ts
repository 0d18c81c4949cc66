import { type Data, sizeOf } from "../dsl/array.js";
import type { Net, PortType } from "../dsl/net.js";
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

export interface ReverseProgram {
  readonly net: Net;
  readonly program: Program;
  readonly layout: Layout;
  /** Of one point. */
  readonly shape: readonly number[];
  /** The model's ports beside xt and t, which are inputs of the program. */
  readonly further: Readonly<Record<string, PortType>>;
}

/** The sampler's step of a whole batch as a program, with x_t as a state. */
export function reverseProgram(
  { model, schedule, sampler, options }: Pick<Process, "model" | "schedule" | "sampler" | "options">,
  batch: number,
): ReverseProgram {
  const net = reverseStep(model, schedule, sampler, options);
  const { x, t: _t, i: _i, ...further } = net.inputs;
  const shape = (x?.shape ?? []) as readonly number[];
  const { b, layout, outputs } = lowerNet(net, {
    batch,
    mode: "evaluate",
    input: (builder, name, type) => {
      const whole = [batch, ...(type.shape as readonly number[])];
      if (name === "x") return builder.stateful(name, whole);
      return builder.input(name, whole, type.dtype === "integer" ? "int32" : "float32");
    },
  });
  b.updates.x = outputs.x as number;
  return { net, program: b.program(), layout, shape, further };
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
    const { batch, net, program, layout, shape, further } = batchWithin(
      process.memoryLimit ?? bytes,
      await loadBackend(backend),
      most,
      (size) => reverseProgram(process, size),
    );
    const key = idle && [backend, threads, programKey(program)].join();
    const executable =
      (key === undefined ? undefined : idle?.take(key)) ??
      (await compile(program, backend, threads === undefined ? {} : { threads }));
    writeWeights(executable, net, layout);
    // what a trial asks the model about, until the samples' own inputs come
    for (const [name, port] of Object.entries(further)) {
      const numbers = batch * sizeOf(port.shape as readonly number[]);
      executable.write(
        name,
        port.dtype === "integer" ? new Int32Array(numbers).fill(port.min) : new Float32Array(numbers),
      );
    }
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

  /**
   * Begins with x_T of so many examples as `x` has, and what the model's further ports receive; the rest of the batch is
   * these examples again.
   */
  begin(x: Float32Array, inputs: Readonly<Record<string, Data>> = {}): void {
    const count = x.length / this.width;
    for (const [name, data] of Object.entries({ ...inputs, x }))
      this.#executable.write(name, repeated(data, (data.length / count) * this.batch));
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

/** The numbers again and again, up to so many. */
function repeated(data: Data, length: number): Data {
  const whole = data instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  for (let from = 0; from < length; from += data.length)
    whole.set(data.subarray(0, Math.min(data.length, length - from)), from);
  return whole;
}
