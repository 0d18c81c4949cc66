/** Which parts of which operation each thread does, and before which operations the threads wait for one another. */
import { sizeOf } from "../../../dsl/array.js";
import { costOf } from "../../primitives.js";
import type { Op, PrimitiveName, Program, ValueId } from "../../program.js";
import type { Emitter } from "./emit.js";
import type { Lowering } from "./lowering.js";
import type { Lowerings } from "./lowerings.js";
import { type Touch, waits } from "./waits.js";

/** The parts `from` … `to` − 1 of an operation; none where they are equal. */
export interface Share {
  readonly from: number;
  readonly to: number;
}
export interface Step {
  readonly op: Op;
  readonly lowering: Lowering<PrimitiveName>;
  readonly pieces: number;
  /** One for each thread. */
  readonly shares: readonly Share[];
  /** Whether all threads must have done all earlier steps. */
  readonly wait: boolean;
}

/** Operations and bytes of work below which it costs more to share it than to do it. */
const little = 32_768;

/** The steps of a program, spread over `threads`; what is less work than `grain` is done by the first alone. */
export function stepsOf(
  program: Program,
  lowerings: Lowerings,
  threads: number,
  emitter: Emitter,
  grain = little,
): readonly Step[] {
  const steps = program.ops.map((op) => {
    const lowering = lowerings[op.prim] as Lowering<PrimitiveName>;
    const pieces = lowering.pieces(op as never, emitter);
    const alone = threads === 1 || pieces < 2 || work(op, program) < grain;
    const edge = (thread: number): number =>
      alone ? (thread === 0 ? 0 : pieces) : Math.floor((pieces * thread) / threads);
    const shares = Array.from({ length: threads }, (_, t) => ({ from: edge(t), to: edge(t + 1) }));
    return { op, lowering, pieces, shares };
  });
  if (threads === 1) return steps.map((step) => ({ ...step, wait: false }));
  const wait = waits(steps.map((step) => step.shares.map((share) => touches(step, share, emitter))));
  return steps.map((step, i) => ({ ...step, wait: wait[i] as boolean }));
}

const work = (op: Op, program: Program): number => {
  const { flops, bytes } = costOf(op, program);
  return flops + bytes;
};

/** The bytes that the parts of a share read and write. */
function touches(
  { op, lowering, pieces }: Pick<Step, "op" | "lowering" | "pieces">,
  { from, to }: Share,
  emitter: Emitter,
): readonly Touch[] {
  if (from === to) return [];
  const cut = to - from < pieces ? lowering.cut?.(op as never, emitter) : undefined;
  const touch = (id: ValueId, write: boolean): Touch => {
    const start = emitter.address(id);
    const bytes = 4 * sizeOf(emitter.value(id).shape);
    const each = 4 * (cut?.get(id) ?? 0);
    return each === 0
      ? { from: start, to: start + bytes, write }
      : { from: start + from * each, to: start + Math.min(bytes, to * each), write };
  };
  return [...op.inputs.map((id) => touch(id, false)), ...op.outputs.map((id) => touch(id, true))];
}
