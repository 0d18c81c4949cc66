/** Traced functions on plain numbers, in float64: for drawings, tests, tables, and the compiler's constants. */
import { scalarOps } from "./expression.js";
import { nearest } from "./fn.js";
import type { Fn, PortType, Step } from "./net.js";

/** A number, or numbers in nested lists. */
export type Nested = number | readonly Nested[];

/**
 * The value of every step, the result last. Throws where an input is missing or an index lies outside its table.
 */
export function evaluateSteps(body: readonly Step[], inputs: Readonly<Record<string, number>>): number[] {
  const values: number[] = [];
  for (const step of body) values.push(evaluateStep(step, inputs, values));
  return values;
}

/** The value of a body: that of its last step. */
export const evaluateBody = (body: readonly Step[], inputs: Readonly<Record<string, number>>): number =>
  evaluateSteps(body, inputs)[body.length - 1] as number;

function evaluateStep(
  step: Step,
  inputs: Readonly<Record<string, number>>,
  values: readonly number[],
): number {
  switch (step.op) {
    case "input": {
      const value = Object.hasOwn(inputs, step.name) ? inputs[step.name] : undefined;
      if (value === undefined)
        throw new RangeError(`fn takes a value for port ${step.name} but receives none`);
      return value;
    }
    case "constant":
      return step.value;
    case "lookup": {
      const index = values[step.args[0]] as number;
      const entry = step.table[index - step.from];
      if (entry === undefined)
        throw new RangeError(
          `${step.label ?? "lookup"} takes an integer from ${step.from} to ${step.from + step.table.length - 1} but receives ${index}`,
        );
      return entry;
    }
    default: {
      const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = step.args.map((arg) => values[arg] as number);
      return scalarOps[step.op].evaluate(a, b, c);
    }
  }
}

/**
 * `fn` on plain numbers or nested lists, in float64. Each value has the shape of its port, or leading batch
 * axes before it; what has fewer axes than the others is broadcast over them.
 *
 *     apply(fn({ t: integer(1, 200), x: [2] }, ({ t, x }) => x.mul(t)), { t: [1, 2], x: [[1, 1], [1, 1]] })
 *     // [[1, 1], [2, 2]]
 *
 * Throws a RangeError that names the port: a value missing or superfluous, lengths that differ, an integer
 * outside its bounds.
 */
export function apply(fn: Fn, values: Readonly<Record<string, Nested>>): Nested {
  const names = Object.keys(fn.inputs);
  const extra = Object.keys(values).find((name) => !names.includes(name));
  if (extra !== undefined)
    throw new RangeError(`fn takes ${names.join(", ")} but receives a value for ${extra}`);
  const ports = names.map((name) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new RangeError(`fn takes a value for port ${name} but receives none`);
    const type = fn.inputs[name] as PortType;
    return { name, type, value, batchAxes: type.shape === null ? null : rankOf(value) - type.shape.length };
  });
  const batchAxes = Math.max(0, ...ports.map((port) => port.batchAxes ?? 0));
  const bound = ports.map((port) => ({ ...port, batchAxes: port.batchAxes ?? batchAxes }));
  const { body, output } = fn;
  const value = (inputs: Readonly<Record<string, number>>): number => {
    const result = evaluateBody(body, inputs);
    return output ? nearest(result, output) : result;
  };
  return broadcast(bound, batchAxes, value);
}

interface Bound {
  readonly name: string;
  readonly type: PortType;
  readonly value: Nested;
  readonly batchAxes: number;
}

const rankOf = (value: Nested | undefined): number => (Array.isArray(value) ? 1 + rankOf(value[0]) : 0);

/** Goes down the batch axes first, then the axes of one example; a number stands for all of an axis. */
function broadcast(
  ports: readonly Bound[],
  batchAxes: number,
  value: (inputs: Readonly<Record<string, number>>) => number,
): Nested {
  const along = ports.filter(
    (port) => Array.isArray(port.value) && (batchAxes === 0 || port.batchAxes === batchAxes),
  );
  const [first] = along as (Bound & { readonly value: readonly Nested[] })[];
  if (first === undefined) {
    return value(Object.fromEntries(ports.map((port) => [port.name, checked(port)])));
  }
  const count = first.value.length;
  return Array.from({ length: count }, (_, i) =>
    broadcast(
      ports.map((port) => {
        if (!along.includes(port)) return port;
        const list = port.value as readonly Nested[];
        if (list.length !== count)
          throw new RangeError(
            `fn: ${port.name} takes ${count} values, as ${first.name} does, but receives ${list.length}`,
          );
        return { ...port, value: list[i] as Nested, batchAxes: port.batchAxes - (batchAxes > 0 ? 1 : 0) };
      }),
      Math.max(0, batchAxes - 1),
      value,
    ),
  );
}

function checked({ name, type, value }: Bound): number {
  if (typeof value !== "number")
    throw new RangeError(`fn: ${name} takes numbers but receives ${String(value)}`);
  if (type.dtype === "integer" && !(Number.isInteger(value) && value >= type.min && value <= type.max))
    throw new RangeError(
      `fn: ${name} takes an integer from ${type.min} to ${type.max} but receives ${value}`,
    );
  return value;
}
