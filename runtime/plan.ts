import { sizeOf } from "../dsl/array.js";
import type { Op, Program, ValueId } from "./program.js";

/** Where every value of a program lives in one block of memory. */
export interface MemoryPlan {
  /** Byte offset of each value, by `ValueId`. Values that share memory say so by their offsets alone. */
  readonly offsets: readonly number[];
  /** The size of the block. */
  readonly bytes: number;
  /** What it would be if every value had memory of its own. */
  readonly unsharedBytes: number;
  /** The bytes that hold something from run to run: inputs, states, constants and outputs. */
  readonly kept: readonly Range[];
}

/** Bytes `from` … `to` − 1 of a block. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What another program of the same block, never running at the same time, has there. */
export interface Occupied {
  /** The offsets of the states that both have, by name. */
  readonly states: Readonly<Record<string, number>>;
  readonly kept: readonly Range[];
  /** Where the other's part of the block ends: what this one keeps begins there. */
  readonly end: number;
}

export interface PlanOptions {
  readonly align?: number;
  readonly beside?: Occupied;
}
const empty: Occupied = { states: {}, kept: [], end: 0 };

/** A piece of memory: the values that lie in it, and the operations between which it is in use. */
interface Region {
  bytes: number;
  first: number;
  last: number;
}
interface Place {
  region: number;
  /** Bytes from the start of the region. */
  at: number;
}

const wordBytes = 4;
const forever = Number.MAX_SAFE_INTEGER;
const leadingOnes = (shape: readonly number[], axis: number): boolean =>
  shape.slice(0, axis).every((d) => d === 1);

/** The element offset of a slice whose elements lie next to one another in its source, else undefined. */
export function contiguousOffset(
  begin: readonly number[],
  size: readonly number[],
  source: readonly number[],
  strides: readonly number[] = [],
): number | undefined {
  if (size.some((d, axis) => d > 1 && (strides[axis] ?? 1) > 1)) return undefined;
  // Contiguous: ones, then one axis cut anywhere, then whole axes.
  let axis = size.length - 1;
  while (axis >= 0 && size[axis] === source[axis]) axis--;
  if (!leadingOnes(size, Math.max(axis, 0))) return undefined;
  return begin.reduce((offset, b, i) => offset + b * sizeOf(source.slice(i + 1)), 0);
}

/**
 * Lays the values of a program out in one block of memory: values that are never needed at the same time share
 * it, a reshape or a contiguous slice lies in its source, the operands of an outermost concatenation lie in its
 * result, an elementwise operation writes over an operand that dies there, and an update writes over its state
 * when nothing reads the old one any more.
 *
 * Inputs, states, constants and outputs keep their memory from run to run. `align` is in bytes, a power of two;
 * default 64. `beside` is a program that shares the block: the states of both are one, and what either needs only
 * while it runs may overlap.
 */
