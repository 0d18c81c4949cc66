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
  /** The axes of the result before its rows, however they are counted. */
  readonly lead: readonly number[];
  /** The rows of the result that belong together: those above a multiple of it are others'. */
  readonly rows: number;
  /** Defines `finish(product, t)`, with the operation's further operands from `first` on. */
  readonly finish?: (shader: Shader, operands: readonly Layout[], first: number) => void;
  /**
   * The loop over the terms `from` … `to` − 1, in which ADD stands for what is done with `vec4 y` and `X(k)`, the k-th
   * texel of x. The place is `i0`, `i1`, … on the axes of `lead`, then `down` and `across` in texels.
   */
  readonly write: (shader: Shader, operands: readonly Layout[]) => string;
}

/**
 * A plane of texels for each row of four, or of eight where two texels of x share a texel of y; of several parts of
 * each sum, so that there is enough to do at a time. Then they are added up and interleaved. Operands: the product's
 * two, then those of the epilogue.
 */
export function planes(painter: Painter, { value, steps, lead, rows, finish, write }: Planes): Draw {
  const width = texelsOf(columnsOf(value.shape));
  const down = Math.ceil(rows / 4);
  const pair = down % 2 === 0 && painter.maxResults >= 8 ? 2 : 1;
  const places = [...lead, down / pair, width];
  const size = places.reduce((n, d) => n * d, 1);
  const parts = Math.max(1, Math.min(Math.floor(steps / 16), Math.ceil(fragments / size)));
  const window = Math.ceil(steps / parts);
  const plane: Value = { dtype: "float32", shape: [Math.ceil(steps / window), 4 * size] };
  const draw = painter.prepare({
    outputs: Array.from({ length: 4 * pair }, () => plane),
    write: (shader, layouts) => {
      const names = [...lead.map((_, axis) => `i${axis}`), "down", "across"];
      const index = names.map((name, axis) => {
        const strides = places.map((_, k) => (k !== axis ? 0 : name === "down" ? pair : 1));
        return `int ${name} = ${shader.project("place", places, strides)};`;
      });
      const loop = write(shader, layouts);
      const [all, limit, own] = [shader.int(size), shader.int(steps), shader.int(window)];
      const add = each(
        pair,
        (k) => `{ vec4 x = X(${k}); ${each(4, (r) => `sum${4 * k + r} += x.${"xyzw"[r]} * y;`)} }`,
      );
      return {
        main: `int part = div(t, ${all}), place = t - part * ${all}; ${index.join(" ")}
          int from = part * ${own}, to = min(${limit}, from + ${own});
          ${each(4 * pair, (r) => `vec4 sum${r} = vec4(0);`)}
          ${loop.replace("ADD", add)}`,
        results: Array.from({ length: 4 * pair }, (_, r) => `sum${r}`),
      };
    },
  });
  const join = painter.prepare({
    outputs: [value],
    write: (shader, layouts) => {
      layouts.slice(0, 4 * pair).forEach((layout, k) => {
        shader.texels(k, layout);
      });
      if (finish) finish(shader, layouts, 4 * pair);
      else shader.define("vec4 finish(vec4 product, int t) { return product; }");
      const [across, all, own] = [shader.int(width), shader.int(size), shader.int(rows)];
      const high = shader.int(down / pair);
      const pick = each(4 * pair - 1, (r) => `if (r == ${r}) sum += X${r}(at); else`);
      return {
        main: `int q = div(t, ${across}), s = div(q, ${own}), row = q - s * ${own};
          int at = (s * ${high} + (row >> ${pair + 1})) * ${across} + t - q * ${across}, r = row & ${4 * pair - 1};
          vec4 sum = vec4(0);
          for (int k = 0; k < ${shader.int(plane.shape[0] as number)}; k++, at += ${all}) {
            ${pick} sum += X${4 * pair - 1}(at);
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

/** About so many fragments of four or eight texels are drawn at a time. */
const fragments = 512;
