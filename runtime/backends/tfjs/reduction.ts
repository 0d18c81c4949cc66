/** Sums and maxima over any axes. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../../dsl/array.js";
import type { PrimitiveAttrs, Value } from "../../program.js";
import { prelude } from "./glsl.js";
import type { Kernel } from "./kernels.js";
import { byPosition, type Draw, type Painter } from "./painter.js";
import { quotient, remainder } from "./texture.js";

const rules = {
  sum: { start: "T(0)", join: "a + b" },
  max: { start: "T(-INF)", join: "max_(a, b)" },
} as const;

/** [outer, n, inner] → [outer, count, inner], each from `window` neighbours. */
interface Stage {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
  readonly window: number;
}

/**
 * One run of neighbouring axes after the other; a long one in two stages of about √n, so that the GPU has
 * enough to do at a time. Undefined where there are no axes.
 */
export function reduction(
  { kind, axes }: PrimitiveAttrs["reduce"],
  x: Value,
  painter: Painter,
): Kernel | undefined {
  const stages: Draw[] = [];
  let shape = x.shape;
  for (const run of runs(axes)) {
    const [first, last] = [run[0] as number, run.at(-1) as number];
    const outer = sizeOf(shape.slice(0, first));
    const n = sizeOf(shape.slice(first, last + 1));
    const inner = sizeOf(shape.slice(last + 1));
    const window = n > 64 && outer * inner < 4096 ? 2 ** Math.round(Math.log2(n) / 2) : n;
    const count = Math.ceil(n / window);
    stages.push(stage(kind, { outer, n, inner, window }, x, painter));
    if (count > 1) stages.push(stage(kind, { outer, n: count, inner, window: count }, x, painter));
    shape = shape.map((d, axis) => (run.includes(axis) ? 1 : d));
  }
  if (stages.length === 0) return undefined;
  return (xs) =>
    stages.reduce<readonly TensorInfo[]>((operands, run, n) => {
      const results = run(operands);
      if (n > 0) for (const { dataId } of operands) painter.backend.disposeData(dataId);
      return results;
    }, xs);
}

/** Number by number, or block by block down the columns of a packed matrix, with a quarter of the reading. */
function stage(
  kind: "sum" | "max",
  { outer, n, inner, window }: Stage,
  { dtype }: Value,
  painter: Painter,
): Draw {
  const { start, join } = rules[kind];
  const count = Math.ceil(n / window);
  const size = outer * count * inner;
  const joined = `T join(T a, T b) { return ${join}; }`;
  const byNumber = painter.prepare(
    byPosition(
      { dtype, shape: [size] },
      1,
      false,
      `
      int outside = ${quotient("i", inner * count, size)}, inside = ${remainder("i", inner, size)};
      int first = ${remainder(quotient("i", inner, size), count, size)} * ${window};
      int from = (outside * ${n} + first) * ${inner} + inside, count = min(${window}, ${n} - first);
      float total = ${start};
      for (int k = 0; k < count; k++) total = join(total, x0(from + k * ${inner}));
      return total;`,
      joined,
    ),
  );
  if (outer > 1 || inner < 2 || n % 2 || window % 2) return byNumber;
  const byBlock = painter.prepare({
    outputs: [{ dtype, shape: [count, inner] }],
    packed: true,
    operands: 1,
    write: () => ({
      define: `${prelude.vec4} ${joined}
        uniform sampler2D X0;
        vec2 columns(int across, int chunk) {
          int first = chunk * ${window / 2}, count = min(${window / 2}, ${n / 2} - first);
          vec4 total = ${start};
          for (int k = 0; k < count; k++) total = join(total, texelFetch(X0, ivec2(across, first + k), 0));
          return join(total, total.zwxy).xy;
        }`,
      main: "",
      results: ["vec4(columns(across, 2 * down), columns(across, 2 * down + 1))"],
    }),
  });
  return (xs) =>
    (painter.isPlain(xs[0] as TensorInfo, [n / 2, Math.ceil(inner / 2)]) ? byBlock : byNumber)(xs);
}

/** Ascending numbers as runs of neighbours: 0, 1, 3 → [0, 1], [3]. */
const runs = (xs: readonly number[]): number[][] =>
  xs.reduce<number[][]>((all, x) => {
    const last = all.at(-1);
    if (last && last.at(-1) === x - 1) last.push(x);
    else all.push([x]);
    return all;
  }, []);
