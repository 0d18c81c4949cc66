/**
 * Where cells stand across the way of the data: as many lines straight as can be, the important ones first,
 * then everything as near to its neighbours as the order allows.
 */

/** A line between two cells. */
export interface Link {
  readonly from: string;
  readonly to: string;
  /** The line is straight where to = from + shift. */
  readonly shift: number;
  /** Larger is straightened first. */
  readonly weight: number;
}

/**
 * The place of each cell; in every column, neighbours keep their order and the distance that `apart` gives.
 * Deterministic: equal input, equal places.
 */
export function place(
  columns: readonly (readonly string[])[],
  apart: (first: string, second: string) => number,
  links: readonly Link[],
): ReadonlyMap<string, number> {
  const ids = columns.flat();
  const index = new Map(ids.map((id, i) => [id, i]));
  // Neighbours in a column have neighbouring numbers; distance[i] is that from cell i − 1, or −1 at the top of a column.
  const distance = columns.flatMap((column) =>
    column.map((id, i) => (i === 0 ? -1 : apart(column[i - 1] as string, id))),
  );
  const blocks = new Blocks(distance);
  const ties = links.map(({ from, to, shift, weight }) => ({
    from: index.get(from) as number,
    to: index.get(to) as number,
    shift,
    weight,
  }));
  for (const { from, to, shift } of [...ties].sort((a, b) => b.weight - a.weight))
    blocks.straighten(from, to, shift);
  const places = blocks.settle(ties);
  return new Map(ids.map((id, i) => [id, places[i] as number]));
}

interface Tie {
  readonly from: number;
  readonly to: number;
  readonly shift: number;
}

/** Cells that are tied together: each has its block, and its offset from the block's own place. */
class Blocks {
  readonly #block: Int32Array;
  readonly #offset: Float64Array;
  readonly #at: Float64Array;
  readonly #cells: number[][];
  readonly #far: Float64Array;

  constructor(private readonly distance: readonly number[]) {
    const { length } = distance;
    this.#block = Int32Array.from({ length }, (_, i) => i);
    this.#offset = new Float64Array(length);
    this.#at = new Float64Array(length);
    this.#far = new Float64Array(length);
    this.#cells = distance.map((_, i) => [i]);
  }

  #blockOf = (cell: number): number => this.#block[cell] as number;
  #offsetOf = (cell: number): number => this.#offset[cell] as number;
  #cellsOf = (block: number): readonly number[] => this.#cells[block] as number[];
  #place = (cell: number): number => (this.#at[this.#blockOf(cell)] as number) + this.#offsetOf(cell);
  /** The distance to the next cell of the column, or −1. */
  #below = (cell: number): number => this.distance[cell + 1] ?? -1;

  /** Ties two cells together if what is already tied leaves room for it. */
  straighten(from: number, to: number, shift: number): void {
    const [a, b] = [this.#blockOf(from), this.#blockOf(to)];
    if (a === b) return;
    // place(b) = place(a) + gap
    const gap = this.#offsetOf(from) + shift - this.#offsetOf(to);
    if (this.#exceeds(a, b, gap) || this.#exceeds(b, a, -gap)) return;
    for (const cell of this.#cellsOf(b)) {
      this.#block[cell] = a;
      this.#offset[cell] = this.#offsetOf(cell) + gap;
    }
    this.#cells[a]?.push(...this.#cellsOf(b));
    this.#cells[b] = [];
  }

  /** Whether the columns demand more than `gap` from block a to block b: whether the longest path is longer. */
  #exceeds(a: number, b: number, gap: number): boolean {
    this.#far.fill(Number.NEGATIVE_INFINITY);
    this.#far[a] = 0;
    const queue = [a];
    for (let q = 0; q < queue.length; q++) {
      const block = queue[q] as number;
      const start = this.#far[block] as number;
      for (const cell of this.#cellsOf(block)) {
        const below = this.#below(cell);
        if (below < 0) continue;
        const next = this.#blockOf(cell + 1);
        const far = start + this.#offsetOf(cell) + below - this.#offsetOf(cell + 1);
        if (next === block || far <= (this.#far[next] as number)) continue;
        if (next === b && far > gap) return true;
        this.#far[next] = far;
        if (next !== b && next !== a) queue.push(next);
      }
    }
    return false;
  }

  /** Least and largest place that the neighbours' places leave to a block. */
  #bounds(block: number): readonly [number, number] {
    let least = Number.NEGATIVE_INFINITY;
    let largest = Number.POSITIVE_INFINITY;
    for (const cell of this.#cellsOf(block)) {
      const [above, below] = [this.distance[cell] as number, this.#below(cell)];
      if (above >= 0) least = Math.max(least, this.#place(cell - 1) + above - this.#offsetOf(cell));
      if (below >= 0) largest = Math.min(largest, this.#place(cell + 1) - below - this.#offsetOf(cell));
    }
    return [least, largest];
  }

  /** First everything as far up as it goes, then each block to the middle of where its lines want it. */
  settle(ties: readonly Tie[]): readonly number[] {
    const blocks = this.#cells.flatMap((cells, block) => (cells.length > 0 ? [block] : []));
    for (let moved = true; moved; ) {
      moved = false;
      for (const block of blocks) {
        const [least] = this.#bounds(block);
        if (least <= (this.#at[block] as number) + 1e-6) continue;
        this.#at[block] = least;
        moved = true;
      }
    }
    const wishes = new Map<
      number,
      { readonly own: number; readonly other: number; readonly shift: number }[]
    >();
    for (const block of blocks) wishes.set(block, []);
    for (const { from, to, shift } of ties) {
      if (this.#blockOf(from) === this.#blockOf(to)) continue;
      wishes.get(this.#blockOf(from))?.push({ own: from, other: to, shift: -shift });
      wishes.get(this.#blockOf(to))?.push({ own: to, other: from, shift });
    }
    for (let round = 0; round < 8; round++) {
      blocks.sort((a, b) => ((this.#at[a] as number) - (this.#at[b] as number)) * (round % 2 ? 1 : -1));
      for (const block of blocks) {
        const wanted = (wishes.get(block) ?? []).map(
          ({ own, other, shift }) => this.#place(other) + shift - this.#offsetOf(own),
        );
        if (wanted.length === 0) continue;
        wanted.sort((a, b) => a - b);
        const middle =
          ((wanted[(wanted.length - 1) >> 1] as number) + (wanted[wanted.length >> 1] as number)) / 2;
        const [least, largest] = this.#bounds(block);
        this.#at[block] = Math.max(least, Math.min(largest, middle));
      }
    }
    return Array.from(this.distance, (_, cell) => this.#place(cell));
  }
}
