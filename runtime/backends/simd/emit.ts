/**
 * A program as one WebAssembly module: its exports `run0`, `run1`, … together are one run of the program; or, to be
 * timed, `step0`, `step1`, …, one for each operation, and the last for the states.
 */
import { sizeOf } from "../../../dsl/array.js";
import type { Step } from "../../../dsl/net.js";
import { type MemoryPlan, type Occupied, planMemory } from "../../plan.js";
import type { Program, Value, ValueId } from "../../program.js";
import { writeBarrier } from "./barrier.js";
import { keyOf, pointersOf, writeElementwise } from "./elementwise.js";
import { type KernelName, type KernelSet, type Kernels, kernelNames, kernelTypes } from "./load-kernels.js";
import type { Lowerings } from "./lowerings.js";
import { type Share, stepsOf } from "./shares.js";
import { sumEarly } from "./sums.js";
import { broadcastStrides, mergeLoops, type View } from "./views.js";
import { type Code, encodeModule, type ModuleFunction, instructions as wasm } from "./wasm.js";

export interface Emitted {
  readonly module: Uint8Array<ArrayBuffer>;
  /** The byte address of each value. */
  readonly addresses: readonly number[];
  readonly plan: MemoryPlan;
  /** Where the memory that the module needs ends, counted from the base. */
  readonly end: number;
  /** How many of the threads have something to do; with more than one, all of them must run. */
  readonly threads: number;
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
  /** A call of an elementwise function made for it; none where there is nothing to compute. */
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
  /** Those of the kernels that the program needs. */
  readonly sets: readonly KernelSet[];
  readonly lowerings: Lowerings;
  /** The address, a multiple of 64, from which on the memory is the program's. */
  readonly base: number;
  /** The address of the control block, where there are several threads. */
  readonly control: number;
  readonly threads: number;
  /** Whether the engine takes relaxed SIMD. */
  readonly fused: boolean;
  /** Whether the memory is a shared one. */
  readonly shared: boolean;
  /** Whether each operation is a function of its own; on one thread only. */
  readonly stepwise?: boolean;
  /** The least work of an operation that threads share; see `stepsOf`. */
  readonly grain?: number;
  /** What is there already, counted from `base`. */
  readonly beside?: Occupied;
}

/** Lays out the program's memory, and writes the module that runs it there. */
export function emit(
  given: Program,
  { kernels, sets, lowerings, base, control, threads, fused, shared, stepwise = false, grain, beside }: Place,
): Emitted {
  const imported = kernelNames(sets);
  const program = sumEarly(given);
  const plan = planMemory(program, { align, ...(beside ? { beside } : {}) });
  const addresses = plan.offsets.map((offset) => base + offset);
  // Each thread's scratch begins where that of the one before it ends.
  let scratchBase = up(base + plan.bytes + readPastEnd);
  let scratchUsed = 0;
  let scratchMost = 0;
  const functions: ModuleFunction[] = [];
  const elementwise = new Map<string, number>();

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
    call: (kernel, ...args) => [...args.flatMap(wasm.i32), ...wasm.call(imported.indexOf(kernel))],
    elementwise(body, results, sizes, inputs, outputs) {
      if (sizeOf(sizes) === 0) return [];
      const made = { body, results, loops: mergeLoops({ sizes, inputs, outputs }) };
      const pointers = pointersOf(made.loops);
      const key = keyOf(made, pointers);
      const index = elementwise.get(key) ?? functions.push(writeElementwise(made, pointers, fused)) - 1;
      elementwise.set(key, index);
      return [...pointers.addresses.flatMap(wasm.i32), ...wasm.call(imported.length + index)];
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

  const moves = movesOf(program, emitter);
  const updating = moves.length > 0;
  const steps = stepsOf(program, lowerings, threads, emitter, grain);
  const alone = steps.every(({ shares }) => shares.every(({ from, to }, t) => t === 0 || from === to));
  const busy = alone ? 1 : threads;
  const barrier = busy > 1 ? functions.push(writeBarrier(busy, control)) - 1 : undefined;
  const wait = barrier === undefined ? [] : wasm.call(imported.length + barrier);
  if (stepwise) {
    const bodies = steps.map(
      ({ op, lowering, pieces }) =>
        () =>
          lowering.code(op as never, emitter, 0, pieces),
    );
    for (const [i, body] of [...bodies, () => updates(moves, emitter)].entries()) {
      functions.push({ locals: [], body: body(), exportAs: `step${i}` });
      scratchUsed = 0;
    }
    scratchBase += scratchMost;
  }
  for (let thread = 0; thread < (stepwise ? 0 : busy); thread++) {
    const run: number[] = [];
    const add = (code: Code): void => {
      for (const byte of code) run.push(byte);
      scratchUsed = 0;
    };
    for (const { op, lowering, shares, wait: first } of steps) {
      const { from, to } = shares[thread] as Share;
      if (first) add(wait);
      if (from < to) add(lowering.code(op as never, emitter, from, to));
    }
    if (updating) add(wait);
    if (updating && thread === 0) add(updates(moves, emitter));
    add(wait);
    functions.push({ locals: [], body: run, exportAs: `run${thread}` });
    scratchBase += scratchMost;
    scratchMost = 0;
  }
  return {
    module: encodeModule(
      imported.map((name) => ({ name, type: kernelTypes[name] })),
      functions,
      { shared },
    ),
    threads: busy,
    addresses,
    plan,
    end: scratchBase + readPastEnd - base,
  };
}

interface Move {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/** The states that do not lie where their new values do. */
const movesOf = (program: Program, { address, value }: Emitter): readonly Move[] =>
  Object.entries(program.updates).flatMap(([name, id]) => {
    const state = program.state[name];
    if (state === undefined) throw new Error(`simd: updates takes names of states but receives ${name}`);
    const [from, to] = [address(id), address(state)];
    return from === to ? [] : [{ from, to, bytes: 4 * sizeOf(value(state).shape) }];
  });

/** Every state takes its new value at once: what another update is about to overwrite is put aside first. */
function updates(moves: readonly Move[], { copy, scratch }: Emitter): Code {
  const early: number[] = [];
  const late: number[] = [];
  for (const { from, to, bytes } of moves) {
    const overwritten = moves.some((other) => other.to < from + bytes && from < other.to + other.bytes);
    const safe = overwritten ? scratch(bytes) : from;
    early.push(...copy(from, safe, bytes));
    late.push(...copy(safe, to, bytes));
  }
  return [...early, ...late];
}
