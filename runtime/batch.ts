import type { NDArray } from "../dsl/array.js";
import { hint } from "../dsl/message.js";
import type { PortType } from "../dsl/net.js";
import { toArray } from "./data/column.js";
import type { Column } from "./training.js";

/** The columns that a net's input ports take, as arrays of one number of examples. */
export interface Batch {
  readonly columns: Readonly<Record<string, NDArray>>;
  readonly count: number | undefined;
}

/**
 * The inputs of a net as arrays, one for each port. Errors: a missing or superfluous port, a shape that does not
 * fit, counts that differ, an integer outside its port's range.
 */
export function toBatch(
  inputs: Readonly<Record<string, Column>>,
  ports: Readonly<Record<string, PortType>>,
): Batch {
  const columns: Record<string, NDArray> = {};
  let count: number | undefined;
  for (const name of Object.keys(inputs))
    if (!Object.hasOwn(ports, name))
      throw new Error(`inputs: the net has no input port "${name}"${hint(name, Object.keys(ports))}`);
  for (const [name, type] of Object.entries(ports)) {
    const given = inputs[name];
    if (given === undefined)
      throw new Error(`inputs: the net takes "${name}" but receives ${list(Object.keys(inputs))}`);
    const array = toArray(given, `input ${name}`, type.dtype === "integer" ? "int32" : "float32");
    const [n = 0, ...shape] = array.shape;
    if (shape.join() !== type.shape?.join())
      throw new Error(
        `input ${name}: takes [n, ${type.shape?.join(", ")}] but receives [${array.shape.join(", ")}]`.replace(
          "[n, ]",
          "[n]",
        ),
      );
    if (count !== undefined && n !== count)
      throw new Error(`input ${name}: takes ${count} examples, as the other ports, but receives ${n}`);
    count = n;
    if (type.dtype === "integer") {
      const bad = array.data.find((x) => x < type.min || x > type.max);
      if (bad !== undefined)
        throw new Error(`input ${name}: takes integers from ${type.min} to ${type.max} but receives ${bad}`);
    }
    columns[name] = array;
  }
  return { columns, count };
}
const list = (names: readonly string[]): string =>
  names.length > 0 ? names.map((n) => `"${n}"`).join(", ") : "none";
