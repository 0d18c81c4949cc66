import { sizeOf } from "../../../dsl/array.js";
import { planMemory } from "../../plan.js";
import type { Program, Value, ValueId } from "../../program.js";
import type { Place } from "./views.js";

/** A state in the buffer of states: where it begins, in words, and what it is. */
export interface StatePlace {
  readonly at: number;
  readonly value: Value;
}

/** Where every value of a program lives. */
export interface Layout {
  /** By `ValueId`. */
  readonly places: readonly Place[];
  /** The words of the program's own memory. */
  readonly words: number;
  /** What it would be if every value had memory of its own, states included. */
  readonly unsharedBytes: number;
}

const align = 64;
const up = (words: number): number => Math.ceil(words / align) * align;
const show = ({ dtype, shape }: Value): string => `${dtype} [${shape.join(", ")}]`;

/**
 * Gives the program's states their places: those that `known` has keep theirs, others are put behind. Returns all, and
 * the words that they take. Error: a state that is known in another shape.
 */
export function placeStates(
  { state, values }: Program,
  known: ReadonlyMap<string, StatePlace>,
): { places: Map<string, StatePlace>; words: number } {
  const places = new Map(known);
  let words = 0;
  for (const { at, value } of known.values()) words = Math.max(words, at + up(sizeOf(value.shape)));
  for (const [name, id] of Object.entries(state)) {
    const value = values[id] as Value;
    const other = places.get(name);
    if (other && show(other.value) !== show(value))
      throw new TypeError(
        `webgpu: the shared state ${name} takes ${show(other.value)} but receives ${show(value)}`,
      );
    if (other) continue;
    places.set(name, { at: words, value });
    words += up(sizeOf(value.shape));
  }
  return { places, words };
}

/**
 * Lays a program out as `planMemory` does, but with the states, and all that lies in them, in a buffer of their own,
 * and what follows them moved up.
 */
export function layOut(program: Program, states: ReadonlyMap<string, StatePlace>): Layout {
  const plan = planMemory(program, { align: 4 * align });
  const start = (id: ValueId): number => (plan.offsets[id] as number) / 4;
  const size = (id: ValueId): number => sizeOf(program.values[id]?.shape ?? []);
  const moved = Object.entries(program.state)
    .map(([name, id]) => ({ from: start(id), words: size(id), to: states.get(name)?.at as number }))
    .filter(({ words }) => words > 0)
    .sort((a, b) => a.from - b.from);
  const places = program.values.map((_, id): Place => {
    const at = start(id);
    // A state is in use from first to last, so that what lies within its bounds lies in it.
    const state = moved.find(({ from, words }) => at >= from && at < from + words);
    if (state && size(id) > 0) return { space: "states", at: state.to + at - state.from };
    const before = moved.reduce((sum, { from, words }) => (from < at ? sum + up(words) : sum), 0);
    return { space: "memory", at: at - before };
  });
  const gone = moved.reduce((sum, { words }) => sum + up(words), 0);
  return { places, words: up(plan.bytes / 4) - gone, unsharedBytes: plan.unsharedBytes };
}
