import type { NDArray } from "../dsl/array.js";
import { checkNet, inferShapes } from "../dsl/infer.js";
import { hint } from "../dsl/message.js";
import type { Net, PortType } from "../dsl/net.js";
import { isKnown } from "../dsl/shape.js";
import { inputsOf } from "../dsl/wiring.js";
import { toArray } from "./data/column.js";
import type { Column } from "./training.js";

type Columns = Readonly<Record<string, Column>>;

/** The columns that a net's input ports take, as arrays of one number of examples. */
export interface Batch {
  readonly columns: Readonly<Record<string, NDArray>>;
  readonly count: number | undefined;
  /** Types of the ports that the net leaves open, by what came. */
  readonly given: Readonly<Record<string, PortType>>;
}

/**
 * The inputs of a net as arrays, one for each port. Errors: those of the net, a missing or superfluous port, a shape
 * that does not fit, counts that differ, an integer outside its port's range.
 */
export function toBatch(net: Net, inputs: Columns): Batch {
  const given = openPorts(net, inputs);
  return { ...columnsOf(inferShapes(net, given)[""]?.inputs ?? {}, inputs), given };
}

/** The same for ports whose types are known. */
export function columnsOf(
  ports: Readonly<Record<string, PortType>>,
  inputs: Columns,
): Pick<Batch, "columns" | "count"> {
  const columns: Record<string, NDArray> = {};
  let count: number | undefined;
  for (const [name, type] of Object.entries(ports)) {
    const column = inputs[name];
    if (column === undefined)
      throw new Error(`inputs: the net takes "${name}" but receives ${list(Object.keys(inputs))}`);
    const array = toArray(column, `input ${name}`, type.dtype === "integer" ? "int32" : "float32");
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

/** The types of the ports whose shapes the net leaves to what comes. */
function openPorts(net: Net, inputs: Columns): Record<string, PortType> {
  const declared = checkNet(net).shapes[""]?.inputs ?? {};
  const open: Record<string, PortType> = {};
  for (const [name, column] of Object.entries(inputs)) {
    const type = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (!type && inputsOf(net) !== "variadic")
      throw new Error(`inputs: the net has no input port "${name}"${hint(name, Object.keys(declared))}`);
    if (type && isKnown(type.shape)) continue;
    const [, ...shape] = toArray(column, `input ${name}`).shape;
    open[name] = { ...(type ?? { dtype: "real" }), shape };
  }
  return open;
}

const list = (names: readonly string[]): string =>
  names.length > 0 ? names.map((n) => `"${n}"`).join(", ") : "none";
