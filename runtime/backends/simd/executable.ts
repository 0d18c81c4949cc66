/** The `simd` backend: our own WebAssembly over one memory in which every value has its place. */
import type { Data } from "../../../dsl/array.js";
import { sizeOf } from "../../../dsl/array.js";
import { hint } from "../../../dsl/message.js";
import type { CompositeName, Program, Value, ValueId } from "../../program.js";
import type { Backend, Executable } from "../backend.js";
import { emit } from "./emit.js";
import { bestBuild, type KernelBuild, loadKernels } from "./load-kernels.js";
import { lowerings } from "./lowerings.js";

const pageBytes = 65536;
const mostPages = 65536;

const compositeNames: readonly CompositeName[] = [
  "softmax",
  "normalize",
  "normalizeGradient",
  "attention",
  "attentionGradient",
];

/** Runs in browsers and in Node; the multiply-adds are fused where the engine has relaxed SIMD. */
export const simd: Backend = {
  name: "simd",
  composites: new Set(compositeNames.filter((name) => name in lowerings)),
  epilogues: false,
  prepare: (program) => prepareWith(program, bestBuild()),
};

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

type Names = Readonly<Record<string, ValueId>>;

class SimdExecutable implements Executable {
  readonly #writable: Map<string, Data>;
  readonly #readable: Map<string, Data>;
  #run: () => void;

  constructor(
    { values, inputs, state, outputs, constants }: Program,
    addresses: readonly number[],
    { buffer }: WebAssembly.Memory,
    run: () => void,
  ) {
    const view = (id: ValueId): Data => {
      const { dtype, shape } = values[id] as Value;
      return new arrays[dtype](buffer, addresses[id] as number, sizeOf(shape));
    };
    const views = (names: Names): Map<string, Data> =>
      new Map(Object.entries(names).map(([name, id]) => [name, view(id)]));
    this.#writable = views({ ...inputs, ...state });
    this.#readable = views({ ...state, ...outputs });
    this.#run = run;
    for (const [id, data] of constants) view(id).set(data);
  }

  write(name: string, data: Data): void {
    const to = this.#find("write", name, this.#writable);
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
    return this.#find("read", name, this.#readable).slice();
  }

  get liveBuffers(): number {
    return this.#run === disposed ? 0 : 1;
  }

  /** The views hold the memory, and the code holds it too: both go. */
  dispose(): void {
    this.#writable.clear();
    this.#readable.clear();
    this.#run = disposed;
  }

  #find(where: string, name: string, views: ReadonlyMap<string, Data>): Data {
    const data = views.get(name);
    if (data) return data;
    if (this.#run === disposed) return disposed();
    const names = [...views.keys()];
    throw new RangeError(
      `simd.${where}: the program takes ${names.join(", ")} but receives ${name}${hint(name, names)}`,
    );
  }
}

const arrays = { float32: Float32Array, int32: Int32Array };

function disposed(): never {
  throw new Error("simd: an executable takes no calls once it is disposed");
}
