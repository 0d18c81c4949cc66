/**
 * Data sets as plain descriptions. A description is small, crosses to the worker, and is drawn there by `draw`;
 * the same description gives the same numbers everywhere.
 */
import * as z from "zod/mini";
import { type NDArray, sizeOf } from "../../dsl/array.js";
import { hint } from "../../dsl/message.js";
import { readAs } from "../../dsl/read-as.js";
import type { Column } from "../training.js";
import { toArray } from "./column.js";

const n = z.int().check(z.gte(1), z.lte(1e8));
const seed = z.int();
const sd = z.number().check(z.gte(0));

const generators = [
  z.strictObject({
    kind: z.literal("gaussianMixture"),
    n,
    p: z.number().check(z.gte(0), z.lte(1)),
    std: sd,
    seed,
  }),
  z.strictObject({ kind: z.literal("ramp"), n, dims: z.int().check(z.gte(1)), seed }),
  z.strictObject({ kind: z.literal("spiral"), n, seed }),
  z.strictObject({ kind: z.literal("moons"), n, noise: sd, seed }),
  z.strictObject({
    kind: z.literal("circles"),
    n,
    factor: z.number().check(z.gte(0), z.lte(1)),
    noise: sd,
    seed,
  }),
  z.strictObject({
    kind: z.literal("checkerboard"),
    n,
    cells: z.int().check(z.gte(2), z.multipleOf(2)),
    seed,
  }),
  z.strictObject({ kind: z.literal("swissRoll"), n, noise: sd, seed }),
  z.strictObject({ kind: z.literal("strokes"), n, size: z.int().check(z.gte(4), z.lte(512)), seed }),
  z.strictObject({ kind: z.literal("strokeLabels"), n, seed }),
  z.strictObject({ kind: z.literal("randomIntegers"), n, min: z.int32(), max: z.int32(), seed }),
] as const;
const generatorSchema = z.discriminatedUnion("kind", generators);

/** A data set that is drawn from random numbers: its name, its size `n`, its parameters and its seed. */
export type GeneratorSet = Readonly<z.infer<typeof generatorSchema>>;

/** A description of n examples. `points` holds its numbers; `standardize` wraps another description. */
export type DataSet =
  | GeneratorSet
  | { readonly kind: "points"; readonly values: NDArray }
  | { readonly kind: "standardize"; readonly of: DataSet };

const arraySchema: z.ZodMiniType<NDArray> = z
  .strictObject({
    shape: z.readonly(z.array(z.int().check(z.gte(0)))),
    dtype: z.enum(["float32", "int32"]),
    data: z.union([z.instanceof(Float32Array), z.instanceof(Int32Array)]),
  })
  .check(
    z.refine(({ shape, data }) => sizeOf(shape) === data.length, "as many numbers as the shape says"),
    z.refine(({ data }) => data.every(Number.isFinite), "finite numbers"),
  );

/** What a description must be when it comes from outside: a file, an attribute, another thread. */
export const dataSetSchema: z.ZodMiniType<DataSet> = z.discriminatedUnion(
  "kind",
  [
    ...generators,
    z.strictObject({ kind: z.literal("points"), values: arraySchema }),
    z.strictObject({ kind: z.literal("standardize"), of: z.lazy(() => dataSetSchema) }),
  ],
  {
    error: ({ code, input }) => {
      const kind = String((input as { kind?: unknown } | null)?.kind);
      return code === "invalid_union" ? `there is no data set ${kind}${hint(kind, kinds)}` : undefined;
    },
  },
);
const kinds = [...generators.map(({ shape }) => String(shape.kind.def.values[0])), "points", "standardize"];

/** The description itself if its parameters are in their ranges, else an error that names the parameter. */
const checked = (description: GeneratorSet): GeneratorSet => {
  const [issue] = readAs(generatorSchema, description).issues;
  if (!issue) return description;
  const { path, message } = issue;
  const got = (description as unknown as Record<string, unknown>)[String(path[0])];
  throw new Error(`${description.kind}: ${path.join(".")} is ${got}: ${message}`);
};

/** [1]: a normal of standard deviation `std` (default 0.2) around sign(u − p)/2, u uniform; `p` (default 0.3) is the weight of −1/2. */
export const gaussianMixture = (n: number, { p = 0.3, std = 0.2, seed = 0 } = {}): DataSet =>
  checked({ kind: "gaussianMixture", n, p, std, seed });

/** [dims]: each number the minimum of two uniforms, whose density falls as 2(1 − x) on [0, 1]. `dims` is 1 by default. */
export const ramp = (n: number, { dims = 1, seed = 0 } = {}): DataSet =>
  checked({ kind: "ramp", n, dims, seed });

/** [2]: (ρ cos θ, ρ sin θ) with ρ = 0.65u + 0.25 + 0.15v and θ = 3πu, for u and v uniform. */
export const spiral = (n: number, { seed = 0 } = {}): DataSet => checked({ kind: "spiral", n, seed });

/** [2]: two half circles that interlock, (cos θ, sin θ) and (1 − cos θ, 1/2 − sin θ), plus normals of sd `noise` (default 0.05). */
export const moons = (n: number, { noise = 0.05, seed = 0 } = {}): DataSet =>
  checked({ kind: "moons", n, noise, seed });

/** [2]: circles of radius 1 and `factor` (default 0.5) about 0, half of the points each, plus normals of sd `noise` (default 0.05). */
export const circles = (n: number, { factor = 0.5, noise = 0.05, seed = 0 } = {}): DataSet =>
  checked({ kind: "circles", n, factor, noise, seed });

/** [2]: uniform on the squares (i, j) with i + j even, of `cells` × `cells` (even, default 4) over [−1, 1]². */
export const checkerboard = (n: number, { cells = 4, seed = 0 } = {}): DataSet =>
  checked({ kind: "checkerboard", n, cells, seed });

/** [2]: (ρ cos θ, ρ sin θ) with ρ = (1 + 2u)/3 and θ = 4.5πρ, u uniform, plus normals of sd `noise` (default 0.02). */
export const swissRoll = (n: number, { noise = 0.02, seed = 0 } = {}): DataSet =>
  checked({ kind: "swissRoll", n, noise, seed });

/**
 * Digits in the manner of handwriting, drawn by the project itself: images [size, size, 1] from −1 (paper) to 1 (ink),
 * and labels [] from 0 to 9, each as likely. `n` is 10,000 by default, `size` 28; the labels do not depend on the size.
 */
export const strokes = ({
  n = 10_000,
  size = 28,
  seed = 0,
} = {}): {
  readonly images: DataSet;
  readonly labels: DataSet;
} => ({
  images: checked({ kind: "strokes", n, size, seed }),
  labels: checked({ kind: "strokeLabels", n, seed }),
});

/** []: integers from `min` to `max`, both included; for columns such as t that come with the data. */
export const randomIntegers = (n: number, min: number, max: number, seed = 0): DataSet => {
  if (!(max >= min)) throw new Error(`randomIntegers: takes min ≤ max but receives ${min} and ${max}`);
  return checked({ kind: "randomIntegers", n, min, max, seed });
};

/** The examples given: nested numbers or an array, one example along the first axis. Errors as `toArray`'s. */
export const points = (values: Exclude<Column, DataSet>): DataSet => ({
  kind: "points",
  values: toArray(values, "points"),
});

/** The same examples with mean 0 and standard deviation 1 in every dimension; `statistics(of)` undoes it. */
export const standardize = (of: DataSet): DataSet => ({ kind: "standardize", of });
