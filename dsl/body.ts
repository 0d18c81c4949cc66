/** The steps of traced functions when they come from outside: their form, and that they can be evaluated. */
import * as z from "zod/mini";
import { argsOf, scalarOps } from "./expression.js";
import type { PortType, ScalarOp, Step } from "./net.js";

const place = z.int().check(z.gte(0));
const args = z.readonly(z.array(place).check(z.minLength(1), z.maxLength(3)));

/** The form of a list of steps; `bodyFault` checks what it means. */
export const bodySchema = z.readonly(
  z
    .array(
      z.discriminatedUnion("op", [
        z.strictObject({ op: z.literal("input"), name: z.string() }),
        z.strictObject({ op: z.literal("constant"), value: z.number() }),
        z.strictObject({
          op: z.literal("lookup"),
          table: z.readonly(z.array(z.number()).check(z.minLength(1))),
          from: z.int(),
          args: z.readonly(z.tuple([place])),
          label: z.optional(z.string()),
        }),
        z.strictObject({ op: z.enum(Object.keys(scalarOps) as [ScalarOp, ...ScalarOp[]]), args }),
      ]),
    )
    .check(z.minLength(1), z.maxLength(100_000)),
) as unknown as z.ZodMiniType<readonly Step[]>;

/** What is wrong with the steps of a function over these ports, or null. */
export function bodyFault(body: readonly Step[], ports: Readonly<Record<string, PortType>>): string | null {
  for (const [i, step] of body.entries()) {
    const late = argsOf(step).find((arg) => arg >= i);
    if (late !== undefined)
      return `step ${i} takes the results of earlier steps but receives that of step ${late}`;
    const fault = stepFault(step, body, ports);
    if (fault !== null) return `step ${i}: ${fault}`;
  }
  return null;
}

function stepFault(
  step: Step,
  body: readonly Step[],
  ports: Readonly<Record<string, PortType>>,
): string | null {
  if (step.op === "constant") return null;
  if (step.op === "input") return Object.hasOwn(ports, step.name) ? null : `there is no port ${step.name}`;
  if (step.op === "lookup") {
    const index = body[step.args[0]];
    const port = index?.op === "input" ? ports[index.name] : undefined;
    if (port?.dtype !== "integer") return "lookup takes an integer port";
    const count = port.max - port.min + 1;
    return step.from === port.min && step.table.length === count
      ? null
      : `lookup takes a table of ${count} numbers from ${port.min} but receives ${step.table.length} from ${step.from}`;
  }
  const { arity } = scalarOps[step.op];
  return step.args.length === arity
    ? null
    : `${step.op} takes ${arity} arguments but receives ${step.args.length}`;
}
