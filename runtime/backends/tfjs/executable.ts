import type { DataId, KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";
import { type Data, sizeOf } from "../../../dsl/array.js";
import type { OpOf, PrimitiveName, Program, ValueId } from "../../program.js";
import type { Executable } from "../backend.js";
import type { Context, Kernel, Kernels } from "./kernels.js";

/** One operation, prepared: what it reads, where its results go, and what nothing reads after it. */
interface Task {
  readonly run: Kernel;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly dead: readonly ValueId[];
}

export interface Device {
  readonly name: "cpu" | "webgl";
  readonly backend: KernelBackend;
  readonly kernels: Kernels;
  /** The numbers of a tensor, once all that is queued has run. */
  read(dataId: DataId): ReturnType<KernelBackend["read"]> | ReturnType<KernelBackend["readSync"]>;
  /** Called after each run. */
  ran?(): void;
  /** Throws when the device is gone. */
  check(): void;
  dispose(): void;
}

/**
 * Runs a program operation by operation on a tfjs device. Constants are uploaded once; every intermediate is
 * disposed of after its last use; outputs stay until the next run; a state that is updated is replaced by the
 * new tensor, without a copy.
 *
 * int32 values are exact on the cpu, and between −2²⁴ and 2²⁴ on webgl, whose textures hold float32. The key
 * of `random` never is on the device and keeps all of its 32 bits.
 */
export class TfjsExecutable implements Executable {
  readonly #program: Program;
  readonly #device: Device;
  readonly #tasks: readonly Task[];
  /** The tensor of every live value. */
  readonly #tensors: (TensorInfo | undefined)[];
  readonly #host = new Map<ValueId, Data>();
  /** What the last run left for reading: outputs that are neither inputs, states nor constants. */
  readonly #kept: readonly ValueId[];
  readonly #written: ReadonlySet<ValueId>;
  #disposed = false;

  constructor(program: Program, device: Device) {
    this.#program = program;
    this.#device = device;
    this.#tensors = new Array(program.values.length);
    this.#written = new Set(Object.values(program.inputs));
    const context: Context = {
      kernels: device.name,
      backend: device.backend,
      values: program.values,
      host: (id) => this.#host.get(id),
      isHost: (id) => this.#isHost(id),
    };
    for (const [id, data] of program.constants) this.#set(id, data);
    for (const id of Object.values(program.state)) this.#set(id, zerosOf(program.values[id]));
    const durable = new Set([...this.#written, ...Object.values(program.state), ...program.constants.keys()]);
    const outputs = new Set(Object.values(program.outputs));
    const needed = new Set([...outputs, ...Object.values(program.updates)]);
    this.#kept = [...needed].filter((id) => !durable.has(id));
    const dead = lastUses(program, (id) => !durable.has(id) && !needed.has(id));
    this.#tasks = program.ops.map((op, i) => ({
      run: (device.kernels[op.prim] as (o: OpOf<PrimitiveName>, c: Context) => Kernel)(op, context),
      inputs: op.inputs,
      outputs: op.outputs,
      dead: dead[i] as ValueId[],
    }));
  }

  get liveBuffers(): number {
    return this.#device.backend.numDataIds();
  }

  write(name: string, data: Data): void {
    const { inputs, state, values } = this.#program;
    const id = inputs[name] ?? state[name];
    const value = id === undefined ? undefined : values[id];
    if (id === undefined || !value)
      throw new RangeError(
        `${this.#device.name}: write takes ${[...Object.keys(inputs), ...Object.keys(state)].join(", ")} but receives ${name}`,
      );
    const dtype = data instanceof Int32Array ? "int32" : "float32";
    if (data.length !== sizeOf(value.shape) || dtype !== value.dtype)
      throw new TypeError(
        `${this.#device.name}: ${name} takes ${sizeOf(value.shape)} numbers of ${value.dtype} but receives ${data.length} of ${dtype}`,
      );
    this.#set(id, data);
  }

  run(): void {
    this.#alive();
    const tensors = this.#tensors;
    for (const id of this.#kept) this.#free(id);
    for (const { run, inputs, outputs, dead } of this.#tasks) {
      const results = run(inputs.map((id) => tensors[id] ?? this.#missing(id)));
      for (let i = 0; i < outputs.length; i++)
        tensors[outputs[i] as ValueId] = this.#typed(outputs[i] as ValueId, results[i] as TensorInfo);
      for (const id of dead) this.#free(id);
    }
    this.#device.ran?.();
    this.#update();
  }

  async read(name: string): Promise<Data> {
    this.#alive();
    const { outputs, state } = this.#program;
    const id = outputs[name] ?? state[name];
    if (id === undefined)
      throw new RangeError(
        `${this.#device.name}: read takes ${[...Object.keys(outputs), ...Object.keys(state)].join(", ")} but receives ${name}`,
      );
    const tensor = this.#tensors[id] ?? this.#missing(id);
    const data = (await this.#device.read(tensor.dataId)) as Data;
    this.#device.check();
    return data.slice();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#tensors.forEach((_, id) => {
      this.#free(id);
    });
    this.#device.dispose();
  }

  /** Every update at once: all new values are taken before any state is let go. */
  #update(): void {
    const { updates, state } = this.#program;
    const next = Object.entries(updates).map(([name, id]) => {
      const tensor = this.#tensors[id] ?? this.#missing(id);
      this.#device.backend.incRef(tensor.dataId);
      return [state[name] as ValueId, tensor] as const;
    });
    for (const [id, tensor] of next) {
      this.#free(id);
      this.#tensors[id] = tensor;
    }
  }

  #set(id: ValueId, data: Data): void {
    const { shape, dtype } = this.#program.values[id] as Program["values"][number];
    const copy = data.slice();
    this.#free(id);
    if (this.#isHost(id)) this.#host.set(id, copy);
    this.#tensors[id] = {
      dataId: this.#device.backend.write(copy, [...shape], dtype),
      shape: [...shape],
      dtype,
    };
  }

  #isHost(id: ValueId): boolean {
    return this.#written.has(id) || this.#program.constants.has(id);
  }

  #free(id: ValueId): void {
    const tensor = this.#tensors[id];
    if (!tensor) return;
    this.#device.backend.disposeData(tensor.dataId);
    this.#tensors[id] = undefined;
  }

  /** tfjs infers shapes and dtypes of its own; the program's are what counts. */
  #typed(id: ValueId, { dataId }: TensorInfo): TensorInfo {
    const { shape, dtype } = this.#program.values[id] as Program["values"][number];
    return { dataId, shape: shape as number[], dtype };
  }

  #alive(): void {
    if (this.#disposed) throw new Error(`${this.#device.name}: this executable has been disposed of`);
    this.#device.check();
  }

  #missing(id: ValueId): never {
    const { inputs, state } = this.#program;
    const name = [...Object.entries(inputs), ...Object.entries(state)].find(([, v]) => v === id)?.[0];
    throw new Error(
      name === undefined
        ? `${this.#device.name}: read takes a run first but receives none`
        : `${this.#device.name}: ${name} takes numbers but has received none`,
    );
  }
}

/** For each operation the values that no later one reads, among those that `mayGo`. */
function lastUses({ ops }: Program, mayGo: (id: ValueId) => boolean): ValueId[][] {
  const last = new Map<ValueId, number>();
  ops.forEach((op, i) => {
    for (const id of [...op.outputs, ...op.inputs]) last.set(id, i);
  });
  const dead: ValueId[][] = ops.map(() => []);
  for (const [id, i] of last) if (mayGo(id)) (dead[i] as ValueId[]).push(id);
  return dead;
}

/** What a state begins with. */
const zerosOf = (value: Program["values"][number] | undefined): Data => {
  const size = sizeOf(value?.shape ?? []);
  return value?.dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
};
