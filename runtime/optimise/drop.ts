import type { Program } from "../program.js";

/** Drops every operation that no output and no update depends on. */
export function dropDead(program: Program): Program {
  const wanted = new Set([...Object.values(program.outputs), ...Object.values(program.updates)]);
  const ops = program.ops.toReversed().filter((op) => {
    if (!op.outputs.some((id) => wanted.has(id))) return false;
    for (const id of op.inputs) wanted.add(id);
    return true;
  });
  const constants = new Map([...program.constants].filter(([id]) => wanted.has(id)));
  return { ...program, ops: ops.reverse(), constants };
}
