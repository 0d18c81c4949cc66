import type { OpOf } from "../../program.js";
import type { Dispatch } from "./kernel.js";
import { type Factor, type ProductEpilogue, product } from "./product.js";
import type { Params, Place } from "./views.js";

/** An operand: where it is, and its shape [g, rows, columns] as it is stored. */
export interface Stack extends Place {
  readonly shape: readonly [number, number, number];
}

/** How far apart the numbers of a factor lie: from group to group, along C, from segment to segment and in one. */
export interface Strides {
  readonly group: number;
  readonly outer: number;
  readonly segment: number;
  readonly inner: number;
}

/** A factor of which nothing is missing. Its parameters are named with `name`: the program is one for all sizes. */
export function strided(name: string, { space, at }: Place, strides: Strides, params: Params): Factor {
  Object.assign(params, {
    [`${name}At`]: at,
    [`${name}Group`]: strides.group,
    [`${name}Outer`]: strides.outer,
    [`${name}Segment`]: strides.segment,
    [`${name}Inner`]: strides.inner,
  });
  return {
    space,
    outer: `return vec4<i32>(i32(p.${name}At) + g * i32(p.${name}Group) + i * i32(p.${name}Outer), 0, 0, 0);`,
    segment: `return vec4<i32>(s * i32(p.${name}Segment), 0, 0, 0);`,
    start: "return vec3<i32>(o.x + s.x, 0, 0);",
    step: `i32(p.${name}Inner)`,
    missing: "nothing",
  };
}

/** Sums are cut into segments of so many numbers. */
const longest = 256;

/** a·b of stacks of matrices, one of which may be of one matrix. */
export function matmul(
  { transposeA, transposeB }: OpOf<"matmul">["attrs"],
  a: Stack,
  b: Stack,
  out: Place,
  scratch: (words: number) => Place,
  epilogue?: ProductEpilogue,
): Dispatch[] {
  const params: Params = {};
  const factor = (name: string, { shape: [g, rows, columns], ...place }: Stack, inRows: boolean): Factor => {
    const inner = inRows ? 1 : columns;
    const outer = inRows ? columns : 1;
    const strides = { group: g === 1 ? 0 : rows * columns, outer, segment: longest * inner, inner };
    return strided(name, place, strides, params);
  };
  const [m, k] = transposeA ? [a.shape[2], a.shape[1]] : [a.shape[1], a.shape[2]];
  return product(
    {
      groups: Math.max(a.shape[0], b.shape[0]),
      m,
      n: b.shape[transposeB ? 1 : 2],
      k,
      length: longest,
      a: factor("a", a, !transposeA),
      b: factor("b", b, transposeB),
      params,
      index: "(g * p.m + row) * p.n + col",
      out,
      ...(epilogue ? { epilogue } : {}),
    },
    scratch,
  );
}
