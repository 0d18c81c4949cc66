/**
 * C[m, n] = op(A)·op(B), the operands stored as they are or transposed: A is [m, k] or [k, m], B is [k, n] or [n, k].
 * Blocks after Goto and van de Geijn (2008): panels of 8 columns of B are packed once for each block of k, rows of A
 * stay where they are or are packed in panels of 6, and a block of 6×8 of C stays in registers. What is few in one direction goes by
 * sums of rows or by dot products instead. Each number of C is one sum in an order that k alone decides.
 */
import { panelFromColumns, panelFromRows, transpose } from "./pack";
import { strideTile } from "./stride-tile";
import { dots, sumOfRows } from "./thin";
import { addCorner, tile, tileColumns, tileRows } from "./tile";

/** Numbers of k in a block: a panel of either factor stays in the first cache. */
const blockK: i32 = 256;
/** Columns of B in a block, which stays in the second cache. */
const blockN: i32 = 512;
/** At most this many rows, columns or inner numbers are few. */
const few: i32 = 4;

/** The bytes that `matmul` needs at `scratch`. Vectors may be read, and dropped, past the end of an operand. */
export function matmulScratch(m: i32, n: i32, k: i32): usize {
  const packed = (min(n, blockN) + tileColumns + tileRows) * min(k, blockK) + tileRows * tileColumns;
  return <usize>(max(packed, few * max(m, max(n, k))) << 2) + 64;
}

/** The parts that each product of a stack is cut into: panels of rows or of columns of C, whichever are more. */
export function matmulParts(m: i32, n: i32): i32 {
  return m >= n ? (m + tileRows - 1) / tileRows : (n + tileColumns - 1) / tileColumns;
}

/**
 * A stack of products: the factors of product g lie g·stepA and g·stepB bytes after the first, the products one
 * after another. Only the parts `from` … `to` − 1 of all products' are made.
 */
export function matmul(
  a: usize,
  b: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  transposeA: bool,
  transposeB: bool,
  stepA: usize,
  stepB: usize,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  const parts = matmulParts(m, n);
  while (from < to) {
    const g = from / parts;
    const first = from - g * parts;
    const last = min(parts, to - g * parts);
    const at = c + ((<usize>g * <usize>(m * n)) << 2);
    product(
      a + <usize>g * stepA,
      b + <usize>g * stepB,
      at,
      m,
      n,
      k,
      transposeA,
      transposeB,
      first,
      last,
      scratch,
    );
    from += last - first;
  }
}

function product(
  a: usize,
  b: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  transposeA: bool,
  transposeB: bool,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  const rowA: usize = transposeA ? 4 : <usize>(k << 2);
  const columnA: usize = transposeA ? <usize>(m << 2) : 4;
  const rowB: usize = transposeB ? 4 : <usize>(n << 2);
  const columnB: usize = transposeB ? <usize>(k << 2) : 4;
  const rowC = <usize>(n << 2);
  const byRowsOfB = k <= few || (m <= few && !transposeB);
  const fewRows = m <= few;
  const fewColumns = n <= few;
  if (m >= n) {
    a += <usize>(from * tileRows) * rowA;
    c += <usize>(from * tileRows) * rowC;
    m = min(m, to * tileRows) - from * tileRows;
  } else {
    b += <usize>(from * tileColumns) * columnB;
    c += (<usize>(from * tileColumns)) << 2;
    n = min(n, to * tileColumns) - from * tileColumns;
  }
  if (byRowsOfB) {
    let stride = rowB;
    if (transposeB) {
      transpose(b, n, k, scratch);
      b = scratch;
      stride = <usize>(n << 2);
    }
    sumOfRows(a, rowA, columnA, b, stride, c, rowC, m, n, k);
  } else if (fewColumns && transposeA) {
    const out = n === 1 ? c : scratch;
    sumOfRows(b, columnB, rowB, a, columnA, out, <usize>(m << 2), n, m, k);
    if (n > 1) transpose(out, n, m, c);
  } else if (fewColumns) {
    if (!transposeB) {
      transpose(b, k, n, scratch);
      b = scratch;
    }
    dots(a, b, c, rowC, 4, m, n, k);
  } else if (fewRows) {
    if (transposeA) {
      transpose(a, k, m, scratch);
      a = scratch;
    }
    dots(b, a, c, 4, rowC, n, m, k);
  } else blocked(a, rowA, columnA, b, rowB, columnB, c, rowC, m, n, k, scratch);
}

function blocked(
  a: usize,
  rowA: usize,
  columnA: usize,
  b: usize,
  rowB: usize,
  columnB: usize,
  c: usize,
  rowC: usize,
  m: i32,
  n: i32,
  k: i32,
  scratch: usize,
): void {
  const depth = (k + (k + blockK - 1) / blockK - 1) / ((k + blockK - 1) / blockK);
  const corner = scratch;
  const panelA = corner + <usize>((tileRows * tileColumns) << 2);
  const panelsB = panelA + <usize>((tileRows * depth) << 2);
  const panelBytes = <usize>((tileColumns * depth) << 2);
  for (let j = 0; j < n; j += blockN) {
    const columns = min(blockN, n - j);
    for (let p = 0; p < k; p += depth) {
      const inner = min(depth, k - p);
      let panel = panelsB;
      for (let q = 0; q < columns; q += tileColumns) {
        const from = b + <usize>p * rowB + <usize>(j + q) * columnB;
        if (columnB === 4) panelFromColumns(from, rowB, inner, panel, tileColumns);
        else panelFromRows(from, columnB, min(tileColumns, columns - q), inner, panel, tileColumns);
        panel += panelBytes;
      }
      for (let i = 0; i < m; i += tileRows) {
        const rows = min(tileRows, m - i);
        const from = a + <usize>i * rowA + <usize>p * columnA;
        const to = c + <usize>i * rowC + <usize>(j << 2);
        // Rows of A need no panel where they lie; the last ones may not be six.
        if (columnA === 4 && rows === tileRows)
          rowOfTiles(from, rowA, 4, panelsB, panelBytes, to, rowC, rows, columns, inner, p > 0, corner);
        else {
          if (rowA === 4) panelFromColumns(from, columnA, inner, panelA, tileRows);
          else panelFromRows(from, rowA, rows, inner, panelA, tileRows);
          rowOfTiles(panelA, 4, 24, panelsB, panelBytes, to, rowC, rows, columns, inner, p > 0, corner);
        }
      }
    }
  }
}

/** The tiles of up to six rows of C and so many `columns`; number (i, p) of A lies at a + i·aRow + p·aStep. */
function rowOfTiles(
  a: usize,
  aRow: usize,
  aStep: usize,
  panelB: usize,
  panelBytes: usize,
  c: usize,
  stride: usize,
  rows: i32,
  columns: i32,
  k: i32,
  accumulate: bool,
  corner: usize,
): void {
  for (let q = 0; q < columns; q += tileColumns) {
    const width = min(tileColumns, columns - q);
    if (rows < tileRows || width < tileColumns) {
      strideTile(a, aRow, aStep, panelB, 32, corner, <usize>(tileColumns << 2), k, false);
      addCorner(corner, c, stride, rows, width, accumulate);
    } else if (aRow === 4) tile(a, panelB, c, stride, k, accumulate);
    else strideTile(a, aRow, aStep, panelB, 32, c, stride, k, accumulate);
    panelB += panelBytes;
    c += <usize>(tileColumns << 2);
  }
}
