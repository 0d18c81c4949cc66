/** Fewer crossings: each cell goes to the mean place of its neighbours, column after column, to and fro. */

export interface Smoothed {
  readonly columns: readonly (readonly string[])[];
  readonly crossings: number;
}

/** Rounds, and how many of them may pass without a better order. */
const rounds = 16;
const patience = 6;

/** The best order on the way. `fixed` columns stay as they are. Deterministic. */
export function smoothed(
  start: readonly (readonly string[])[],
  hops: readonly { readonly from: string; readonly to: string }[],
  fixed: (column: readonly string[]) => boolean,
): Smoothed {
  const ids = start.flat();
  const index = new Map(ids.map((id, i) => [id, i]));
  const columns = start.map((column) => column.map((id) => index.get(id) as number));
  const place = new Float64Array(ids.length);
  const lines = hops.map(({ from, to }) => [index.get(from) as number, index.get(to) as number] as const);
  const left: number[][] = ids.map(() => []);
  const right: number[][] = ids.map(() => []);
  for (const [from, to] of lines) {
    right[from]?.push(to);
    left[to]?.push(from);
  }
  const settle = (column: readonly number[]): void => {
    for (const [i, cell] of column.entries()) place[cell] = i;
  };
  columns.forEach(settle);
  const movable = columns
    .map((_, c) => c)
    .filter((c) => columns[c] && columns[c].length > 1 && !fixed(start[c] ?? []));

  let best = columns.map((column) => [...column]);
  let fewest = crossings(columns, right, place);
  for (let round = 0, idle = 0; round < rounds && idle < patience && fewest > 0; round++, idle++) {
    const forwards = round % 2 === 0;
    const neighbours = forwards ? left : right;
    const tie = round % 4 < 2 ? 1 : -1;
    for (const c of forwards ? movable : [...movable].reverse()) {
      const column = columns[c] as number[];
      const wish = new Map(
        column.map((cell) => [cell, mean(neighbours[cell] ?? [], place) ?? (place[cell] as number)]),
      );
      column.sort(
        (a, b) =>
          (wish.get(a) as number) - (wish.get(b) as number) ||
          tie * ((place[a] as number) - (place[b] as number)),
      );
      settle(column);
    }
    const count = crossings(columns, right, place);
    if (count >= fewest) continue;
    best = columns.map((column) => [...column]);
    fewest = count;
    idle = -1;
  }
  return { columns: best.map((column) => column.map((cell) => ids[cell] as string)), crossings: fewest };
}

function mean(cells: readonly number[], place: Float64Array): number | null {
  if (cells.length === 0) return null;
  let sum = 0;
  for (const cell of cells) sum += place[cell] as number;
  return sum / cells.length;
}

/** How many pairs of lines cross. */
function crossings(
  columns: readonly (readonly number[])[],
  right: readonly (readonly number[])[],
  place: Float64Array,
): number {
  let count = 0;
  for (const column of columns) {
    const ends: number[] = [];
    for (const cell of column) {
      const here = (right[cell] ?? []).map((to) => place[to] as number);
      for (const end of here) for (const other of ends) if (other > end) count++;
      ends.push(...here);
    }
  }
  return count;
}
