/** Results of which a fragment makes several texels at once. */
import type { Value } from "../../program.js";
import { columnsOf, type Layout, texelsOf } from "./memory.js";
import type { Draw, Painter } from "./painter.js";
import type { Shader } from "./shader.js";

/** The text for 0 … count − 1. */
export const each = (count: number, text: (k: number) => string, between = "\n"): string =>
  Array.from({ length: count }, (_, k) => text(k)).join(between);

/** A sum of outer products x yᵀ of texels, x for four rows and y for four columns of the result. */
export interface Planes {
  /** […, rows, columns]. */
  readonly value: Value;
  /** The number of terms of each sum. */
  readonly steps: number;
  /** The result in texels for four rows each: the names `i0`, `i1`, … are the place in it. */
  readonly places: readonly number[];
  /** The rows of the result that belong together: those above a multiple of it are others'. */
  readonly rows: number;
  /** Defines `finish(product, t)`, with the operation's further operands from `first` on. */
  readonly finish?: (shader: Shader, operands: readonly Layout[], first: number) => void;
  /** The loop over the terms `from` … `to` − 1, in which ADD stands for what is done with `vec4 x, y`. */
  readonly write: (shader: Shader, operands: readonly Layout[]) => string;
}

/**
 * Four planes of texels, one for each row of four, of several parts of each sum, so that there is enough to do at a
 * time; then they are added up and interleaved. Operands: the product's two, then those of the epilogue.
 */
export function planes(painter: Painter, { value, steps, places, rows, finish, write }: Planes): Draw {
  const size = places.reduce((n, d) => n * d, 1);
  const parts = Math.max(
    1,
    Math.min(Math.floor(steps / 16), Math.ceil(Math.max(fragments / size, steps / 128))),
  );
  const window = Math.ceil(steps / parts);
  const plane: Value = { dtype: "float32", shape: [Math.ceil(steps / window), 4 * size] };
  const draw = painter.prepare({
    outputs: [plane, plane, plane, plane],
    write: (shader, layouts) => {
      const index = places.map((_, axis) => {
        const strides = places.map((_, k) => (k === axis ? 1 : 0));
        return `int i${axis} = ${shader.project("place", places, strides)};`;
      });
      const loop = write(shader, layouts);
      const [all, limit, each_] = [shader.int(size), shader.int(steps), shader.int(window)];
      return {
        main: `int part = div(t, ${all}), place = t - part * ${all}; ${index.join(" ")}
          int from = part * ${each_}, to = min(${limit}, from + ${each_});
          ${each(4, (r) => `vec4 sum${r} = vec4(0);`)}
          ${loop.replace(
            "ADD",
            each(4, (r) => `sum${r} += x.${"xyzw"[r]} * y;`),
          )}`,
        results: ["sum0", "sum1", "sum2", "sum3"],
      };
    },
  });
  const width = texelsOf(columnsOf(value.shape));
  const join = painter.prepare({
    outputs: [value],
    write: (shader, layouts) => {
      layouts.slice(0, 4).forEach((layout, k) => {
        shader.texels(k, layout);
      });
      if (finish) finish(shader, layouts, 4);
      else shader.define("vec4 finish(vec4 product, int t) { return product; }");
      const [across, down, all] = [shader.int(width), shader.int(rows), shader.int(size)];
      const four = shader.int(Math.ceil(rows / 4));
      return {
        main: `int q = div(t, ${across}), s = div(q, ${down}), row = q - s * ${down};
          int at = (s * ${four} + (row >> 2)) * ${across} + t - q * ${across}, r = row & 3;
          vec4 sum = vec4(0);
          for (int k = 0; k < ${shader.int(plane.shape[0] as number)}; k++, at += ${all}) {
            if (r == 0) sum += X0(at); else if (r == 1) sum += X1(at); else if (r == 2) sum += X2(at); else sum += X3(at);
          }`,
        results: ["finish(sum, t)"],
      };
    },
  });
  return (xs) => {
    const made = draw(xs.slice(0, 2));
    const result = join([...made, ...xs.slice(2)]);
    for (const part of made) painter.memory.disposeData(part);
    return result;
  };
}

/** About so many fragments of four texels are drawn at a time. */
const fragments = 1024;
