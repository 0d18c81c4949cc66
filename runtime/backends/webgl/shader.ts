/**
 * The text of a fragment program, in which every size is a uniform: programs that differ in sizes alone have one text,
 * and are compiled once.
 */
import { sizeOf } from "../../../dsl/array.js";
import { type Layout, texelsOf } from "./memory.js";

/** Integers 0 ≤ a < 2³¹ with a quotient below 2²²: the float's is right but for one. */
const integers = `
  int div(int a, int n) {
    int q = int(float(a) / float(n)), r = a - q * n;
    return q + (r >= n ? 1 : 0) - (r < 0 ? 1 : 0);
  }
  int mod_(int a, int n) { return a - div(a, n) * n; }`;

export class Shader {
  /** The values of the uniform `n`, which holds all sizes. */
  readonly ints: number[] = [];
  readonly #definitions: string[] = [];
  #operands = 0;

  /** A size, as the uniform that holds it. */
  int(value: number): string {
    const k = this.ints.push(value) - 1;
    return `n[${k >> 2}].${"xyzw"[k & 3]}`;
  }

  /** A float that depends on sizes. */
  rate(value: number): string {
    return `intBitsToFloat(${this.int(new Int32Array(Float32Array.of(value).buffer)[0] as number)})`;
  }

  /** Adds definitions of functions; they may use what was defined before. */
  define(text: string): void {
    this.#definitions.push(text);
  }

  /** Defines `vec4 X<k>(int t)`: texel t of operand k. */
  texels(k: number, { offset, shift, height }: Layout): void {
    this.#operands = Math.max(this.#operands, k + 1);
    // A quotient by a power of two is exact in floats. Sampling costs less than texelFetch, which checks bounds, and
    // floats less than shifts, which not every processor has for vectors.
    const [across, half, down] = [2 ** -shift, 0.5 / 2 ** shift, 1 / height].map((x) => this.rate(x));
    this.define(`uniform sampler2D S${k};
      vec4 X${k}(int t) {
        float y = float(${offset ? `t + ${this.int(offset)}` : "t"}) * ${across};
        return texture(S${k}, vec2(fract(y) + ${half}, (floor(y) + .5) * ${down}));
      }`);
  }

  /** Defines `float x<k>(int i)`: the number at row-major position i of operand k; after `texels`. */
  numbers(k: number, { columns }: Layout): void {
    const pick = (v: string, c: string): string =>
      `vec4 v = ${v}; vec2 h = (${c} & 2) == 0 ? v.xy : v.zw; return (${c} & 1) == 0 ? h.x : h.y;`;
    if (columns === 1) this.define(`float x${k}(int i) { return X${k}(i).x; }`);
    else if (columns % 4 === 0) this.define(`float x${k}(int i) { ${pick(`X${k}(i >> 2)`, "i")} }`);
    else if (columns < 4)
      this.define(
        `float x${k}(int i) { int r = div(i, ${this.int(columns)}), c = i - r * ${this.int(columns)}; ${pick(`X${k}(r)`, "c")} }`,
      );
    else
      this.define(
        `float x${k}(int i) { int r = div(i, ${this.int(columns)}), c = i - r * ${this.int(columns)}; ${pick(`X${k}(r * ${this.int(texelsOf(columns))} + (c >> 2))`, "c")} }`,
      );
  }

  /** Σ index·stride of position `t` (a name) in an array of `dims`, as an expression; neighbouring axes in one. */
  project(t: string, dims: readonly number[], strides: readonly number[]): string {
    const runs: { start: number; extent: number; stride: number }[] = [];
    let start = 1;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const [d, stride] = [dims[axis] as number, strides[axis] as number];
      if (d === 1) continue;
      const last = runs.at(-1);
      if (stride !== 0) {
        if (last && last.start * last.extent === start && stride === last.stride * last.extent)
          last.extent *= d;
        else runs.push({ start, extent: d, stride });
      }
      start *= d;
    }
    const size = sizeOf(dims);
    const terms = runs.map(({ start, extent, stride }) => {
      const shifted = start === 1 ? t : `div(${t}, ${this.int(start)})`;
      const index = start * extent === size ? shifted : `mod_(${shifted}, ${this.int(extent)})`;
      return stride === 1 ? index : `${index} * ${this.int(stride)}`;
    });
    return terms.length === 0 ? "0" : terms.join(" + ");
  }

  /** The whole program. `types` are the result's expressions, `floats` and `keys` the numbers that a run gives. */
  text(main: string, results: readonly string[], floats: number, keys: number): string {
    return `#version 300 es
      precision highp float; precision highp int; precision highp sampler2D;
      ${results.map((_, n) => `layout(location = ${n}) out vec4 out${n};`).join(" ")}
      ${this.ints.length ? `uniform ivec4 n[${Math.ceil(this.ints.length / 4)}];` : ""}
      ${floats ? `uniform float u[${floats}];` : ""} ${keys ? `uniform int key[${keys}];` : ""}
      ${integers}
      ${this.#definitions.join("\n")}
      void main() {
        ${main}
        ${results.map((value, n) => `out${n} = ${value};`).join("\n")}
      }`;
  }

  get operands(): number {
    return this.#operands;
  }
}
