/**
 * Sizes sought both ways. Each layer and traced function is a relation between the slots of its ports; an edge
 * is one slot seen from two ends. Slots only ever become better known, so the search ends.
 */
import { type Fault, takes } from "./message.js";
import type { PortType, Shape } from "./net.js";
import type { Relation } from "./relation.js";
import { isKnown, merge, show } from "./shape.js";

/** One value on its way: what is known of it, and the relations that it takes part in. */
export interface Slot {
  type: PortType;
  readonly cells: Cell[];
}
export const newSlot = (type: PortType): Slot => ({ type, cells: [] });

/** A relation between slots. */
export interface Cell extends Relation {
  readonly path: string;
  readonly inputs: readonly Slot[];
  readonly output: Slot;
}

/** Goes forwards and backwards through the cells until nothing more becomes known; gives the contradictions. */
export const propagate = (cells: readonly Cell[]): readonly Fault[] => {
  const queue = new Set(cells.filter((cell) => !known(cell)));
  const failed = new Map<Cell, Fault>();
  for (const cell of queue) {
    queue.delete(cell);
    const message = failed.has(cell) ? undefined : step(cell, queue);
    if (message !== undefined) failed.set(cell, { path: cell.path, message });
  }
  return [...failed.values()];
};

const known = (cell: Cell): boolean =>
  isKnown(cell.output.type.shape) && cell.inputs.every((slot) => isKnown(slot.type.shape));

/** Forwards and backwards through one cell; the sentence where what is known contradicts it. */
const step = ({ who, inputs, output, forward, backward }: Cell, queue: Set<Cell>): string | undefined => {
  const types = inputs.map((slot) => slot.type);
  const type = forward(types);
  if (typeof type === "string") return type;
  if (!refine(output, type.shape, queue))
    return `${who} gives ${show(type)} where ${show(output.type)} is wanted`;
  for (const [i, shape] of (backward?.(types, output.type.shape) ?? []).entries()) {
    const slot = inputs[i];
    if (slot && !refine(slot, shape, queue)) return takes(who, show(shape), show(slot.type));
  }
  return undefined;
};

/** Adds what is known to a slot, and wakes the cells around it where that is news. False where it contradicts. */
const refine = (slot: Slot, shape: Shape | null, queue: Set<Cell>): boolean => {
  const merged = merge(slot.type.shape, shape);
  if (merged === undefined) return false;
  if (show(merged) !== show(slot.type.shape)) {
    slot.type = { ...slot.type, shape: merged };
    for (const cell of slot.cells) queue.add(cell);
  }
  return true;
};
