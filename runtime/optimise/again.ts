import { sizeOf } from "../../dsl/array.js";
import type { ScalarOp, Step } from "../../dsl/net.js";
import { sameShape } from "../builder.js";
import type { Op, Program, ValueId } from "../program.js";
import { type Group, type Groups, isFusible } from "./groups.js";

/** Functions that cost less than to store and read a number. */
const cheap: ReadonlySet<Step["op"]> = new Set([
  ...(["input", "constant"] as const),
  ...(["neg", "abs", "sign", "square", "relu", "add", "sub", "mul", "min", "max"] satisfies ScalarOp[]),
  ...(["lt", "le", "eq", "select"] satisfies ScalarOp[]),
]);
/** So many operations may be done again for one value. */
const longest = 8;

/**
 * Where all readers of a value can compute it themselves, cheaply and without reading more than they do, they do, and
 * it is not kept: the number before an activation, from the number after a normalisation, in the backward pass.
 */
export function computeAgain(
  groups: Groups,
  program: Program,
  wanted: ReadonlySet<ValueId>,
  mostInputs: number,
): void {
  const readersOf = new Map<ValueId, Set<Group>>();
  for (const group of groups.live)
    for (const id of group.inputs) readersOf.set(id, (readersOf.get(id) ?? new Set()).add(group));
  const shapeOf = (id: ValueId | undefined): readonly number[] =>
    (id === undefined ? undefined : program.values[id]?.shape) ?? [];

  for (const group of groups.live)
    for (const id of group.members.flatMap((op) => op.outputs)) {
      const readers = readersOf.get(id);
      const recipe = readers && !wanted.has(id) && recipeOf(id, group, readers, program);
      if (!recipe) continue;
      const made = new Set(recipe.flatMap((op) => op.outputs));
      const needs = new Set(recipe.flatMap((op) => op.inputs.filter((input) => !made.has(input))));
      const can = ({ members: [op], inputs }: Group): boolean => {
        if (!isFusible(op, program) || !sameShape(shapeOf(op.outputs[0]), shapeOf(id))) return false;
        const more = [...needs].filter((input) => !inputs.has(input));
        const numbers = more.reduce((n, input) => n + sizeOf(shapeOf(input)), 0);
        // the value itself is read no more; small things come on top
        return inputs.size + more.length <= mostInputs + 1 && numbers <= 1.25 * sizeOf(shapeOf(id));
      };
      if (![...readers].every(can)) continue;
      for (const reader of readers) {
        for (const op of recipe) if (!reader.again.includes(op)) reader.again.push(op);
        for (const output of made) reader.inputs.delete(output);
        for (const input of needs) {
          reader.inputs.add(input);
          readersOf.get(input)?.add(reader);
        }
      }
      readersOf.delete(id);
    }
}

/** The operations by which its group computes a value from what the readers read too, if they are few and cheap. */
function recipeOf(
  id: ValueId,
  { members, again }: Group,
  readers: ReadonlySet<Group>,
  program: Program,
): readonly Op[] | undefined {
  const recipe: Op[] = [];
  const rest = [id];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const at = next;
    if (at !== id && [...readers].every(({ inputs }) => inputs.has(at))) continue;
    const op = [...members, ...again].find(({ outputs }) => outputs.includes(at));
    if (!op || recipe.includes(op)) continue;
    if (!isFusible(op, program) || recipe.length === longest) return undefined;
    if (!op.attrs.body.every((step) => cheap.has(step.op))) return undefined;
    recipe.push(op);
    rest.push(...op.inputs);
  }
  return recipe;
}
