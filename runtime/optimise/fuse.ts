import { sizeOf } from "../../dsl/array.js";
import type { ScalarOp, Step } from "../../dsl/net.js";
import { sameShape } from "../builder.js";
import type { Op, OpOf, Program, ValueId } from "../program.js";

/** A GPU program reads at most 16 textures. */
const mostInputs = 14;

/** Elementwise operations that become one, or a single other operation. */
interface Group {
  readonly members: Op[];
  /** Operations of other groups that are done here once more, so that no value need be kept for it. */
  readonly again: Op[];
}

/**
 * Joins runs of elementwise operations of one shape: what flows from one to the next stays in registers, and only
 * what is read elsewhere becomes a value. Two are joined when one reads the other and no third operation
 * lies between them, which would have to run both before and after. A value that costs its readers little to compute
 * again, from what they read anyway, is not kept.
 */
export function fuse(program: Program): Program {
  const groups = program.ops.map((op): Group => ({ members: [op], again: [] }));
  const makerOf = new Map<ValueId, Group>();
  program.ops.forEach((op, i) => {
    for (const id of op.outputs) makerOf.set(id, groups[i] as Group);
  });
  const shapeOf = (op: Op): readonly number[] => program.values[op.outputs[0] as ValueId]?.shape ?? [];
  /** What a group reads. */
  const inputsOf = (group: Group): Set<ValueId> => {
    const own = new Set(group.again.flatMap((op) => op.outputs));
    const inputs = new Set<ValueId>();
    for (const op of [...group.again, ...group.members])
      for (const id of op.inputs) if (makerOf.get(id) !== group && !own.has(id)) inputs.add(id);
    return inputs;
  };
  const sourcesOf = (group: Group): Set<Group> =>
    new Set([...inputsOf(group)].flatMap((id) => makerOf.get(id) ?? []));
  /** True when `from` runs before `to` by way of some other group. */
  const between = (from: Group, to: Group): boolean => {
    const seen = new Set<Group>([from]);
    const rest = [...sourcesOf(to)].filter((g) => g !== from);
    for (let group = rest.pop(); group; group = rest.pop()) {
      if (seen.has(group)) continue;
      seen.add(group);
      for (const source of sourcesOf(group)) {
        if (source === from) return true;
        rest.push(source);
      }
    }
    return false;
  };

  const live = new Set(groups);
  // From the end, so that what only the backward pass reads is computed there.
  for (const group of groups.toReversed()) {
    const [op] = group.members;
    if (!live.has(group) || op?.prim !== "elementwise") continue;
    const joinable = (source: Group): boolean => {
      const [first] = source.members;
      if (first?.prim !== "elementwise" || !sameShape(shapeOf(first), shapeOf(op))) return false;
      const inputs = new Set([...inputsOf(group), ...inputsOf(source)]);
      return inputs.size <= mostInputs && !between(source, group);
    };
    for (
      let source = [...sourcesOf(group)].find(joinable);
      source;
      source = [...sourcesOf(group)].find(joinable)
    ) {
      group.members.unshift(...source.members);
      for (const member of source.members) for (const id of member.outputs) makerOf.set(id, group);
      live.delete(source);
    }
  }

  const results = new Set([...Object.values(program.outputs), ...Object.values(program.updates)]);
  const readersOf = new Map<ValueId, Set<Group>>();
  for (const group of live)
    for (const id of inputsOf(group)) readersOf.set(id, (readersOf.get(id) ?? new Set()).add(group));
  const numbersOf = (id: ValueId): number => sizeOf(program.values[id]?.shape ?? []);
  /** The operations of its group that a value is computed by, if they are few and cheap. */
  const recipeOf = (id: ValueId, group: Group): Op[] | undefined => {
    const recipe: Op[] = [];
    const rest = [id];
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      const at = next;
      const op = [...group.members, ...group.again].find(({ outputs }) => outputs.includes(at));
      if (!op || recipe.includes(op)) continue;
      if (op.prim !== "elementwise" || !op.attrs.body.every(isCheap) || recipe.length === 8) return undefined;
      recipe.push(op);
      rest.push(...op.inputs);
    }
    return recipe;
  };
  for (const group of [...live])
    for (const id of group.members.flatMap((op) => op.outputs)) {
      const readers = readersOf.get(id);
      if (!readers || results.has(id)) continue;
      const recipe = recipeOf(id, group);
      if (!recipe) continue;
      const made = new Set(recipe.flatMap((op) => op.outputs));
      const needs = new Set(recipe.flatMap((op) => op.inputs.filter((input) => !made.has(input))));
      const canRepeat = (reader: Group): boolean => {
        const [op] = reader.members;
        if (op?.prim !== "elementwise" || !sameShape(shapeOf(op), program.values[id]?.shape ?? []))
          return false;
        const has = inputsOf(reader);
        const more = [...needs].filter((input) => !has.has(input));
        const numbers = more.reduce((n, input) => n + numbersOf(input), 0);
        return has.size + more.length <= mostInputs + 1 && numbers <= 1.25 * numbersOf(id);
      };
      if (![...readers].every(canRepeat)) continue;
      for (const reader of readers) {
        for (const op of recipe) if (!reader.again.includes(op)) reader.again.push(op);
        for (const input of needs) readersOf.get(input)?.add(reader);
      }
      readersOf.delete(id);
    }

  const read = new Set(results);
  for (const group of live) for (const id of inputsOf(group)) read.add(id);
  const ops: Op[] = [];
  const done = new Set<Group>();
  const emit = (group: Group): void => {
    if (done.has(group)) return;
    done.add(group);
    for (const source of sourcesOf(group)) emit(source);
    ops.push(
      group.members.length + group.again.length === 1
        ? (group.members[0] as Op)
        : join(group.members as OpOf<"elementwise">[], group.again as OpOf<"elementwise">[], read),
    );
  };
  for (const group of live)
    if (group.members.some((op) => op.outputs.some((id) => read.has(id)))) emit(group);
  return { ...program, ops };
}

