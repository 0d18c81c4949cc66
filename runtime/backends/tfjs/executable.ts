import type { DataId, KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";
import { type Data, sizeOf } from "../../../dsl/array.js";
import type { Op, Program, Value, ValueId } from "../../program.js";
import type { BackendName, Executable, PrepareOptions } from "../backend.js";
import type { Context, Kernel, Kernels, Prepare } from "./rows.js";
import { States } from "./states.js";

/** One operation, prepared: what it reads, where its results go, and what nothing reads after it. */
interface Task {
  readonly run: Kernel;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly dead: readonly ValueId[];
}

/** Where numbers are, counted by reference: every tfjs backend is one. */
export interface Memory {
  write(values: Data, shape: number[], dtype: Value["dtype"]): DataId;
  incRef(dataId: DataId): void;
  disposeData(dataId: DataId): unknown;
  numDataIds(): number;
}

/** What programs run on. Executables that share states share it. */
export interface Device<M extends Memory = KernelBackend> {
  readonly name: BackendName;
  readonly backend: M;
  readonly kernels: Kernels<M>;
  /** The numbers of a tensor, once all that is queued has run. */
  read(dataId: DataId): ReturnType<KernelBackend["read"]> | ReturnType<KernelBackend["readSync"]>;
  /** Called after each run. */
  ran?(): void;
  /** Waits until all that is queued has run; without it nothing is queued. */
  finish?(): void;
  /** Calls `run`, in which nothing is computed: what is compiled at a first run is so now. */
  rehearse?(run: () => void): void;
  /** Throws when the device is gone. */
  check(): void;
  /** Called when the last executable on it has been disposed of. */
  dispose(): void;
}

/**
 * Runs a program operation by operation on a device. Constants are uploaded once; every intermediate is disposed of
 * after its last use; outputs stay until the next run; a state that is updated is replaced by the new tensor, without
 * a copy. `liveBuffers` counts those of the device: of all executables that share states.
 *
 * int32 values are exact on the cpu, and between −2²⁴ and 2²⁴ on webgl, whose textures hold float32. The key
 * of `random` never is on the device and keeps all of its 32 bits.
 */
export class TfjsExecutable<M extends Memory = KernelBackend> implements Executable {
  readonly #program: Program;
  readonly #states: States<M>;
  readonly #device: Device<M>;
  readonly #tasks: readonly Task[];
  /** The tensor of every live value but states. */
  readonly #tensors: (TensorInfo | undefined)[];
  readonly #host = new Map<ValueId, Data>();
  /** What the last run left for reading: outputs that are neither inputs, states nor constants. */
  readonly #kept: readonly ValueId[];
  readonly #written: ReadonlySet<ValueId>;
  readonly #stateOf: ReadonlyMap<ValueId, string>;
  readonly #clock: (() => void) | undefined;
  #disposed = false;

  /** On the device that `make` gives, or on that of `share`, with its states. */
  constructor(program: Program, make: () => Device<M>, { share, clock }: PrepareOptions = {}) {
    this.#clock = clock;
    this.#states = States.of(make, share instanceof TfjsExecutable ? share.#living() : undefined);
    const device = this.#states.device;
    this.#program = program;
    this.#device = device;
    this.#tensors = new Array(program.values.length);
    this.#written = new Set(Object.values(program.inputs));
    this.#stateOf = new Map(Object.entries(program.state).map(([name, id]) => [id, name]));
    const context: Context<M> = {
      kernels: device.name,
      backend: device.backend,
      values: program.values,
      host: (id) => this.#host.get(id),
      isHost: (id) => this.#isHost(id),
    };
    this.#states.open(program);
    for (const [id, data] of program.constants) this.#set(id, data);
    const durable = new Set([...this.#written, ...this.#stateOf.keys(), ...program.constants.keys()]);
    const outputs = new Set(Object.values(program.outputs));
    const needed = new Set([...outputs, ...Object.values(program.updates)]);
    this.#kept = [...needed].filter((id) => !durable.has(id));
    const dead = lastUses(program, (id) => !durable.has(id) && !needed.has(id));
    try {
      this.#tasks = program.ops.map((op, i) => ({
        run: prepare(device, op, context),
        inputs: op.inputs,
        outputs: op.outputs,
        dead: dead[i] as ValueId[],
      }));
    } catch (error) {
      this.dispose();
      throw error;
    }
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
    this.#clock?.();
    for (const { run, inputs, outputs, dead } of this.#tasks) {
      const results = run(inputs.map((id) => this.#tensor(id)));
      for (let i = 0; i < outputs.length; i++)
        tensors[outputs[i] as ValueId] = this.#typed(outputs[i] as ValueId, results[i] as TensorInfo);
      for (const id of dead) this.#free(id);
      if (!this.#clock) continue;
      this.#device.finish?.();
      this.#clock();
    }
    this.#device.ran?.();
    this.#update();
  }

  /** Goes through the program without computing anything, on a device that can. */
  rehearse(): void {
    this.#device.rehearse?.(() => {
      const tensors = [...this.#tensors];
      const made: TensorInfo[] = [];
      for (const { run, inputs, outputs } of this.#tasks) {
        const results = run(inputs.map((id) => tensors[id] ?? this.#tensorOr(id, made)));
        made.push(...results);
        outputs.forEach((id, i) => {
          tensors[id] = this.#typed(id, results[i] as TensorInfo);
        });
      }
      for (const { dataId } of made) this.#device.backend.disposeData(dataId);
      this.#device.ran?.();
    });
  }

  async read(name: string): Promise<Data> {
    this.#alive();
    const { outputs, state } = this.#program;
    const id = outputs[name] ?? state[name];
    if (id === undefined)
      throw new RangeError(
        `${this.#device.name}: read takes ${[...Object.keys(outputs), ...Object.keys(state)].join(", ")} but receives ${name}`,
      );
    const data = (await this.#device.read(this.#tensor(id).dataId)) as Data;
    this.#device.check();
    return data.slice();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#tensors.forEach((_, id) => {
      this.#free(id);
    });
    this.#states.close(this.#program);
  }

  /** Every update at once: all new values are taken before any state is let go. */
  #update(): void {
    const next = Object.entries(this.#program.updates).map(([name, id]) => {
      const tensor = this.#tensor(id);
      this.#device.backend.incRef(tensor.dataId);
      return [name, tensor] as const;
    });
    for (const [name, tensor] of next) this.#states.set(name, tensor);
  }

  #set(id: ValueId, data: Data): void {
    const { shape, dtype } = this.#program.values[id] as Program["values"][number];
    const copy = data.slice();
    if (this.#isHost(id)) this.#host.set(id, copy);
    const tensor = {
      dataId: this.#device.backend.write(copy, [...shape], dtype),
      shape: [...shape],
      dtype,
    };
    const state = this.#stateOf.get(id);
    if (state !== undefined) this.#states.set(state, tensor);
    else {
      this.#free(id);
      this.#tensors[id] = tensor;
    }
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

  #tensor(id: ValueId): TensorInfo {
    const tensor = this.#tensors[id];
    if (tensor) return tensor;
    const state = this.#stateOf.get(id);
    return state === undefined ? this.#missing(id) : this.#states.get(state);
  }

  /** A state, or zeros for an input that was not given yet. */
  #tensorOr(id: ValueId, made: TensorInfo[]): TensorInfo {
    const state = this.#stateOf.get(id);
    if (state !== undefined) return this.#states.get(state);
    const { shape, dtype } = this.#program.values[id] as Value;
    const data = dtype === "int32" ? new Int32Array(sizeOf(shape)) : new Float32Array(sizeOf(shape));
    const tensor = { dataId: this.#device.backend.write(data, [...shape], dtype), shape: [...shape], dtype };
    made.push(tensor);
    return tensor;
  }

  /** The states, for another executable to share. */
  #living(): States<M> {
    this.#alive();
    return this.#states;
  }

  #alive(): void {
    if (this.#disposed) throw new Error(`${this.#device.name}: this executable has been disposed of`);
    this.#device.check();
  }

  #missing(id: ValueId): never {
    const { inputs } = this.#program;
    const name = Object.entries(inputs).find(([, v]) => v === id)?.[0];
    throw new Error(
      name === undefined
        ? `${this.#device.name}: read takes a run first but receives none`
        : `${this.#device.name}: ${name} takes numbers but has received none`,
    );
  }
}

/** The operation's kernel. Errors: a composite that the device has none of its own for, and that nobody expanded. */
function prepare<M extends Memory>({ name, kernels }: Device<M>, op: Op, context: Context<M>): Kernel {
  const row = kernels[op.prim] as Prepare<Op["prim"], M> | undefined;
  if (!row)
    throw new TypeError(`${name}: prepare takes elementary operations but receives ${op.prim} (${op.node})`);
  return row(op as never, context);
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
