import type { OpOf } from "../../program.js";
import type { Dispatch } from "./kernel.js";
import { type Factor, type ProductEpilogue, product } from "./product.js";
import type { Params, Place } from "./views.js";

/** An operand: where it is, and its shape [g, rows, columns] as it is stored. */
export interface Stack extends Place {
  readonly shape: readonly [number, number, number];
}

/**
 * A factor whose numbers lie at at + g·group + i·outer + k·inner. Its parameters are named with `name`, so that the
 * program is one for all sizes.
 */
export function strided(
  name: string,
  { space, at }: Place,
  strides: { readonly group: number; readonly outer: number; readonly inner: number },
  params: Params,
): Factor {
  Object.assign(params, {
    [`${name}At`]: at,
    [`${name}Group`]: strides.group,
    [`${name}Outer`]: strides.outer,
    [`${name}Inner`]: strides.inner,
  });
  return {
    outer: `return vec4<i32>(i32(p.${name}At) + g * i32(p.${name}Group) + i * i32(p.${name}Outer), 0, 0, 0);`,
    inner: `return vec4<i32>(k * i32(p.${name}Inner), 0, 0, 0);`,
    load: `return bitcast<f32>(${space}[o.x + k.x]);`,
    along: strides.outer === 1 && strides.inner !== 1 ? "outer" : "inner",
  };
}

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
  const factor = (name: string, { shape: [g, rows, columns], ...place }: Stack, outerFirst: boolean) =>
    strided(
      name,
      place,
      {
        group: g === 1 ? 0 : rows * columns,
        outer: outerFirst ? columns : 1,
        inner: outerFirst ? 1 : columns,
      },
      params,
    );
  const [m, k] = transposeA ? [a.shape[2], a.shape[1]] : [a.shape[1], a.shape[2]];
  const n = b.shape[transposeB ? 1 : 2];
  const groups = Math.max(a.shape[0], b.shape[0]);
  return product(
    {
      groups,
      m,
      n,
      k,
      a: factor("a", a, !transposeA),
      b: factor("b", b, transposeB),
      params,
      index: "(g * p.m + row) * p.n + col",
      out,
      size: groups * m * n,
      ...(epilogue ? { epilogue } : {}),
    },
    scratch,
  );
}
