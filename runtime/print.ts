import type { Step } from "../dsl/net.js";
import type { Op, Program, ValueId } from "./program.js";

/** A program as text, one operation a line: `v7 [256, 128] = matmul(v3, v5)   model.1`. */
export function printProgram(program: Program): string {
  const type = (id: ValueId): string => {
    const value = program.values[id];
    return `v${id}${value?.dtype === "int32" ? " int" : ""} [${value?.shape.join(", ")}]`;
  };
  const lines = [
    ...Object.entries(program.inputs).map(([name, id]) => `${type(id)} = input ${name}`),
    ...Object.entries(program.state).map(([name, id]) => `${type(id)} = state ${name}`),
    ...[...program.constants].map(([id]) => `${type(id)} = constant`),
    ...program.ops.map(
      (op) => `${op.outputs.map(type).join(", ")} = ${call(op)}${op.node && `   ${op.node}`}`,
    ),
    ...Object.entries(program.outputs).map(([name, id]) => `output ${name} = v${id}`),
    ...Object.entries(program.updates).map(([name, id]) => `state ${name} ← v${id}`),
  ];
  return lines.join("\n");
}

function call(op: Op): string {
  const args = op.inputs.map((id) => `v${id}`);
  if (op.prim === "elementwise") {
    const names: string[] = [];
    for (const step of op.attrs.body) names.push(stepText(step, names, args));
    return op.attrs.results.map((at) => names[at]).join(", ");
  }
  const attrs = Object.entries(op.attrs).flatMap(([name, value]) =>
    value === false ? [] : value === true ? [name] : [`${name}: ${JSON.stringify(value)}`],
  );
  return `${op.prim}(${[...args, ...attrs].join(", ")})`;
}

function stepText(step: Step, texts: readonly string[], args: readonly string[]): string {
  if (step.op === "input") return args[Number(step.name)] ?? step.name;
  if (step.op === "constant") return String(step.value);
  return `${step.op}(${step.args.map((at) => texts[at]).join(", ")})`;
}
