import type { Step } from "../dsl/net.js";
import type { Epilogue, Op, Program, ValueId } from "./program.js";

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
    const texts = stepTexts(op.attrs.body, args);
    return op.attrs.results.map((at) => texts[at]).join(", ");
  }
  const { epilogue, ...rest } = op.attrs as Epilogue & Record<string, unknown>;
  const attrs = Object.entries(rest).flatMap(([name, value]) =>
    value === false ? [] : value === true ? [name] : [`${name}: ${JSON.stringify(value)}`],
  );
  const own = epilogue ? args.slice(0, 2) : args;
  const product = `${op.prim}(${[...own, ...attrs].join(", ")})`;
  return epilogue ? (stepTexts(epilogue, [product, ...args.slice(2)]).at(-1) ?? "") : product;
}

/** Each step of a body as text, what it reads written out. */
function stepTexts(body: readonly Step[], args: readonly string[]): string[] {
  const texts: string[] = [];
  for (const step of body) texts.push(stepText(step, texts, args));
  return texts;
}

function stepText(step: Step, texts: readonly string[], args: readonly string[]): string {
  if (step.op === "input") return args[Number(step.name)] ?? step.name;
  if (step.op === "constant") return String(step.value);
  return `${step.op}(${step.args.map((at) => texts[at]).join(", ")})`;
}
