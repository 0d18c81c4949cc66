/** For tests: operations run part by part on one thread, to compare with the whole. */
import * as assert from "uvu/assert";
import type { Data } from "../../../dsl/array.js";
import { sizeOf } from "../../../dsl/array.js";
import type { Op, PrimitiveName, Program, Value } from "../../program.js";
import { builds } from "./checks.js";
import type { Emitter } from "./emit.js";
import { type KernelBuild, type Kernels, loadKernels } from "./load-kernels.js";
import type { Lowering } from "./lowering.js";
import { loadLowerings, setsOf } from "./lowerings.js";

/** Says what to run: parts `from` … `to` − 1, for each run of a lowering. */
type Cuts = (pieces: number) => readonly (readonly [from: number, to: number])[];

const one: Cuts = (pieces) => [[0, pieces]];
/** Thirds, last ones first, so that order shows if it matters. */
const thirds: Cuts = (pieces) => {
  const at = [0, 1, 2, 3].map((i) => Math.floor((i * pieces) / 3));
  return [2, 1, 0].map((i) => [at[i] as number, at[i + 1] as number] as const).filter(([a, b]) => a < b);
};

/** The outputs of a program whose kernels are called as it is lowered; its elementwise functions cannot be. */
async function runParts(
  program: Program,
  given: Readonly<Record<string, Data>>,
  build: KernelBuild,
  cuts: Cuts,
): Promise<Map<string, Uint8Array>> {
  const sets = setsOf(program);
  const lowerings = await loadLowerings(sets);
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });
  const kernels = await loadKernels(memory, sets, build);
  let top = (kernels as Kernels).heapBase();
  const room = (bytes: number): number => {
    top = Math.ceil(top / 64) * 64;
    const at = top;
    top += bytes + 64;
    const pages = Math.ceil(top / 65536) - memory.buffer.byteLength / 65536;
    if (pages > 0) memory.grow(pages);
    // What scratch holds at first must not matter.
    new Uint8Array(memory.buffer, at, top - at).fill(0xff);
    return at;
  };
  const addresses = program.values.map(({ shape }: Value) => room(4 * sizeOf(shape)));
  const bytes = (id: number): Uint8Array =>
    new Uint8Array(
      memory.buffer,
      addresses[id] as number,
      4 * sizeOf((program.values[id] as Value).shape),
    ).slice();
  for (const [name, data] of Object.entries(given)) {
    const at = addresses[program.inputs[name] as number] as number;
    new Uint8Array(memory.buffer, at, data.byteLength).set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    );
  }
  const refuse = (): never => {
    throw new Error("runParts takes operations that are kernels alone");
  };
  const emitter: Emitter = {
    kernels: kernels as Kernels,
    value: (id) => program.values[id] as Value,
    address: (id) => addresses[id] as number,
    scratch: room,
    call: (kernel, ...args) => {
      (kernels[kernel] as (...args: readonly number[]) => void)(...args);
      return [];
    },
    elementwise: refuse,
    copy: refuse,
    real: (id) => ({ address: addresses[id] as number, code: [] }),
  };
  for (const op of program.ops) {
    const lowering = lowerings[op.prim] as Lowering<PrimitiveName>;
    const pieces = lowering.pieces(op as Op as never, emitter);
    for (const [from, to] of cuts(pieces)) lowering.code(op as Op as never, emitter, from, to);
  }
  return new Map(Object.entries(program.outputs).map(([name, id]) => [name, bytes(id)]));
}

/** On every build, a program of kernels gives the same bits whole and in parts. */
export async function sameInParts(
  program: Program,
  given: Readonly<Record<string, Data>>,
  label = "",
): Promise<void> {
  for (const build of builds) {
    const whole = await runParts(program, given, build, one);
    const parts = await runParts(program, given, build, thirds);
    for (const [name, bytes] of whole)
      assert.equal(parts.get(name), bytes, `${label} ${name} in parts on the ${build} build`);
  }
}
