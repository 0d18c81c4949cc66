/**
 * Where cells stand across the way of the data: as many lines straight as can be, the important ones first,
 * then everything as near to its neighbours as the order allows.
 */

/** A cell's room on both sides of its axis, given by the least distance to the next cell of its column. */
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
  const blocks = new Blocks(columns, apart);
  for (const { from, to, shift } of [...links].sort((a, b) => b.weight - a.weight))
    blocks.straighten(from, to, shift);
  return blocks.settle(links);
}

interface Block {
  /** Offsets of its cells from the block's own place. */
  readonly cells: Map<string, number>;
  at: number;
}

class Blocks {
  readonly #blockOf = new Map<string, Block>();
  readonly #next = new Map<string, readonly [cell: string, distance: number]>();
  readonly #previous = new Map<string, readonly [cell: string, distance: number]>();

  constructor(columns: readonly (readonly string[])[], apart: (first: string, second: string) => number) {
    for (const column of columns)
      for (const [i, cell] of column.entries()) {
        this.#blockOf.set(cell, { cells: new Map([[cell, 0]]), at: 0 });
        const before = column[i - 1];
        if (before === undefined) continue;
        const distance = apart(before, cell);
        this.#next.set(before, [cell, distance]);
        this.#previous.set(cell, [before, distance]);
      }
  }

  #block(cell: string): Block {
    return this.#blockOf.get(cell) as Block;
  }

  /** Ties two cells together if what is already tied leaves room for it. */
  straighten(from: string, to: string, shift: number): void {
    const [a, b] = [this.#block(from), this.#block(to)];
    if (a === b) return;
    // b = a + gap
    const gap = (a.cells.get(from) as number) + shift - (b.cells.get(to) as number);
    if (this.#least(a, b) > gap || this.#least(b, a) > -gap) return;
    for (const [cell, offset] of b.cells) {
      a.cells.set(cell, offset + gap);
      this.#blockOf.set(cell, a);
    }
  }

  /** The least distance from block a to block b that the columns demand: the longest path, −∞ without one. */
  #least(a: Block, b: Block): number {
    const far = new Map<Block, number>([[a, 0]]);
    const queue = [a];
    for (let block = queue.shift(); block; block = queue.shift()) {
      const start = far.get(block) as number;
      for (const [cell, offset] of block.cells) {
        const below = this.#next.get(cell);
        if (!below) continue;
        const next = this.#block(below[0]);
        const distance = start + offset + below[1] - (next.cells.get(below[0]) as number);
        if (next === block || distance <= (far.get(next) ?? Number.NEGATIVE_INFINITY)) continue;
        far.set(next, distance);
        if (next !== b && next !== a) queue.push(next);
      }
    }
    return a === b ? 0 : (far.get(b) ?? Number.NEGATIVE_INFINITY);
  }

  /** Least and largest place that the neighbours' places leave to a block. */
  #bounds(block: Block): readonly [number, number] {
    let least = Number.NEGATIVE_INFINITY;
    let largest = Number.POSITIVE_INFINITY;
    for (const [cell, offset] of block.cells) {
      const above = this.#previous.get(cell);
      if (above && this.#block(above[0]) !== block)
        least = Math.max(least, this.#at(above[0]) + above[1] - offset);
      const below = this.#next.get(cell);
      if (below && this.#block(below[0]) !== block)
        largest = Math.min(largest, this.#at(below[0]) - below[1] - offset);
    }
    return [least, largest];
  }

  #at(cell: string): number {
    const block = this.#block(cell);
    return block.at + (block.cells.get(cell) as number);
  }

  settle(links: readonly Link[]): ReadonlyMap<string, number> {
    const blocks = [...new Set(this.#blockOf.values())];
    for (let moved = true; moved; ) {
      moved = false;
      for (const block of blocks) {
        const [least] = this.#bounds(block);
        if (least > block.at + 1e-6) {
          block.at = least;
          moved = true;
        }
      }
    }
    const wishes = new Map<Block, (() => number)[]>(blocks.map((block) => [block, []]));
    for (const { from, to, shift } of links) {
      const [a, b] = [this.#block(from), this.#block(to)];
      if (a === b) continue;
      wishes.get(a)?.push(() => a.at + this.#at(to) - shift - this.#at(from));
      wishes.get(b)?.push(() => b.at + this.#at(from) + shift - this.#at(to));
    }
    for (let round = 0; round < 8; round++) {
      blocks.sort((a, b) => (round % 2 ? a.at - b.at : b.at - a.at));
      for (const block of blocks) {
        const places = (wishes.get(block) as (() => number)[]).map((wish) => wish()).sort((a, b) => a - b);
        if (places.length === 0) continue;
        const middle =
          ((places[(places.length - 1) >> 1] as number) + (places[places.length >> 1] as number)) / 2;
        const [least, largest] = this.#bounds(block);
        block.at = Math.max(least, Math.min(largest, middle));
      }
    }
    return new Map([...this.#blockOf.keys()].map((cell) => [cell, this.#at(cell)]));
  }
}
