import type { Step } from "../../dsl/net.js";
import { sameShape } from "../builder.js";
import type { Op, OpOf, Program, ValueId } from "../program.js";

/** A GPU program reads at most 16 textures. */
const mostInputs = 14;

/** Elementwise operations that become one, or a single other operation. */
interface Group {
  readonly members: Op[];
}

/**
 * Joins runs of elementwise operations of one shape: what flows from one to the next stays in registers, and only
 * what is read elsewhere becomes a value. Two are joined when one reads the other and no third operation
 * lies between them, which would have to run both before and after.
 */
export function fuse(program: Program): Program {
  const groups = program.ops.map((op): Group => ({ members: [op] }));
  const makerOf = new Map<ValueId, Group>();
  program.ops.forEach((op, i) => {
    for (const id of op.outputs) makerOf.set(id, groups[i] as Group);
  });
  const shapeOf = (op: Op): readonly number[] => program.values[op.outputs[0] as ValueId]?.shape ?? [];
  const sourcesOf = (group: Group): Set<Group> => {
    const sources = new Set<Group>();
    for (const op of group.members)
      for (const id of op.inputs) {
        const maker = makerOf.get(id);
        if (maker && maker !== group) sources.add(maker);
      }
    return sources;
  };
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
  const inputsOf = (group: Group): Set<ValueId> =>
    new Set(group.members.flatMap((op) => op.inputs.filter((id) => makerOf.get(id) !== group)));

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

  const read = new Set([...Object.values(program.outputs), ...Object.values(program.updates)]);
  for (const group of live)
    for (const op of group.members) for (const id of op.inputs) if (makerOf.get(id) !== group) read.add(id);
  const ops: Op[] = [];
  const done = new Set<Group>();
  const emit = (group: Group): void => {
    if (done.has(group)) return;
    done.add(group);
    for (const source of sourcesOf(group)) emit(source);
    ops.push(
      group.members.length === 1
        ? (group.members[0] as Op)
        : join(group.members as OpOf<"elementwise">[], read),
    );
  };
  for (const group of live) emit(group);
  return { ...program, ops };
}

/** One operation in place of several, in an order in which each reads only earlier ones. */
function join(members: readonly OpOf<"elementwise">[], read: ReadonlySet<ValueId>): Op {
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
  const pending = new Map(members.flatMap((op) => op.outputs.map((id) => [id, op] as const)));
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
  const node = [...new Set(members.map((op) => op.node))].join(" + ");
  return { prim: "elementwise", attrs: { body, results }, inputs, outputs, node };
}
