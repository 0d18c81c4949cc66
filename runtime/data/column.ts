/** From what a user may give for a column of data to one array with the examples along its first axis. */
import { type NDArray, sizeOf } from "../../dsl/array.js";
import type { Column } from "../training.js";
import { draw } from "./draw.js";

type Dtype = NDArray["dtype"];
/** An array whose numbers are not yet of a type that crosses the API. */
interface Numbers {
  readonly shape: readonly number[];
  readonly dtype: Dtype | undefined;
  readonly data: Float32Array | Float64Array | Int32Array;
}

/**
 * The column as an array [n, …shape of one example]: drawn if it is a description, gathered if it is nested numbers.
 * `dtype` defaults to the array's own, and to float32 for nested numbers; int32 asks for integers.
 * Throws `<where>: …` where it has no example, is ragged, or holds a number that is not finite, with its row.
 */
export function toArray(column: Column, where = "data", dtype?: Dtype): NDArray {
  const { shape, data, dtype: own = "float32" } = numbersOf(column, where);
  const size = sizeOf(shape);
  if (shape.length === 0 || size === 0)
    throw new Error(`${where}: takes at least one example but receives [${shape.join(", ")}]`);
  if (size !== data.length)
    throw new Error(`${where}: takes ${size} numbers for [${shape.join(", ")}] but receives ${data.length}`);
  const wanted = dtype ?? own;
  const typed = wanted === "int32" ? asType(Int32Array, data) : asType(Float32Array, data);
  // Float32 keeps x up to rounding, int32 exactly: what else came out was not finite, or no integer.
  const bad = data.findIndex((x, i) => !Number.isFinite(typed[i]) || (wanted === "int32" && x !== typed[i]));
  if (bad >= 0)
    throw new Error(
      `${where}: takes ${wanted === "int32" ? "integers" : "finite numbers"} but receives ${data[bad]} in row ${Math.floor((bad * (shape[0] as number)) / size)}`,
    );
  return { shape, dtype: wanted, data: typed };
}

type TypedArray = Float32Array | Int32Array;
const asType = (type: typeof Float32Array | typeof Int32Array, data: Numbers["data"]): TypedArray =>
  data instanceof type ? data : type.from(data);

function numbersOf(column: Column, where: string): Numbers {
  if (Array.isArray(column)) return gather(column, where);
  if (typeof column === "object" && column !== null) {
    if ("kind" in column) return draw(column);
    if ("data" in column && "shape" in column) return column;
  }
  throw new Error(`${where}: takes an array, nested numbers or a data set but receives ${words(column)}`);
}

function gather(nested: readonly unknown[], where: string): Numbers {
  const shape = shapeOf(nested);
  const data = new Float64Array(sizeOf(shape));
  let filled = 0;
  const fill = (value: unknown, depth: number, row: number): void => {
    if (depth === shape.length && typeof value === "number") data[filled++] = value;
    else if (depth < shape.length && Array.isArray(value) && value.length === shape[depth])
      value.forEach((inner, i) => {
        fill(inner, depth + 1, depth === 0 ? i : row);
      });
    else {
      const want = depth < shape.length ? `${shape[depth]} entries` : "a number";
      throw new Error(
        `${where}: takes ${want} but receives ${words(value)} in row ${row}, where row 0 sets the shape`,
      );
    }
  };
  fill(nested, 0, 0);
  return { shape, dtype: undefined, data };
}

/** The shape by the first entry at every depth; `fill` holds all others to it. */
const shapeOf = (nested: unknown): number[] =>
  Array.isArray(nested) ? [nested.length, ...(nested.length > 0 ? shapeOf(nested[0]) : [])] : [];

const words = (value: unknown): string =>
  Array.isArray(value)
    ? `${value.length} entries`
    : typeof value === "number"
      ? `the number ${value}`
      : String(value);
