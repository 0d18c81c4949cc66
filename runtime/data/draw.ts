/** From a description of data to its numbers. */
import { type NDArray, sizeOf } from "../../dsl/array.js";
import { normals, uniforms } from "../../dsl/random.js";
import type { DataSet, GeneratorSet } from "./data-set.js";
import { standardized, statistics } from "./standardize.js";
import { drawStrokes, strokeLabel } from "./strokes.js";

/** Random numbers by stream: every quantity of a data set reads one of its own, so that none depends on another. */
interface Streams {
  u(stream: number, count: number): Float32Array;
  z(stream: number, count: number): Float32Array;
}
/** The shape of one example, and how its numbers come about: number `dim` of example `i`, or all of them at once. */
type Rule = { readonly shape: readonly number[]; readonly dtype?: "int32" } & (
  | { readonly at: Numbers }
  | { readonly write: (data: Float32Array, offset: number, i: number) => void }
);
type Numbers = (i: number, dim: number) => number;
type Rules = {
  [K in GeneratorSet["kind"]]: (set: Extract<GeneratorSet, { kind: K }>, random: Streams) => Rule;
};

const rules: Rules = {
  gaussianMixture({ n, p, std }, random) {
    const [u, z] = [random.u(0, n), random.z(1, n)];
    return { shape: [1], at: (i) => std * at(z, i) + Math.sign(at(u, i) - p) / 2 };
  },
  ramp({ n, dims }, random) {
    const [u, v] = [random.u(0, n * dims), random.u(1, n * dims)];
    return { shape: [dims], at: (i, dim) => Math.min(at(u, i * dims + dim), at(v, i * dims + dim)) };
  },
  spiral({ n }, random) {
    const [u, v] = [random.u(0, n), random.u(1, n)];
    return polar(
      (i) => 0.65 * at(u, i) + 0.25 + 0.15 * at(v, i),
      (i) => 3 * Math.PI * at(u, i),
    );
  },
  moons({ n, noise }, random) {
    const [u, half, z] = [random.u(0, n), random.u(1, n), random.z(2, 2 * n)];
    return {
      shape: [2],
      at: (i, dim) => {
        const theta = Math.PI * at(u, i);
        const upper = dim === 0 ? Math.cos(theta) : Math.sin(theta);
        const lower = dim === 0 ? 1 - Math.cos(theta) : 0.5 - Math.sin(theta);
        return (at(half, i) < 0.5 ? upper : lower) + noise * at(z, 2 * i + dim);
      },
    };
  },
  circles({ n, factor, noise }, random) {
    const [u, half, z] = [random.u(0, n), random.u(1, n), random.z(2, 2 * n)];
    const clean = polar(
      (i) => (at(half, i) < 0.5 ? 1 : factor),
      (i) => 2 * Math.PI * at(u, i),
    );
    return { shape: [2], at: (i, dim) => clean.at(i, dim) + noise * at(z, 2 * i + dim) };
  },
  checkerboard({ n, cells }, random) {
    const [u, v] = [random.u(0, n), random.u(1, n)];
    return {
      shape: [2],
      at: (i, dim) => {
        const column = Math.floor(cells * at(u, i));
        const pair = (cells / 2) * at(v, i); // a row among those of the column's parity, and the place within it
        const row = 2 * Math.floor(pair) + (column % 2) + (pair % 1);
        return (2 / cells) * (dim === 0 ? cells * at(u, i) : row) - 1;
      },
    };
  },
  swissRoll({ n, noise }, random) {
    const [u, z] = [random.u(0, n), random.z(1, 2 * n)];
    const rho = (i: number) => (1 + 2 * at(u, i)) / 3;
    const clean = polar(rho, (i) => 4.5 * Math.PI * rho(i));
    return { shape: [2], at: (i, dim) => clean.at(i, dim) + noise * at(z, 2 * i + dim) };
  },
  strokes: ({ size, seed }) => ({
    shape: [size, size, 1],
    write: (data, offset, i) => drawStrokes(data, offset, size, i, seed),
  }),
  strokeLabels: ({ seed }) => ({ shape: [], dtype: "int32", at: (i) => strokeLabel(i, seed) }),
  randomIntegers({ n, min, max }, random) {
    const u = random.u(0, n);
    return { shape: [], dtype: "int32", at: (i) => min + Math.floor(at(u, i) * (max - min + 1)) };
  },
};

/** The data set's examples, [n, …shape of one]: float32, but int32 for integers. The same description gives the same numbers. */
export function draw(set: DataSet): NDArray {
  if (set.kind === "points") return set.values;
  if (set.kind === "standardize") return standardizeArray(draw(set.of));
  const rule = (rules[set.kind] as (set: GeneratorSet, random: Streams) => Rule)(set, {
    u: (stream, count) => uniforms(count, { seed: set.seed, stream }),
    z: (stream, count) => normals(count, { seed: set.seed, stream }),
  });
  const dims = sizeOf(rule.shape);
  const shape = [set.n, ...rule.shape];
  if ("write" in rule) {
    const data = new Float32Array(set.n * dims);
    for (let i = 0; i < set.n; i++) rule.write(data, i * dims, i);
    return { shape, dtype: "float32", data };
  }
  const data = new (rule.dtype === "int32" ? Int32Array : Float32Array)(set.n * dims);
  for (let i = 0; i < set.n; i++) for (let dim = 0; dim < dims; dim++) data[i * dims + dim] = rule.at(i, dim);
  return { shape, dtype: rule.dtype ?? "float32", data };
}

const standardizeArray = (array: NDArray): NDArray => standardized(array, statistics(array));

const at = (numbers: Float32Array, i: number): number => numbers[i] as number;

const polar = (
  rho: (i: number) => number,
  theta: (i: number) => number,
): Rule & { readonly at: Numbers } => ({
  shape: [2],
  at: (i, dim) => rho(i) * (dim === 0 ? Math.cos(theta(i)) : Math.sin(theta(i))),
});
