/** What the lowering of a primitive is. */
import type { OpOf, PrimitiveName, ValueId } from "../../program.js";
import type { Emitter } from "./emit.js";
import type { Code } from "./wasm.js";

/**
 * How one primitive runs. The work of an operation is `pieces` equal parts that may run side by side and in any order;
 * every part writes its own part of the output by a fixed order of sums, so that threads change no bit.
 */
export interface Lowering<P extends PrimitiveName> {
  /**
   * The number of parts: images, rows, blocks of columns; 1 where the work is not cut, 0 where there is nothing to do.
   */
  pieces(op: OpOf<P>, emitter: Emitter): number;
  /** The code of the parts `from` … `to` − 1. Memory from `emitter.scratch` is that thread's own. */
  code(op: OpOf<P>, emitter: Emitter, from: number, to: number): Code;
  /**
   * The values that are cut as the work is, with the numbers of each in one part: the parts from … to − 1 touch the
   * numbers from·n … to·n − 1 of the value alone. Of the others, any part may touch all. Threads wait for one another
   * only where one touches what another has written, so a value named here saves a wait. Default: none.
   */
  cut?(op: OpOf<P>, emitter: Emitter): ReadonlyMap<ValueId, number>;
}

/** The value at a place of an operation's inputs or outputs. */
export const only = (ids: readonly ValueId[], i = 0): ValueId => ids[i] as ValueId;
/** `pieces` of an operation that one thread does. */
export const whole = (): number => 1;
