/**
 * One elementwise operation as one WebAssembly function: nested loops over the output, the innermost in vectors of
 * four. What does not change in a loop is computed outside of it.
 */
import type { Step } from "../../../dsl/net.js";
import { type Instruction, inline } from "./inline.js";
import { basicNames } from "./load-kernels.js";
import { isComparison, maskToNumber, scalarCode } from "./scalar.js";
import { isSummed, type Loops, type View } from "./views.js";
import { type Code, type ModuleFunction, type ValueType, instructions as wasm } from "./wasm.js";

export interface ElementwiseFunction {
  readonly body: readonly Step[];
  /** For each output view, the step that it holds. */
  readonly results: readonly number[];
  /** Merged. */
  readonly loops: Loops;
}

/** The views that a function has a pointer of its own for: those of one address and the same strides have one. */
export interface Pointers {
  /** The pointer of each view, inputs first. */
  readonly of: readonly number[];
  readonly addresses: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

export function pointersOf({ inputs, outputs }: Loops): Pointers {
  const known = new Map<string, number>();
  const pointers = { of: [] as number[], addresses: [] as number[], strides: [] as (readonly number[])[] };
  for (const { address, strides } of [...inputs, ...outputs]) {
    const key = `${address} ${strides}`;
    const pointer = known.get(key) ?? known.size;
    pointers.of.push(pointer);
    if (pointer === known.size) {
      known.set(key, pointer);
      pointers.addresses.push(address);
      pointers.strides.push(strides);
    }
  }
  return pointers;
}

/** Equal for what is one function, given other addresses. */
export const keyOf = ({ body, results, loops }: ElementwiseFunction, pointers: Pointers): string =>
  JSON.stringify([
    loops.sizes,
    pointers.of,
    pointers.strides,
    [...loops.inputs, ...loops.outputs].map(({ dtype }) => dtype),
    results,
    body,
  ]);

/** Vectors of a loop's body: short bodies are repeated, since every turn of a loop has a price. */
const vectorsPerTurn = (steps: number): number => (steps <= 4 ? 4 : steps <= 16 ? 2 : 1);

/**
 * A function of the addresses of its pointers. Numbers past the end of an input are read in the last vector of a row,
 * and dropped; outputs are written exactly, or added to what is there where they are sums. An output may lie where an input of the same strides lies. `fused`: with
 * instructions of relaxed SIMD.
 */
export function writeElementwise(
  given: ElementwiseFunction,
  pointers: Pointers,
  fused: boolean,
): ModuleFunction {
  const { body, places } = inline(given.body, fused);
  const results = given.results.map((result) => places[result] as number);
  const { loops } = given;
  const { sizes, inputs, outputs } = loops;
  const depth = sizes.length;
  const params = pointers.addresses.length;
  const locals: ValueType[] = [];
  const local = (type: ValueType): number => params + locals.push(type) - 1;

  // The number of loops around the place where a step is computed.
  const levels: number[] = [];
  for (const step of body) levels.push(levelOf(step));
  function levelOf(step: Instruction): number {
    if (step.op === "input")
      return (inputs[Number(step.name)]?.strides.findLastIndex((s) => s !== 0) ?? -1) + 1;
    return "args" in step ? Math.max(0, ...step.args.map((a) => levels[a] as number)) : 0;
  }
  const needed = new Set(results);
  for (let s = body.length - 1; s >= 0; s--) {
    const step = body[s] as Instruction;
    if (needed.has(s) && "args" in step) for (const a of step.args) needed.add(a);
  }
  const numbers = body.map(() => local("v128"));
  const masks = new Map(body.flatMap(({ op }, s) => (isComparison(op) ? [[s, local("v128")] as const] : [])));

  /** Computes the steps of a level; `bytes` is how far beyond their pointers the inputs are read. */
  const compute = (level: number, bytes = 0): Code =>
    body.flatMap((step, s) =>
      levels[s] === level && needed.has(s) ? [...value(step, s, bytes), ...keep(s)] : [],
    );
  const keep = (s: number): Code => wasm.set(numbers[s] as number);

  function value(step: Instruction, s: number, bytes: number): Code {
    if (step.op === "constant") return wasm.splat(step.value);
    if (step.op === "lookup")
      throw new Error("simd: elementwise takes no lookup step; it is lowered to gather");
    if (step.op === "input") return read(Number(step.name), bytes);
    const position = (i: number): number => step.args[i] as number;
    const arg = (i: number): Code => wasm.get(numbers[position(i)] as number);
    if (step.op === "code") return [...step.args.flatMap((_, i) => arg(i)), ...step.code];
    const code = scalarCode[step.op]({
      arg,
      condition: () => {
        const mask = masks.get(position(0));
        return mask === undefined ? [...arg(0), ...wasm.splat(0), ...wasm.ne] : wasm.get(mask);
      },
      kernel: (name) => wasm.call(basicNames.indexOf(name)),
    });
    const mask = masks.get(s);
    return mask === undefined ? code : [...code, ...wasm.tee(mask), ...maskToNumber];
  }

  function read(i: number, bytes: number): Code {
    const view = inputs[i] as View;
    const load = view.strides.at(-1) === 1 ? wasm.load(bytes) : wasm.load32Splat(0);
    const convert = view.dtype === "int32" ? wasm.convertFromInt : [];
    return [...wasm.get(pointers.of[i] as number), ...load, ...convert];
  }

  /** Writes the first `count` numbers of every result, `bytes` beyond the outputs' pointers. */
  const write = (bytes: number, count: number): Code =>
    outputs.flatMap((view, o) => {
      const convert = view.dtype === "int32" ? wasm.truncateToInt : [];
      const pointer = wasm.get(pointers.of[inputs.length + o] as number);
      const put = (instruction: Code): Code => [
        ...pointer,
        ...wasm.get(numbers[results[o] as number] as number),
        ...convert,
        ...(isSummed(view, sizes) ? [...pointer, ...wasm.load(bytes), ...wasm.add] : []),
        ...instruction,
      ];
      if (count === 4) return put(wasm.store(bytes));
      return [
        ...(count >= 2 ? put(wasm.store64Lane(bytes, 0)) : []),
        ...(count === 2 ? [] : put(wasm.store32Lane(bytes + (count - 1) * 4, count - 1))),
      ];
    });

  const advance = (bytesFor: (strides: readonly number[]) => number): Code =>
    pointers.strides.flatMap((strides, pointer) => {
      const bytes = bytesFor(strides);
      return bytes === 0
        ? []
        : [...wasm.get(pointer), ...wasm.i32(bytes), ...wasm.i32Add, ...wasm.set(pointer)];
    });

  function repeat(count: number, turn: Code): Code {
    if (count <= 1) return count === 1 ? turn : [];
    const left = local("i32");
    return [
      ...[...wasm.i32(count), ...wasm.set(left), ...wasm.loop, ...turn],
      ...[...wasm.get(left), ...wasm.i32(1), ...wasm.i32Sub, ...wasm.tee(left)],
      ...[...wasm.branchIf(0), ...wasm.end],
    ];
  }

  const size = (axis: number): number => sizes[axis] as number;
  const vectors = vectorsPerTurn(body.filter((_, s) => needed.has(s) && levels[s] === depth).length);
  const turns = Math.floor(size(depth - 1) / (4 * vectors));
  const done = turns * 4 * vectors;

  /** The innermost loop: turns of several vectors, the vectors left over, and what is left of a vector. */
  function innermost(): Code {
    const vector = (bytes: number, count: number): Code => [...compute(depth, bytes), ...write(bytes, count)];
    const turn = Array.from({ length: vectors }, (_, v) => vector(16 * v, 4)).flat();
    const code: number[] = [
      ...repeat(turns, [...turn, ...advance((strides) => 16 * vectors * (strides[depth - 1] as number))]),
    ];
    for (let i = done; i < size(depth - 1); i += 4)
      code.push(...vector(4 * (i - done), Math.min(4, size(depth - 1) - i)));
    return code;
  }

  /** The loop over an axis and those within, leaving each pointer `walked` bytes further. */
  function loop(axis: number): Code {
    if (axis === depth - 1) return [...compute(axis), ...innermost()];
    const walked = (strides: readonly number[]): number =>
      4 * (strides[axis + 1] as number) * (axis + 1 === depth - 1 ? done : size(axis + 1));
    const step = advance((strides) => 4 * (strides[axis] as number) - walked(strides));
    return [...compute(axis), ...repeat(size(axis), [...loop(axis + 1), ...step])];
  }
  return { params, body: loop(0), locals };
}
