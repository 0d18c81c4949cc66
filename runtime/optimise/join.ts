import type { Step } from "../../dsl/net.js";
import type { Op, OpOf, ValueId } from "../program.js";

/**
 * One operation in place of several, in an order in which each reads only earlier ones. Its outputs are those of the
 * members that are read elsewhere; what is done `again` gives none.
 */
export function join(
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
