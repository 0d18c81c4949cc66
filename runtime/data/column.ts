/** From what a user may give for a column of data to one array with the examples along its first axis. */
import { type NDArray, sizeOf } from "../../dsl/array.js";
import type { Column } from "../training.js";
import type { DataSet } from "./data-set.js";
import { draw } from "./draw.js";

type Nested = number | readonly unknown[];

const isArray = (column: Column): column is NDArray => "data" in column && "shape" in column;
const isDescription = (column: Column): column is DataSet => "kind" in column;

/**
 * The column as an array [n, …shape of one example]: drawn if it is a description, gathered if it is nested numbers.
 * `dtype` defaults to the array's own, and to float32 for nested numbers; int32 asks for integers.
 * Throws `<where>: …` where it has no example, is ragged, or holds a number that is not finite, with its row.
 */
export function toArray(column: Column, where = "data", dtype?: NDArray["dtype"]): NDArray {
  const array = isDescription(column)
    ? draw(column)
    : isArray(column)
      ? column
      : gather(column as readonly Nested[], where, dtype ?? "float32");
  check(array, where);
  return dtype === undefined || dtype === array.dtype ? array : cast(array, where, dtype);
}

function gather(nested: readonly Nested[], where: string, dtype: NDArray["dtype"]): NDArray {
  if (!Array.isArray(nested))
    throw new Error(`${where}: takes an array, nested numbers or a data set but receives ${words(nested)}`);
  const shape = shapeOf(nested);
  const numbers = new Float64Array(sizeOf(shape));
  let filled = 0;
  const fill = (value: unknown, depth: number, row: number): void => {
    if (depth === shape.length) {
      if (typeof value !== "number")
        throw new Error(`${where}: takes a number in row ${row} but receives ${words(value)}`);
      numbers[filled++] = value;
    } else {
      if (!Array.isArray(value) || value.length !== shape[depth])
        throw new Error(
          `${where}: takes rows of ${shape.slice(1).join("×")} numbers but receives ${words(value)} in row ${row}`,
        );
      value.forEach((inner, i) => {
        fill(inner, depth + 1, depth === 0 ? i : row);
      });
    }
  };
  fill(nested, 0, 0);
  if (dtype === "float32") return { shape, dtype, data: Float32Array.from(numbers) };
  return cast({ shape, dtype: "float32", data: numbers as never }, where, "int32");
}

/** The shape by the first entry at every depth; `fill` holds all others to it. */
function shapeOf(nested: Nested): number[] {
  return typeof nested === "number" || nested === undefined
    ? []
    : [nested.length, ...(nested.length > 0 ? shapeOf(nested[0] as Nested) : [])];
}

function check({ shape, data }: NDArray, where: string): void {
  const size = sizeOf(shape);
  if (shape.length === 0 || size === 0)
    throw new Error(`${where}: takes at least one example but receives [${shape}]`);
  if (size !== data.length)
    throw new Error(`${where}: takes ${size} numbers for shape [${shape}] but receives ${data.length}`);
  const bad = data.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0)
    throw new Error(`${where}: takes finite numbers but receives ${data[bad]} in row ${rowOf(shape, bad)}`);
}

function cast({ shape, data }: NDArray, where: string, dtype: NDArray["dtype"]): NDArray {
  if (dtype === "float32") return { shape, dtype, data: Float32Array.from(data) };
  const bad = data.findIndex((x) => (x | 0) !== x);
  if (bad >= 0)
    throw new Error(`${where}: takes integers but receives ${data[bad]} in row ${rowOf(shape, bad)}`);
  return { shape, dtype, data: Int32Array.from(data) };
}

const rowOf = (shape: readonly number[], position: number): number =>
  Math.floor(position / sizeOf(shape.slice(1)));

const words = (value: unknown): string => (Array.isArray(value) ? `${value.length}` : String(value));
