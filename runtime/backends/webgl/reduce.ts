/** Sums and maxima over any axes. */
import type { Value } from "../../program.js";
import { stridesOf } from "../tfjs/plain.js";
import { type Kernels, valueAt } from "../tfjs/rows.js";
import { prelude } from "./glsl.js";
import { columnsOf, type Layout, type TextureMemory, texelCount, texelsOf } from "./memory.js";
import { type Painter, placed, tensorOf } from "./painter.js";
import type { Shader } from "./shader.js";

const rules = {
  sum: { start: "vec4(0)", join: "a + b" },
  max: { start: "vec4(-INF)", join: "max_(a, b)" },
} as const;
type Kind = keyof typeof rules;

/** Neighbouring axes that are reduced, in texels: `count` texels, `stride` apart. */
interface Run {
  readonly count: number;
  readonly stride: number;
}

export const reduce = (painter: Painter): Pick<Kernels<TextureMemory>, "reduce"> => ({
  reduce: ({ attrs: { kind, axes }, inputs, outputs }, context) => {
    const { shape } = valueAt(context, inputs[0]);
    const value = valueAt(context, outputs[0]);
    const aligned = painter.aligned(shape);
    if (axes.length === 0)
      return ([x]) => {
        context.backend.incRef(placed(x));
        return [tensorOf(placed(x))];
      };
    const columns = columnsOf(shape);
    const across = axes.includes(shape.length - 1) && columns > 1;
    const dims = [...shape.slice(0, -1), texelsOf(columns)];
    const runs = runsOf(dims, axes);
    const [longest] = runs as [Run];
    const others = runs.slice(1).reduce((n, run) => n * run.count, 1);
    const kept = texelCount(value.shape);
    // A long one in two stages, so that there is enough to do at a time.
    const parts =
      kept < fewestFragments && longest.count * others > 64 ? Math.ceil(Math.sqrt(longest.count)) : 1;
    const window = Math.ceil(longest.count / parts);
    const count = Math.ceil(longest.count / window);
    const define = (shader: Shader): void => shader.define(definitions(kind, shader, across, columns));
    const strides = stridesOf(dims).map((n, axis) => (axes.includes(axis) ? 0 : n));
    const keptDims = dims.map((d, axis) => (axes.includes(axis) ? 1 : d));

    /** From operand 0 at `base`: the loops over all runs, of the first one from place `from` on. */
    const loops = (shader: Shader, from: string): string => {
      const open = runs.map((run, n) => {
        const limit = shader.int(run.count);
        if (n > 0) return `for (int k${n} = 0; k${n} < ${limit}; k${n}++)`;
        return `for (int k0 = ${from}, end = min(${limit}, k0 + ${shader.int(window)}); k0 < end; k0++)`;
      });
      const at = ["base", ...runs.map((run, n) => `k${n} * ${shader.int(run.stride)}`)].join(" + ");
      const lane = across && columns % 4 !== 0 ? `at(${at})` : `X0(${at})`;
      return `vec4 total = start_; ${open.join(" ")} total = join(total, ${lane});`;
    };
    const first: Value =
      count === 1 ? value : { dtype: "float32", shape: [count, 4 * texelCountOf(keptDims)] };
    const gather = painter.prepare({
      outputs: [first],
      write: (shader, [layout]) => {
        shader.texels(0, layout as Layout);
        define(shader);
        const size = shader.int(texelCountOf(keptDims));
        const place =
          count === 1 ? "int chunk = 0, i = t;" : `int chunk = div(t, ${size}), i = t - chunk * ${size};`;
        const base = shader.project("i", keptDims, strides);
        return {
          main: `${place} int base = ${base}; ${loops(shader, `chunk * ${shader.int(window)}`)}`,
          results: [across && count === 1 ? "across(total)" : "total"],
        };
      },
    });
    if (count === 1) return ([x]) => gather([aligned(placed(x))]).map(tensorOf);
    const finish = painter.prepare({
      outputs: [value],
      write: (shader, [layout]) => {
        shader.texels(0, layout as Layout);
        define(shader);
        const [size, limit] = [shader.int(texelCountOf(keptDims)), shader.int(count)];
        return {
          main: `vec4 total = start_; for (int k = 0; k < ${limit}; k++) total = join(total, X0(k * ${size} + t));`,
          results: [across ? "across(total)" : "total"],
        };
      },
    });
    return ([x]) => {
      const partial = gather([aligned(placed(x))]);
      const result = finish(partial);
      for (const made of partial) context.backend.disposeData(made);
      return result.map(tensorOf);
    };
  },
});

/** Below so many texels of the output a reduction is made in two stages. */
const fewestFragments = 1024;
const texelCountOf = (dims: readonly number[]): number => dims.reduce((n, d) => n * d, 1);

/** `join` of two texels, `across` one, and `at`, a texel of which what lies beyond the row changes nothing. */
function definitions(kind: Kind, shader: Shader, across: boolean, columns: number): string {
  const { start, join } = rules[kind];
  const base = `${prelude}
    #define start_ ${start}
    vec4 join(vec4 a, vec4 b) { return ${join}; }
    vec4 across(vec4 v) { v = join(v, v.zwxy); return vec4(join(v, v.yxwz).x, 0, 0, 0); }`;
  if (!across || columns % 4 === 0) return base;
  const width = shader.int(texelsOf(columns));
  return `${base} vec4 at(int t) {
    return mix(start_, X0(t), lessThan(ivec4(0, 1, 2, 3) + 4 * mod_(t, ${width}), ivec4(${shader.int(columns)})));
  }`;
}

/** The axes reduced, those that lie together as one; the longest first. */
function runsOf(dims: readonly number[], axes: readonly number[]): Run[] {
  const strides = stridesOf(dims);
  const runs: Run[] = [];
  for (const axis of axes) {
    const [count, stride] = [dims[axis] as number, strides[axis] as number];
    const last = runs.at(-1);
    if (count === 1) continue;
    if (last && last.stride === stride * count) runs.splice(-1, 1, { count: last.count * count, stride });
    else runs.push({ count, stride });
  }
  return runs.length ? runs.sort((a, b) => b.count - a.count) : [{ count: 1, stride: 0 }];
}
