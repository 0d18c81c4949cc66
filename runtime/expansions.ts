import { constant, type ProgramBuilder } from "./builder.js";
import type { CompositeName, OpOf, ValueId } from "./program.js";

/** Writes a composite operation in elementary ones; gives its outputs in order. */
type Expansion<P extends CompositeName> = (b: ProgramBuilder, op: OpOf<P>) => readonly ValueId[];

/** What each composite primitive means in elementary ones. */
export const expansions: { readonly [P in CompositeName]: Expansion<P> } = {
  softmax: (b, { inputs: [x = -1] }) => {
    const axes = [b.shape(x).length - 1];
    const e = b.apply("exp", b.apply("sub", x, peak(b, x, axes)));
    return [b.apply("div", e, b.reduce("sum", e, axes))];
  },
  normalize: (b, { attrs: { axes, epsilon, centred }, inputs: [x = -1] }) => {
    const kept = b.shape(x).map((d, i) => (axes.includes(i) ? 1 : d));
    const mean = centred ? b.mean(x, axes) : b.fill(0, kept);
    const shifted = centred ? b.apply("sub", x, mean) : x;
    const variance = b.mean(b.apply("square", shifted), axes);
    const rate = b.apply("rsqrt", b.apply("add", variance, constant(epsilon)));
    return [b.apply("mul", shifted, rate), mean, rate];
  },
  normalizeGradient: (b, { attrs: { axes, centred }, inputs: [g = -1, y = -1, rate = -1] }) => {
    const along = b.apply("mul", y, b.mean(b.apply("mul", g, y), axes));
    const shifted = centred ? b.apply("sub", g, b.mean(g, axes)) : g;
    return [b.apply("mul", rate, b.apply("sub", shifted, along))];
  },
  attention: (b, { attrs, inputs: [q = -1, k = -1, v = -1] }) => {
    const s = scores(b, q, k, attrs);
    const max = peak(b, s, [2]);
    const e = b.apply("exp", b.apply("sub", s, max));
    const sum = b.reduce("sum", e, [2]);
    // The rows are divided after the product, where they are shorter.
    return [b.apply("div", b.matmul(e, v), sum), b.apply("add", max, b.apply("log", sum))];
  },
  // p = e^(s − l): dv = pᵀ dy, ds = p·(dy vᵀ − Σ dy·y)
  attentionGradient: (b, { attrs, inputs: [q = -1, k = -1, v = -1, y = -1, l = -1, dy = -1] }) => {
    const p = b.apply("exp", b.apply("sub", scores(b, q, k, attrs), l));
    const dp = b.matmul(dy, v, { transposeB: true });
    const along = b.reduce("sum", b.apply("mul", dy, y), [2]);
    const ds = b.apply("mul", b.apply("mul", p, b.apply("sub", dp, along)), constant(attrs.scale));
    return [b.matmul(ds, k), b.matmul(ds, q, { transposeA: true }), b.matmul(p, dy, { transposeA: true })];
  },
};

/** The outputs of a composite operation, written in elementary ones. */
export function expand(b: ProgramBuilder, op: OpOf<CompositeName>): readonly ValueId[] {
  b.node = op.node;
  return (expansions[op.prim] as Expansion<CompositeName>)(b, op);
}

export const isComposite = (op: { readonly prim: string }): op is OpOf<CompositeName> =>
  Object.hasOwn(expansions, op.prim);

/** The largest entry, as a number that gradients do not pass: softmax does not depend on it. */
function peak(b: ProgramBuilder, x: ValueId, axes: readonly number[]): ValueId {
  const max = b.reduce("max", x, axes);
  if (max !== x) b.detached.add(max);
  return max;
}

/** Far below every score, and e to that power is 0; finite, since not every GPU knows infinity. */
const never = -1e30;

/** scale·q kᵀ [g, n, m], and where causal `never` for the keys that come after the query. */
function scores(
  b: ProgramBuilder,
  q: ValueId,
  k: ValueId,
  { scale, causal }: OpOf<"attention">["attrs"],
): ValueId {
  const s = b.apply("mul", b.matmul(q, k, { transposeB: true }), constant(scale));
  if (!causal) return s;
  const [, n, m] = b.shape(s) as [number, number, number];
  const mask = Float32Array.from({ length: n * m }, (_, i) => (i % m > Math.floor(i / m) ? never : 0));
  return b.apply("add", s, b.constant(mask, [1, n, m]));
}
