/** A program as dispatches over its memory and its states. */
import { sizeOf } from "../../../dsl/array.js";
import type { Op, PrimitiveName, Program, Value } from "../../program.js";
import { copyBox } from "./elementwise.js";
import type { Dispatch } from "./kernel.js";
import { type Layout, layOut, type StatePlace } from "./layout.js";
import { type Emitter, type Lowering, lowerings } from "./lowerings.js";
import type { Place, View } from "./views.js";

/** A dispatch, and the node that it is for. */
export interface Task extends Dispatch {
  readonly node: string;
}
export interface Emitted extends Layout {
  readonly tasks: readonly Task[];
}

const align = 64;
const up = (words: number): number => Math.ceil(words / align) * align;

/** Lays the program out and writes its dispatches, updates last. Nothing here needs a device. */
export function emit(program: Program, states: ReadonlyMap<string, StatePlace>): Emitted {
  const layout = layOut(program, states);
  let used = 0;
  let most = 0;
  const emitter: Emitter = {
    value: (id) => program.values[id] as Value,
    place: (id) => layout.places[id] as Place,
    scratch(words) {
      const at = layout.words + used;
      used += up(words);
      most = Math.max(most, used);
      return { space: "memory", at };
    },
  };
  const tasks: Task[] = [];
  const add = (node: string, dispatches: readonly Dispatch[]): void => {
    for (const dispatch of dispatches) tasks.push({ ...dispatch, node });
    used = 0;
  };
  for (const op of program.ops) add(op.node, lowering(op)(op as never, emitter));
  add("updates", updates(program, emitter));
  return { ...layout, words: layout.words + most, tasks };
}

function lowering(op: Op): Lowering<PrimitiveName> {
  if (!Object.hasOwn(lowerings, op.prim))
    throw new TypeError(`webgpu: ${op.node} takes operations that this backend has but receives ${op.prim}`);
  return lowerings[op.prim as keyof typeof lowerings] as Lowering<PrimitiveName>;
}

/** Every state takes its new value at once: what another update is about to overwrite is put aside first. */
function updates(program: Program, { place, value, scratch }: Emitter): Dispatch[] {
  const moves = Object.entries(program.updates)
    .map(([name, id]) => {
      const state = program.state[name];
      if (state === undefined) throw new Error(`webgpu: updates takes names of states but receives ${name}`);
      return { from: place(id), to: place(state), words: sizeOf(value(state).shape) };
    })
    .filter(({ from, to }) => from.space !== to.space || from.at !== to.at);
  const early: Dispatch[] = [];
  const late: Dispatch[] = [];
  for (const { from, to, words } of moves) {
    const overwritten = moves.some(
      (other) =>
        other.to.space === from.space && other.to.at < from.at + words && from.at < other.to.at + other.words,
    );
    const safe = overwritten ? scratch(words) : from;
    early.push(...copy(from, safe, words));
    late.push(...copy(safe, to, words));
  }
  return [...early, ...late];
}

const copy = (from: Place, to: Place, words: number): Dispatch[] => {
  const view = (place: Place): View => ({ ...place, dtype: "float32", strides: [1] });
  return copyBox([words], view(from), view(to));
};
