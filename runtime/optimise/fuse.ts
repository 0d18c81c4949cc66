import { sameShape } from "../builder.js";
import type { Op, OpOf, Program } from "../program.js";
import { computeAgain } from "./again.js";
import { type Group, Groups, isFusible } from "./groups.js";
import { join } from "./join.js";

/** A GPU program reads at most 16 textures. */
const mostInputs = 14;

/**
 * Joins runs of elementwise operations of one shape: what flows from one to the next stays in registers, and only
 * what is read elsewhere becomes a value. Two are joined when one reads the other and no third operation
 * lies between them, which would have to run both before and after; none that gives integers is, since they are what
 * truncation left. A value that costs its readers little to compute
 * again, from what they read anyway, is not kept.
 */
export function fuse(program: Program): Program {
  const groups = new Groups(program);
  const shapeOf = (op: Op): readonly number[] => program.values[op.outputs[0] ?? -1]?.shape ?? [];
  // From the end, so that what only the backward pass reads is computed there.
  for (const group of [...groups.live].reverse()) {
    const [op] = group.members;
    if (!groups.live.has(group) || !isFusible(op, program)) continue;
    const joinable = (source: Group): boolean => {
      const [first] = source.members;
      return (
        isFusible(first, program) &&
        sameShape(shapeOf(first), shapeOf(op)) &&
        new Set([...group.inputs, ...source.inputs]).size <= mostInputs &&
        !groups.between(source, group)
      );
    };
    const next = (): Group | undefined => [...groups.sourcesOf(group)].find(joinable);
    for (let source = next(); source; source = next()) groups.merge(source, group);
  }

  const read = new Set([...Object.values(program.outputs), ...Object.values(program.updates)]);
  computeAgain(groups, program, read, mostInputs);
  for (const group of groups.live) for (const id of group.inputs) read.add(id);
  const ops: Op[] = [];
  const done = new Set<Group>();
  const emit = (group: Group): void => {
    if (done.has(group)) return;
    done.add(group);
    for (const source of groups.sourcesOf(group)) emit(source);
    const { members, again } = group;
    ops.push(
      members.length + again.length === 1
        ? (members[0] as Op)
        : join(members as OpOf<"elementwise">[], again as OpOf<"elementwise">[], read),
    );
  };
  for (const group of groups.live)
    if (group.members.some((op) => op.outputs.some((id) => read.has(id)))) emit(group);
  return { ...program, ops };
}
