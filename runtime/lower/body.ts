import type { Step } from "../../dsl/net.js";
import { constant, type Operand, type ProgramBuilder } from "../builder.js";
import type { ValueId } from "../program.js";

/** Lowers an expression to one elementwise operation a step, its lookups to gathers. Ports must broadcast. */
export function lowerBody(
  b: ProgramBuilder,
  body: readonly Step[],
  ports: Readonly<Record<string, ValueId>>,
): ValueId {
  const results: Operand[] = [];
  for (const step of body) results.push(lowerStep(b, step, results, ports));
  const last = results.at(-1);
  if (last === undefined) throw new Error("an expression takes at least one step");
  return typeof last === "number" ? last : b.fill(last.constant, []);
}

function lowerStep(
  b: ProgramBuilder,
  step: Step,
  results: readonly Operand[],
  ports: Readonly<Record<string, ValueId>>,
): Operand {
  if (step.op === "constant") return constant(step.value);
  if (step.op === "input") return ports[step.name] as ValueId;
  if (step.op === "lookup") {
    const index = results[step.args[0]] as ValueId;
    const shape = b.shape(index);
    const table = b.constant(Float32Array.from(step.table), [step.table.length]);
    return b.reshape(b.gather(table, b.reshape(index, [shape.reduce((n, d) => n * d, 1)]), step.from), shape);
  }
  const operands = step.args.map((at) => results[at] as Operand);
  return b.apply(step.op, ...operands);
}
