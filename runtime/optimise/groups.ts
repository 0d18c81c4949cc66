import type { Op, OpOf, Program, ValueId } from "../program.js";

/** Whether an operation may be joined to others: it is elementwise, and its results are reals. */
export const isFusible = (op: Op | undefined, { values }: Program): op is OpOf<"elementwise"> =>
  op?.prim === "elementwise" && op.outputs.every((id) => values[id]?.dtype === "float32");

/** Elementwise operations that become one, or a single other operation. */
export interface Group {
  /** Its number: the place of its last member in the program. */
  readonly at: number;
  readonly members: Op[];
  /** Operations of other groups that are done here once more, so that no value need be kept for it. */
  readonly again: Op[];
  /** What it reads. */
  readonly inputs: Set<ValueId>;
}

/** The operations of a program in groups, each reading others, never in a circle. */
export class Groups {
  readonly live: Set<Group>;
  readonly #makerOf = new Map<ValueId, Group>();
  /** For each group the numbers of those that run before it, as bits. */
  readonly #before: Uint32Array[];

  constructor({ ops }: Program) {
    const groups = ops.map((op, at): Group => ({ at, members: [op], again: [], inputs: new Set(op.inputs) }));
    this.live = new Set(groups);
    groups.forEach((group, i) => {
      for (const id of ops[i]?.outputs ?? []) this.#makerOf.set(id, group);
    });
    this.#before = groups.map(() => new Uint32Array(Math.ceil(ops.length / 32)));
    for (const group of groups) for (const source of this.sourcesOf(group)) this.#follow(group, source);
  }

  makerOf(id: ValueId): Group | undefined {
    return this.#makerOf.get(id);
  }
  /** The groups that it reads. */
  sourcesOf(group: Group): Set<Group> {
    const sources = new Set<Group>();
    for (const id of group.inputs) {
      const maker = this.#makerOf.get(id);
      if (maker) sources.add(maker);
    }
    return sources;
  }
  /** True when `from` runs before `to` by way of some other group. */
  between(from: Group, to: Group): boolean {
    for (const source of this.sourcesOf(to)) if (source !== from && this.#isBefore(from, source)) return true;
    return false;
  }
  /** Makes `source`, which `group` reads and which is not before it by way of others, a part of it. */
  merge(source: Group, group: Group): void {
    group.members.unshift(...source.members);
    for (const op of source.members)
      for (const id of op.outputs) {
        this.#makerOf.set(id, group);
        group.inputs.delete(id);
      }
    for (const id of source.inputs) group.inputs.add(id);
    this.live.delete(source);
    // What comes after the source now comes after the group and all before it.
    for (const other of this.live)
      if (this.#isBefore(source, other) && other !== group && !this.#isBefore(group, other))
        this.#follow(other, group);
  }

  #isBefore(first: Group, second: Group): boolean {
    const word = this.#before[second.at]?.[first.at >> 5] as number;
    return ((word >>> (first.at & 31)) & 1) === 1;
  }
  #follow(group: Group, source: Group): void {
    const own = this.#before[group.at] as Uint32Array;
    const other = this.#before[source.at] as Uint32Array;
    for (let i = 0; i < own.length; i++) own[i] = (own[i] as number) | (other[i] as number);
    own[source.at >> 5] = (own[source.at >> 5] as number) | (1 << (source.at & 31));
  }
}