export function planMemory(program: Program, { align = 64, beside = empty }: PlanOptions = {}): MemoryPlan {
  const { values, ops } = program;
  const bytesOf = (id: ValueId): number => sizeOf(values[id]?.shape ?? []) * wordBytes;
  const { lastUse, uses } = usesOf(program);
  const kept = new Set([
    ...Object.values(program.inputs),
    ...Object.values(program.state),
    ...program.constants.keys(),
  ]);
  const given = new Set(Object.values(program.outputs));
  const read = new Set([...given, ...Object.values(program.updates)]);
  const producer = new Map<ValueId, number>(ops.flatMap((op, i) => op.outputs.map((id) => [id, i] as const)));

  const regions: Region[] = [];
  const places = new Map<ValueId, Place>();
  const regionOf = (place: Place): Region => regions[place.region] as Region;
  const put = (id: ValueId, place: Place, born: number): void => {
    places.set(id, place);
    const region = regionOf(place);
    region.first = Math.min(region.first, born);
    region.last = Math.max(region.last, read.has(id) ? forever : (lastUse.get(id) ?? born));
  };
  const fresh = (id: ValueId, first: number, last: number): void => {
    regions.push({ bytes: bytesOf(id), first, last });
    put(id, { region: regions.length - 1, at: 0 }, first);
  };
  for (const id of kept) fresh(id, -1, forever);
  // What is read after the run must not lie in a state that the run changes.
  const changing = new Set(
    Object.keys(program.updates).map((name) => places.get(program.state[name] as ValueId)?.region),
  );

  // Operands of an outermost concatenation are born inside its result.
  const host = concatHosts(program, producer, kept, uses);
  const settle = (id: ValueId, i: number): void => {
    if (places.has(id)) return;
    const inside = host.get(id);
    if (!inside) {
      const state = stateOf.get(id);
      const own = state === undefined ? undefined : places.get(state);
      // The new state may be made in its place where no operation reads the old one.
      if (own && !given.has(id) && lastRead(own.region) < 0 && !holdsOther(own.region, id)) put(id, own, i);
      else fresh(id, i, i);
      return;
    }
    settle(inside.id, i);
    const at = places.get(inside.id) as Place;
    put(id, { region: at.region, at: at.at + inside.bytes }, i);
  };

  const stateOf = new Map(Object.entries(program.updates).map(([name, id]) => [id, program.state[name]]));
  ops.forEach((op, i) => {
    const taken = new Set<number>();
    for (const id of op.outputs) {
      if (places.has(id)) continue;
      const alias = host.has(id) ? undefined : aliasOf(op, program);
      const source = alias && places.get(alias.id);
      if (alias && source && !(read.has(id) && changing.has(source.region))) {
        put(id, { region: source.region, at: source.at + alias.bytes }, i);
        continue;
      }
      const over = host.has(id) ? undefined : overwritten(op, id, i, taken);
      if (over) {
        taken.add(over.region);
        put(id, over, i);
      } else settle(id, i);
    }
  });

  /** The place of an operand that an elementwise operation may write its output over. */
  function overwritten(op: Op, id: ValueId, i: number, taken: ReadonlySet<number>): Place | undefined {
    if (op.prim !== "elementwise") return undefined;
    const alone = (place: Place): boolean =>
      !taken.has(place.region) &&
      op.inputs.every((input) => {
        const other = places.get(input);
        return other?.region !== place.region || (other.at === place.at && bytesOf(input) === bytesOf(id));
      });
    const state = stateOf.get(id);
    const own = state === undefined ? undefined : places.get(state);
    // The state's region is kept for ever: what counts is the last operation that reads anything in it.
    if (own && alone(own) && lastRead(own.region) <= i && !holdsOther(own.region, id)) return own;
    for (const input of op.inputs) {
      const place = places.get(input);
      if (!place || kept.has(input) || place.at !== 0) continue;
      const region = regionOf(place);
      if (
        region.last === i &&
        region.bytes === bytesOf(id) &&
        bytesOf(input) === region.bytes &&
        alone(place)
      )
        return place;
    }
    return undefined;
  }
  /** The last operation that reads a value in the region. */
  function lastRead(region: number): number {
    let last = -1;
    for (const [id, place] of places)
      if (place.region === region) last = Math.max(last, lastUse.get(id) ?? -1);
    return last;
  }
  /** True when another value, to be read after the run, already lies in the region. */
  function holdsOther(region: number, id: ValueId): boolean {
    for (const [other, place] of places)
      if (place.region === region && other !== id && read.has(other)) return true;
    return false;
  }

  const fixed = new Map(
    Object.entries(beside.states).flatMap(([name, at]) => {
      const place = places.get(program.state[name] ?? -1);
      return place ? [[place.region, at] as const] : [];
    }),
  );
  const starts = allocate(regions, align, fixed, beside);
  const offsets = values.map((_, id) => {
    const place = places.get(id);
    return place ? (starts.offsets[place.region] as number) + place.at : -1;
  });
  const unsharedBytes = [...places.keys()].reduce((sum, id) => sum + bytesOf(id), 0);
  const ranges = regions.flatMap(({ last, bytes }, r) => {
    const from = starts.offsets[r] as number;
    return last === forever && !fixed.has(r) ? [{ from, to: from + bytes }] : [];
  });
  return { offsets, bytes: starts.bytes, unsharedBytes, kept: ranges };
}

