/** The `simd` backend: our own WebAssembly over one memory in which every value has its place. */
import type { Data } from "../../../dsl/array.js";
import { sizeOf } from "../../../dsl/array.js";
import { hint } from "../../../dsl/message.js";
import type { Program, Value, ValueId } from "../../program.js";
import type { Backend, Executable } from "../backend.js";
import { emit } from "./emit.js";
import { bestBuild, type KernelBuild, loadKernels } from "./load-kernels.js";

const pageBytes = 65536;
const mostPages = 65536;

/** Runs in browsers and in Node; the multiply-adds are fused where the engine has relaxed SIMD. */
export const simd: Backend = { name: "simd", prepare: (program) => prepareWith(program, bestBuild()) };

/** `simd.prepare` with a given build of the kernels. Throws a RangeError where the memory cannot be had. */
export async function prepareWith(program: Program, build: KernelBuild): Promise<Executable> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages });
  const kernels = await loadKernels(memory, build);
  const { module, addresses, bytes } = emit(program, kernels);
  grow(memory, bytes);
  const { instance } = await WebAssembly.instantiate(module, { kernels: { ...kernels, memory } });
  return new SimdExecutable(program, addresses, memory, instance.exports.run as () => void);
}

function grow(memory: WebAssembly.Memory, bytes: number): void {
  const pages = Math.ceil(bytes / pageBytes) - memory.buffer.byteLength / pageBytes;
  try {
    if (pages > 0) memory.grow(pages);
  } catch {
    throw new RangeError(
      `simd: WebAssembly takes at most ${mostPages * pageBytes} bytes, less where the machine has less, but receives a program of ${bytes} bytes`,
    );
  }
}

/** A view of the same bits as the value's dtype says. */
const arrayOf = ({ dtype, shape }: Value, buffer: ArrayBufferLike, address: number): Data =>
  dtype === "int32"
    ? new Int32Array(buffer, address, sizeOf(shape))
    : new Float32Array(buffer, address, sizeOf(shape));

class SimdExecutable implements Executable {
  #memory: WebAssembly.Memory | undefined;
  #run: () => void;

  constructor(
    readonly program: Program,
    readonly addresses: readonly number[],
    memory: WebAssembly.Memory,
    run: () => void,
  ) {
    this.#memory = memory;
    this.#run = run;
    for (const [id, data] of program.constants) this.#at(id).set(data);
  }

  write(name: string, data: Data): void {
    const { inputs, state } = this.program;
    const to = this.#at(this.#find("write", name, { ...inputs, ...state }));
    if (data.length !== to.length || data.constructor.name !== to.constructor.name)
      throw new TypeError(
        `simd.write: ${name} takes a ${to.constructor.name} of ${to.length} but receives a ${data.constructor.name} of ${data.length}`,
      );
    to.set(data);
  }

  run(): void {
    this.#run();
  }

  async read(name: string): Promise<Data> {
    const { outputs, state } = this.program;
    return this.#at(this.#find("read", name, { ...state, ...outputs })).slice();
  }

  get liveBuffers(): number {
    return this.#memory ? 1 : 0;
  }

  dispose(): void {
    this.#memory = undefined;
    this.#run = disposed;
  }

  #find(where: string, name: string, ids: Readonly<Record<string, ValueId>>): ValueId {
    const id = ids[name];
    const names = Object.keys(ids);
    if (id === undefined)
      throw new RangeError(
        `simd.${where}: the program takes ${names.join(", ")} but receives ${name}${hint(name, names)}`,
      );
    return id;
  }

  #at(id: ValueId): Data {
    if (!this.#memory) return disposed();
    return arrayOf(this.program.values[id] as Value, this.#memory.buffer, this.addresses[id] as number);
  }
}

function disposed(): never {
  throw new Error("simd: an executable takes no calls once it is disposed");
}
