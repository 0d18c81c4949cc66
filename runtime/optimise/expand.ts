import { ProgramBuilder } from "../builder.js";
import { expand, isComposite } from "../expansions.js";
import type { CompositeName, Op, Program, ValueId } from "../program.js";

/** Writes the composite operations in elementary ones, but for those that are to stay. */
export function expandComposites(program: Program, kept: ReadonlySet<CompositeName>): Program {
  const open = (op: Op): boolean => isComposite(op) && !kept.has(op.prim);
  if (!program.ops.some(open)) return program;
  const b = ProgramBuilder.from({ ...program, ops: [] });
  const replaced = new Map<ValueId, ValueId>();
  const now = (id: ValueId): ValueId => replaced.get(id) ?? id;
  for (const before of program.ops) {
    const op = { ...before, inputs: before.inputs.map(now) } as Op;
    if (isComposite(op) && open(op)) {
      const made = expand(b, op);
      op.outputs.forEach((id, i) => replaced.set(id, made[i] as ValueId));
    } else b.ops.push(op);
  }
  const rename = (record: Readonly<Record<string, ValueId>>): Record<string, ValueId> =>
    Object.fromEntries(Object.entries(record).map(([name, id]) => [name, now(id)]));
  return { ...b.program(), outputs: rename(program.outputs), updates: rename(program.updates) };
}
