import { type Dispatch, forEach } from "./kernel.js";
import { address, numberOf, type Params, type Place, type View } from "./views.js";

export interface Rows {
  /** Indices, of which there are `count`. */
  readonly indices: Place;
  readonly count: number;
  /** Rows of the table, and numbers in a row. */
  readonly rows: number;
  readonly width: number;
  /** The index of the table's first row. */
  readonly from: number;
}

/** out[i] = table[indices[i] − from], bit by bit. An index outside the table gives a row of NaN. */
export function gather({ indices, count, rows, width, from }: Rows, table: Place, out: Place): Dispatch[] {
  if (count * width === 0) return [];
  const params: Params = { rows, width, firstRow: from };
  const index = address("indices", indices, ["i / p.width"], params);
  const source = address("table", table, ["row * p.width", "i % p.width"], params);
  return [
    forEach(count * width, { params, needs: ["numbers"] }, [
      `let row = ${index} - p.firstRow;`,
      "var word = nanBits;",
      `if (row < p.rows) { word = ${source}; }`,
      `${address("y", out, ["i"], params)} = word;`,
    ]),
  ];
}

/**
 * out [rows, width] = Σ over the indices that lead to each row of their updates, in order; an index outside is left
 * out. Every number of the output looks through all indices, so that no two threads write to one.
 */
export function scatterAdd(
  { indices, count, rows, width, from }: Rows,
  updates: Omit<View, "strides">,
  out: Place,
): Dispatch[] {
  if (rows * width === 0) return [];
  const params: Params = { indexCount: count, width, firstRow: from };
  const index = address("indices", indices, ["k"], params);
  const update = numberOf(address("updates", updates, ["k * p.width", "column"], params), updates.dtype);
  return [
    forEach(rows * width, { params }, [
      "let wanted = i / p.width + p.firstRow;",
      "let column = i % p.width;",
      "var sum = 0.0;",
      "for (var k = 0u; k < p.indexCount; k++) {",
      `  if (${index} == wanted) { sum += ${update}; }`,
      "}",
      `${address("y", out, ["i"], params)} = bitcast<u32>(sum);`,
    ]),
  ];
}
