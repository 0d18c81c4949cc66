/** The `simd` backend: our own WebAssembly over one memory in which every value has its place. */
import type { Data } from "../../../dsl/array.js";
import { sizeOf } from "../../../dsl/array.js";
import { hint } from "../../../dsl/message.js";
import type { CompositeName, Program, Value, ValueId } from "../../program.js";
import type { Backend, Executable, PrepareOptions } from "../backend.js";
import { Arena, commonStates } from "./arena.js";
import { emit, type Place } from "./emit.js";
import { bestBuild, isShared, type KernelBuild } from "./load-kernels.js";
import { loadLowerings, setsOf } from "./lowerings.js";
import { usualThreads } from "./thread-count.js";

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
  composites: new Set(compositeNames),
  epilogues: false,
  prepare: (program, options) => prepareWith(program, bestBuild(), options),
};

/**
 * `simd.prepare` with a given build of the kernels, which with `share` is that of the other. Throws a RangeError where
 * the memory cannot be had, a TypeError where a shared state has another shape. `grain`: the least work, in operations
 * and bytes, that threads share.
 */
export async function prepareWith(
  program: Program,
  build: KernelBuild,
  { share, threads = usualThreads(), clock, grain }: PrepareOptions & { readonly grain?: number } = {},
): Promise<Executable> {
  if (!Number.isInteger(threads) || threads < 1)
    throw new RangeError(`simd: threads takes a whole number from 1 on but receives ${threads}`);
  if (share !== undefined && !(share instanceof SimdExecutable))
    throw new TypeError("simd: share takes an executable of simd but receives another backend's");
  const most = share ? share.arena.threads : threads;
  if (clock && most > 1) throw new RangeError(`simd: clock takes 1 thread but receives ${most}`);
  const arena = share ? share.arena : await Arena.create(build, threads);
  arena.enter();
  try {
    const { memory, base, control } = arena;
    const sets = setsOf(program);
    const [kernels, lowerings] = await Promise.all([arena.kernels(sets), loadLowerings(sets)]);
    const place: Omit<Place, "threads"> = {
      ...{ kernels, sets, lowerings },
      ...{
        base,
        control,
        shared: isShared(memory),
        fused: arena.build === "relaxed",
        stepwise: clock !== undefined,
      },
      ...(grain === undefined ? {} : { grain }),
      beside: arena.occupied(share ? share.statesOf(program) : {}),
    };
    let emitted = emit(program, { ...place, threads: arena.threads });
    // Taken before anything is awaited, for another program may come meanwhile.
    const bytes = arena.add(emitted.plan.kept, emitted.end);
    const team = emitted.threads > 1 ? await arena.team() : undefined;
    if (!team && emitted.threads > 1) emitted = emit(program, { ...place, threads: 1 });
    const { addresses, plan } = emitted;
    const module = await WebAssembly.compile(emitted.module);
    const { exports } = await WebAssembly.instantiate(module, { kernels: { ...kernels, memory } });
    const own = clock ? timed(exports, program.ops.length, clock) : (exports.run0 as () => void);
    const number = await team?.load(module, await arena.modules(sets));
    return new SimdExecutable(program, arena, {
      addresses,
      run: team && number !== undefined ? () => team.run(number, own) : own,
      threads: emitted.threads,
      memory: { bytes, unsharedBytes: plan.unsharedBytes },
    });
  } catch (error) {
    arena.leave();
    throw error;
  }
}

/** A run with the clock looked at before the first operation and after each. */
function timed(exports: WebAssembly.Exports, count: number, clock: () => void): () => void {
  const steps = Array.from({ length: count + 1 }, (_, i) => exports[`step${i}`] as () => void);
  const last = steps.pop() as () => void;
  return () => {
    clock();
    for (const step of steps) {
      step();
      clock();
    }
    last();
  };
}

interface Prepared {
  readonly addresses: readonly number[];
  readonly run: () => void;
  readonly threads: number;
  readonly memory: { readonly bytes: number; readonly unsharedBytes: number };
}
type Names = Readonly<Record<string, ValueId>>;

class SimdExecutable implements Executable {
  readonly threads: number;
  readonly memory: Prepared["memory"];
  readonly #program: Program;
  readonly #addresses: readonly number[];
  readonly #writable: Names;
  readonly #readable: Names;
  #arena: Arena | undefined;
  #run: () => void;

  constructor(program: Program, arena: Arena, { addresses, run, threads, memory }: Prepared) {
    const { inputs, state, outputs, constants } = program;
    this.threads = threads;
    this.memory = memory;
    this.#program = program;
    this.#addresses = addresses;
    this.#writable = { ...inputs, ...state };
    this.#readable = { ...state, ...outputs };
    this.#arena = arena;
    this.#run = run;
    for (const [id, data] of constants) this.#view(id).set(data);
  }

  get arena(): Arena {
    return this.#arena ?? disposed();
  }
  /** The addresses of the states that another program has too. */
  statesOf(other: Program): Record<string, number> {
    const names = commonStates(other, this.#program);
    return Object.fromEntries(
      names.map((name) => [name, this.#addresses[this.#program.state[name] as ValueId] as number]),
    );
  }

  write(name: string, data: Data): void {
    const to = this.#view(this.#find("write", name, this.#writable));
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
    return this.#view(this.#find("read", name, this.#readable)).slice();
  }

  get liveBuffers(): number {
    return this.#run === disposed ? 0 : 1;
  }

  /** The code holds the memory too: both go, the memory with the last that shares it. */
  dispose(): void {
    this.#arena?.leave();
    this.#arena = undefined;
    this.#run = disposed;
  }

  #find(where: string, name: string, names: Names): ValueId {
    const id = Object.hasOwn(names, name) ? names[name] : undefined;
    if (id !== undefined) return id;
    if (this.#run === disposed) return disposed();
    const known = Object.keys(names);
    throw new RangeError(
      `simd.${where}: the program takes ${known.join(", ")} but receives ${name}${hint(name, known)}`,
    );
  }

  /** The memory may have grown since the last call, and then has another buffer. */
  #view(id: ValueId): Data {
    const { dtype, shape } = this.#program.values[id] as Value;
    return new arrays[dtype](this.arena.memory.buffer, this.#addresses[id] as number, sizeOf(shape));
  }
}

const arrays = { float32: Float32Array, int32: Int32Array };

function disposed(): never {
  throw new Error("simd: an executable takes no calls once it is disposed");
}
