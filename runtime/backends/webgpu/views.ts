/** Arrays as a kernel sees them: numbers in one of two buffers, walked through with strides. */
import type { Value } from "../../program.js";

/** A program's own memory, or the states that programs may share. */
export type Space = "memory" | "states";
/** Where an array begins, in words of four bytes. */
export interface Place {
  readonly space: Space;
  readonly at: number;
}
/** Element (i₀, i₁, …) of the loops lies at word at + Σ iₐ·strides[a]. */
export interface View extends Place {
  readonly dtype: Value["dtype"];
  readonly strides: readonly number[];
}

/** Loops, outermost first, and each view's strides along them. */
export interface Loops {
  readonly sizes: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** Drops loops of size 1, and joins neighbours that every view walks through as one. */
export function mergeLoops({ sizes, strides }: Loops): Loops {
  const merged: { size: number; strides: number[] }[] = [];
  sizes.forEach((size, axis) => {
    if (size === 1) return;
    const here = strides.map((view) => view[axis] as number);
    const last = merged.at(-1);
    if (last?.strides.every((stride, v) => stride === (here[v] as number) * size)) {
      last.size *= size;
      last.strides = here;
    } else merged.push({ size, strides: here });
  });
  return {
    sizes: merged.map(({ size }) => size),
    strides: strides.map((_, v) => merged.map((loop) => loop.strides[v] as number)),
  };
}

/** Numbers that a kernel is given at each call, by name. */
export type Params = Record<string, number>;

/** The index of one element in each view, less where the view begins: WGSL, and the lines that it needs before. */
export interface Walk {
  readonly lines: readonly string[];
  readonly terms: readonly string[];
}

/**
 * How the flat row-major index `flat` of the loops leads to each view's element. Sizes and strides other than 0 and 1
 * become parameters named with `tag`, so that arrays that differ in size alone have one text.
 */
export function walk(flat: string, tag: string, loops: Loops, params: Params): Walk {
  const { sizes, strides } = mergeLoops(loops);
  const dense = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((n, d) => n * d, 1));
  const used = new Set<number>();
  const terms = strides.map((view, v) => {
    if (sizes.length > 0 && view.every((stride, axis) => stride === dense[axis])) return flat;
    const parts = view.flatMap((stride, axis) => {
      if (stride === 0) return [];
      used.add(axis);
      const index = sizes.length === 1 ? flat : `${tag}${axis}`;
      if (stride === 1) return [index];
      const name = `${tag}Stride${v}_${axis}`;
      params[name] = stride;
      return [`${index} * p.${name}`];
    });
    return parts.join(" + ");
  });
  const lines: string[] = [];
  let rest = flat;
  for (let axis = sizes.length - 1; axis >= Math.min(...used) && sizes.length > 1; axis--) {
    const size = `${tag}Size${axis}`;
    if (axis > 0) params[size] = sizes[axis] as number;
    if (used.has(axis)) lines.push(`let ${tag}${axis} = ${rest}${axis > 0 ? ` % p.${size}` : ""};`);
    if (axis > Math.min(...used)) lines.push(`let ${tag}Rest${axis} = ${rest} / p.${size};`);
    rest = `${tag}Rest${axis}`;
  }
  return { lines, terms };
}

/** The address of an element: where the view begins, a parameter, and the terms of the walks to it. */
export function address(name: string, view: Place, terms: readonly string[], params: Params): string {
  params[name] = view.at;
  return `${view.space}[${[`p.${name}`, ...terms.filter((t) => t !== "")].join(" + ")}]`;
}

/** A word as a number, after its type. */
export const numberOf = (word: string, dtype: Value["dtype"]): string =>
  dtype === "int32" ? `f32(bitcast<i32>(${word}))` : `bitcast<f32>(${word})`;

/** A number as a word of that type; as int32 it is truncated. */
export const wordOf = (number: string, dtype: Value["dtype"]): string =>
  `bitcast<u32>(${dtype === "int32" ? `i32(${number})` : number})`;