const cheap: ReadonlySet<Step["op"]> = new Set([
  ...(["input", "constant"] as const),
  ...(["neg", "abs", "sign", "square", "relu", "add", "sub", "mul", "min", "max"] satisfies ScalarOp[]),
  ...(["lt", "le", "eq", "select"] satisfies ScalarOp[]),
]);
const isCheap = (step: Step): boolean => cheap.has(step.op);

/**
 * One operation in place of several, in an order in which each reads only earlier ones; what is done again gives no
 * output.
 */
function join(
  members: readonly OpOf<"elementwise">[],
  again: readonly OpOf<"elementwise">[],
  read: ReadonlySet<ValueId>,
): Op {
  const inputs: ValueId[] = [];
  const body: Step[] = [];
  const stepAt = new Map<string, number>();
  const valueAt = new Map<ValueId, number>();
  const add = (step: Step): number => {
    const key = JSON.stringify(step);
    const known = stepAt.get(key);
    if (known !== undefined) return known;
    stepAt.set(key, body.length);
    return body.push(step) - 1;
  };
  const pending = new Map([...again, ...members].flatMap((op) => op.outputs.map((id) => [id, op] as const)));
  const write = (op: OpOf<"elementwise">): void => {
    if (valueAt.has(op.outputs[0] as ValueId)) return;
    for (const id of op.inputs) {
      const maker = pending.get(id);
      if (maker) write(maker);
    }
    const at: number[] = [];
    for (const step of op.attrs.body) {
      if (step.op === "input") {
        const id = op.inputs[Number(step.name)] as ValueId;
        const inner = valueAt.get(id);
        if (inner !== undefined) at.push(inner);
        else {
          if (!inputs.includes(id)) inputs.push(id);
          at.push(add({ op: "input", name: `${inputs.indexOf(id)}` }));
        }
      } else if ("args" in step)
        at.push(add({ ...step, args: step.args.map((i) => at[i] as number) } as Step));
      else at.push(add(step));
    }
    op.outputs.forEach((id, i) => valueAt.set(id, at[op.attrs.results[i] as number] as number));
  };
  for (const op of members) write(op);
  const outputs = members.flatMap((op) => op.outputs.filter((id) => read.has(id)));
  const results = outputs.map((id) => valueAt.get(id) as number);
  const node = [...new Set(members.flatMap((op) => op.node.split(" + ")))].join(" + ");
  return { prim: "elementwise", attrs: { body, results }, inputs, outputs, node };
}
