/** What repeated nets are to the inference of shapes: relations between their ports and those of the member. */
import { reals } from "./layers/definition.js";
import { takes } from "./message.js";
import type { PortType, Shape, Size } from "./net.js";
import type { Relation } from "./relation.js";
import { merge, show } from "./shape.js";

/** The sizes of a sequence's elements with a length in front; null where their rank is not known. */
const longer = (length: Size, shape: Shape | null): Shape | null => shape && [length, ...shape];

/** From a sequence to one of its elements: [n, ...s] → [...s], of the same kind. */
export const elementOf = (who: string): Relation => ({
  who,
  forward: ([sequence = reals(null)]) => {
    const { shape } = sequence;
    if (shape?.length === 0) return takes(who, "[?, ...]", show(sequence));
    return { ...sequence, shape: shape?.slice(1) ?? null };
  },
  backward: ([sequence], output) => [longer(sequence?.shape?.[0] ?? null, output)],
});

/** From an element, and the sequences whose length counts, to the sequence of all: [...t], [n, ...s] → [n, ...t]. */
export const sequenceOf = (who: string): Relation => ({
  who,
  forward: ([element = reals(null), ...sequences]) => {
    const length = lengthOf(who, sequences);
    return typeof length === "string" ? length : { ...element, shape: longer(length, element.shape) };
  },
  backward: ([element, ...sequences], output) => {
    const length = lengthOf(who, sequences);
    const n = output?.[0] ?? (typeof length === "number" ? length : null);
    return [
      output ? output.slice(1) : (element?.shape ?? null),
      ...sequences.map(({ shape }) => (shape ? [shape[0] ?? n, ...shape.slice(1)] : null)),
    ];
  },
});

/** The length of all sequences, or the sentence about the first that has another. */
const lengthOf = (who: string, sequences: readonly PortType[]): Size | string => {
  let length: Size = null;
  for (const sequence of sequences) {
    const own: Size = sequence.shape?.[0] ?? null;
    if (length !== null && own !== null && own !== length)
      return takes(who, `[${length}, ...]`, show(sequence));
    length ??= own;
  }
  return length;
};

/** The state as the member sees it: reals, since it gives reals from the second time on. */
export const stateOf = (who: string): Relation => ({
  who,
  forward: ([state]) => reals(state?.shape ?? null),
  backward: (_, output) => [output],
});

/** State and result of the member, which are of one shape, to the state at the end. */
export const endOf = (who: string): Relation => ({
  who,
  forward: ([state, result]) => {
    const shape = merge(state?.shape ?? null, result?.shape ?? null);
    return shape === undefined
      ? takes(
          who,
          `a net that gives ${show(state?.shape ?? null)}`,
          `one that gives ${show(result?.shape ?? null)}`,
        )
      : reals(shape);
  },
  backward: (_, output) => [output, output],
});
