import { sizeOf } from "../dsl/array.js";
import type { Backend } from "./backends/backend.js";
import { optimised } from "./compile.js";
import { planMemory } from "./plan.js";
import type { Program, Value } from "./program.js";

/** Bytes that what a program computes may take, unless the user says otherwise: 1 GiB. */
export const defaultMemoryLimit = 2 ** 30;

/**
 * The bytes of a program's memory plan beside its states and constants, which no smaller batch makes smaller; where
 * even without sharing there is less than `limit`, that sum.
 */
function plannedBytes(program: Program, backend: Backend, limit: number): number {
  const { values, state, constants } = program;
  const bytes = (shapes: Iterable<Value>): number =>
    [...shapes].reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  const kept = bytes([...Object.values(state), ...constants.keys()].map((id) => values[id] as Value));
  const sum = bytes(values) - kept;
  return sum <= limit ? sum : planMemory(optimised(program, backend)).bytes - kept;
}

/**
 * The largest batch of `count`, ⌈count/2⌉, ⌈count/4⌉, … examples whose program fits into `limit` bytes; one example
 * where even that does not.
 */
export function batchWithin<P extends { readonly program: Program }>(
  limit: number,
  backend: Backend,
  count: number,
  build: (batch: number) => P,
): P & { readonly batch: number } {
  for (let batch = count; ; batch = Math.ceil(batch / 2)) {
    const built = build(batch);
    if (batch === 1 || plannedBytes(built.program, backend, limit) <= limit) return { ...built, batch };
  }
}