/** How often each value is read by an operation, and by which last. */
function usesOf(program: Program): { lastUse: Map<ValueId, number>; uses: Map<ValueId, number> } {
  const lastUse = new Map<ValueId, number>();
  const uses = new Map<ValueId, number>();
  program.ops.forEach((op, i) => {
    for (const id of op.inputs) {
      lastUse.set(id, i);
      uses.set(id, (uses.get(id) ?? 0) + 1);
    }
  });
  return { lastUse, uses };
}

/** The value that the output of `op` is a view of, and from which byte on. */
function aliasOf(op: Op, { values }: Program): { id: ValueId; bytes: number } | undefined {
  const [source] = op.inputs;
  const [target] = op.outputs;
  if (source === undefined || target === undefined) return undefined;
  if (op.prim === "reshape") return { id: source, bytes: 0 };
  if (op.prim !== "slice") return undefined;
  const shapes = [target, source].map((id) => values[id]?.shape ?? []) as [number[], number[]];
  const offset = contiguousOffset(op.attrs.begin, ...shapes, op.attrs.strides);
  return offset === undefined ? undefined : { id: source, bytes: offset * wordBytes };
}

/** For every value that may be computed in place inside a concatenation: which one, and where in it. */
function concatHosts(
  program: Program,
  producer: ReadonlyMap<ValueId, number>,
  kept: ReadonlySet<ValueId>,
  uses: ReadonlyMap<ValueId, number>,
): Map<ValueId, { id: ValueId; bytes: number }> {
  const host = new Map<ValueId, { id: ValueId; bytes: number }>();
  for (const op of program.ops) {
    const [result] = op.outputs;
    if (op.prim !== "concat" || result === undefined) continue;
    let bytes = 0;
    for (const operand of op.inputs) {
      const shape = program.values[operand]?.shape ?? [];
      if (leadingOnes(shape, op.attrs.axis)) claim(operand, { id: result, bytes });
      bytes += sizeOf(shape) * wordBytes;
    }
  }
  return host;

  /** Gives the operand, and what it is a reshape of, its place; a value that is used elsewhere too stays where it is. */
  function claim(id: ValueId, place: { id: ValueId; bytes: number }): void {
    const made = producer.get(id);
    const op = made === undefined ? undefined : program.ops[made];
    if (!op || kept.has(id) || host.has(id) || uses.get(id) !== 1 || op.prim === "slice") return;
    const [source] = op.inputs;
    host.set(id, place);
    if (op.prim !== "reshape" || source === undefined) return;
    claim(source, place);
    if (!host.has(source)) host.delete(id);
  }
}

/** First-fit by falling size: no two regions in use at the same time overlap, nor do they what is kept already. */
function allocate(
  regions: readonly Region[],
  align: number,
  fixed: ReadonlyMap<number, number>,
  beside: Occupied,
): { offsets: number[]; bytes: number } {
  const up = (n: number): number => Math.ceil(n / align) * align;
  const offsets = regions.map((_, i) => fixed.get(i) ?? 0);
  const placed: number[] = [];
  const order = regions
    .map((_, i) => i)
    .filter((i) => !fixed.has(i))
    .sort((a, b) => (regions[b] as Region).bytes - (regions[a] as Region).bytes || a - b);
  let total = beside.end;
  for (const i of order) {
    const region = regions[i] as Region;
    const rivals = placed
      .filter(
        (j) => (regions[j] as Region).first <= region.last && region.first <= (regions[j] as Region).last,
      )
      .map((j) => ({ from: offsets[j] as number, to: (offsets[j] as number) + (regions[j] as Region).bytes }))
      .concat(beside.kept)
      .sort((a, b) => a.from - b.from);
    let at = region.last === forever ? up(beside.end) : 0;
    for (const { from, to } of rivals) {
      if (from >= at + up(region.bytes)) break;
      at = Math.max(at, up(to));
    }
    offsets[i] = at;
    placed.push(i);
    total = Math.max(total, at + up(region.bytes));
  }
  return { offsets, bytes: total };
}
