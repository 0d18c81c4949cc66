/** A program as one WebAssembly module: its export `run` is one run of the program. */
import { sizeOf } from "../../../dsl/array.js";
import type { Step } from "../../../dsl/net.js";
import { type MemoryPlan, type Occupied, planMemory } from "../../plan.js";
import type { Op, PrimitiveName, Program, Value, ValueId } from "../../program.js";
import { writeElementwise } from "./elementwise.js";
import { type KernelName, type Kernels, kernelNames, kernelTypes } from "./load-kernels.js";
import { type Lowering, lowerings } from "./lowerings.js";
import { broadcastStrides, type View } from "./views.js";
import { type Code, encodeModule, type ModuleFunction, instructions as wasm } from "./wasm.js";

export interface Emitted {
  readonly module: Uint8Array<ArrayBuffer>;
  /** The byte address of each value. */
  readonly addresses: readonly number[];
  readonly plan: MemoryPlan;
  /** Where the memory that the module needs ends, counted from the base. */
  readonly end: number;
}

/** Kernels may read, and drop, so many bytes past the end of an array. */
const readPastEnd = 64;
const align = 64;
const up = (bytes: number): number => Math.ceil(bytes / align) * align;

/** What the lowering of an operation is made with. */
export interface Emitter {
  readonly kernels: Kernels;
  value(id: ValueId): Value;
  address(id: ValueId): number;
  /** The address of memory that the current operation may use as it likes. */
  scratch(bytes: number): number;
  /** A call of a kernel with these numbers. */
  call(kernel: KernelName, ...args: readonly number[]): Code;
  /** A call of a new elementwise function; none where there is nothing to compute. */
  elementwise(
    body: readonly Step[],
    results: readonly number[],
    sizes: readonly number[],
    inputs: readonly View[],
    outputs: readonly View[],
  ): Code;
  /** Copies bytes, unless they are where they should be. */
  copy(from: number, to: number, bytes: number): Code;
  /** The address of the value's numbers as float32, and the code that puts them there. */
  real(id: ValueId): { readonly address: number; readonly code: Code };
}

const identity: readonly Step[] = [{ op: "input", name: "0" }];

/** Where a module is to run. */
export interface Place {
  readonly kernels: Kernels;
  /** The address, a multiple of 64, from which on the memory is the program's. */
  readonly base: number;
  /** What is there already, counted from `base`. */
  readonly beside?: Occupied;
}

/** Lays out the program's memory, and writes the module that runs it there. */
export function emit(program: Program, { kernels, base, beside }: Place): Emitted {
  const plan = planMemory(program, { align, ...(beside ? { beside } : {}) });
  const addresses = plan.offsets.map((offset) => base + offset);
  const scratchBase = up(base + plan.bytes + readPastEnd);
  let scratchUsed = 0;
  let scratchMost = 0;
  const functions: ModuleFunction[] = [];

  const emitter: Emitter = {
    kernels,
    value: (id) => program.values[id] as Value,
    address: (id) => addresses[id] as number,
    scratch(bytes) {
      const at = scratchBase + scratchUsed;
      scratchUsed += up(bytes + readPastEnd);
      scratchMost = Math.max(scratchMost, scratchUsed);
      return at;
    },
    call: (kernel, ...args) => [...args.flatMap(wasm.i32), ...wasm.call(kernelNames.indexOf(kernel))],
    elementwise(body, results, sizes, inputs, outputs) {
      if (sizeOf(sizes) === 0) return [];
      functions.push(writeElementwise({ body, results, loops: { sizes, inputs, outputs } }));
      return wasm.call(kernelNames.length + functions.length - 1);
    },
    copy: (from, to, bytes) =>
      from === to ? [] : [...wasm.i32(to), ...wasm.i32(from), ...wasm.i32(bytes), ...wasm.memoryCopy],
    real(id) {
      const { dtype, shape } = emitter.value(id);
      const from = emitter.address(id);
      if (dtype === "float32") return { address: from, code: [] };
      const strides = broadcastStrides(shape, shape);
      const address = emitter.scratch(4 * sizeOf(shape));
      const view = (at: number, type: Value["dtype"]): View => ({ address: at, dtype: type, strides });
      return {
        address,
        code: emitter.elementwise(identity, [0], shape, [view(from, dtype)], [view(address, "float32")]),
      };
    },
  };

  const run: number[] = [];
  for (const op of program.ops) {
    scratchUsed = 0;
    const lowering = lowerings[op.prim] as Lowering<PrimitiveName> | undefined;
    if (!lowering) throw new Error(`simd: ${op.node} takes a primitive with kernels but receives ${op.prim}`);
    run.push(...lowering.code(op as Op as never, emitter, 0, lowering.pieces(op as Op as never, emitter)));
  }
  scratchUsed = 0;
  run.push(...updates(program, emitter));
  functions.push({ locals: [], body: run, exportAs: "run" });
  return {
    module: encodeModule(
      kernelNames.map((name) => ({ name, type: kernelTypes[name] })),
      functions,
    ),
    addresses,
    plan,
    end: scratchBase + scratchMost + readPastEnd - base,
  };
}

/** Every state takes its new value at once: what another update is about to overwrite is put aside first. */
function updates(program: Program, { address, value, copy, scratch }: Emitter): Code {
  const moves = Object.entries(program.updates).map(([name, from]) => {
    const to = program.state[name];
    if (to === undefined) throw new Error(`simd: updates takes names of states but receives ${name}`);
    return { from: address(from), to: address(to), bytes: 4 * sizeOf(value(to).shape) };
  });
  const pending = moves.filter(({ from, to }) => from !== to);
  const early: number[] = [];
  const late: number[] = [];
  for (const { from, to, bytes } of pending) {
    const overwritten = pending.some((other) => other.to < from + bytes && from < other.to + other.bytes);
    const safe = overwritten ? scratch(bytes) : from;
    early.push(...copy(from, safe, bytes));
    late.push(...copy(safe, to, bytes));
  }
  return [...early, ...late];
}
