/** What convolutions, normalisation and attention mean, in the plainest way, in float64. */
import { sizeOf } from "../dsl/array.js";
import type { Conv2dAttrs } from "../runtime/program.js";
import { flat, indexOf } from "./indices.js";

interface Term {
  readonly x: number;
  readonly filter: number;
  readonly y: number;
}
/** Every product in a convolution, as the elements of the three arrays that it joins. */
export function convolution(
  { strides, dilations, before, groups }: Conv2dAttrs,
  x: readonly number[],
  filter: readonly number[],
  y: readonly number[],
): Term[] {
  const terms: Term[] = [];
  const [, h, w] = x as [number, number, number, number];
  const [, , part, n] = filter as [number, number, number, number];
  for (let f = 0; f < sizeOf(filter); f++) {
    const [u, v, k, to] = indexOf(f, filter) as [number, number, number, number];
    const from = Math.floor(to / (n / groups)) * part + k;
    for (let image = 0; image < (y[0] as number); image++)
      for (let i = 0; i < (y[1] as number); i++)
        for (let j = 0; j < (y[2] as number); j++) {
          const row = i * strides[0] + u * dilations[0] - before[0];
          const column = j * strides[1] + v * dilations[1] - before[1];
          if (row < 0 || row >= h || column < 0 || column >= w) continue;
          terms.push({
            x: flat([image, row, column, from], x),
            filter: f,
            y: flat([image, i, j, to], y),
          });
        }
  }
  return terms;
}
/** The sum of the terms that belong to each element of one of the arrays. */
export function summed(terms: readonly Term[], to: keyof Term, f: (term: Term) => number) {
  const sums = new Map<number, number>();
  for (const term of terms) sums.set(term[to], (sums.get(term[to]) ?? 0) + f(term));
  return (_: unknown, i: number): number => sums.get(i) ?? 0;
}

/** Which of the groups that `axes` run through element i belongs to. */
export const groupOf = (i: number, shape: readonly number[], axes: readonly number[]): number =>
  flat(
    indexOf(i, shape).map((k, axis) => (axes.includes(axis) ? 0 : k)),
    shape.map((d, axis) => (axes.includes(axis) ? 1 : d)),
  );
/** The mean of `f` over `axes`, at each element. */
export function means(shape: readonly number[], axes: readonly number[], f: (i: number) => number) {
  const sums = new Map<number, number>();
  const count = sizeOf(axes.map((axis) => shape[axis] as number));
  for (let i = 0; i < sizeOf(shape); i++) {
    const at = groupOf(i, shape, axes);
    sums.set(at, (sums.get(at) ?? 0) + f(i) / count);
  }
  return (i: number): number => sums.get(groupOf(i, shape, axes)) as number;
}

export function softmax(x: Float64Array, n: number): Float64Array {
  const result = x.slice();
  for (let from = 0; from < x.length; from += n) {
    const row = result.subarray(from, from + n);
    const max = Math.max(...row);
    const sum = row.reduce((s, v) => s + Math.exp(v - max), 0);
    row.forEach((v, i) => {
      row[i] = Math.exp(v - max) / sum;
    });
  }
  return result;
}

/** scale·q·k of every pair, −∞ where it is not looked at: [g, n, m]. */
function scoresOf(
  { scale, causal }: { readonly scale: number; readonly causal: boolean },
  [q = new Float64Array(), k = new Float64Array()]: readonly Float64Array[],
  shapes: readonly (readonly number[])[],
): Float64Array {
  const [, n, d] = shapes[0] as [number, number, number];
  const [g, m] = shapes[1] as [number, number, number];
  return Float64Array.from({ length: g * n * m }, (_, at) => {
    const [a, i, j] = indexOf(at, [g, n, m]) as [number, number, number];
    if (causal && j > i) return Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (let c = 0; c < d; c++)
      sum += (q[(a * n + i) * d + c] as number) * (k[(a * m + j) * d + c] as number);
    return scale * sum;
  });
}

type AttentionAttrs = Parameters<typeof scoresOf>[0];

export function attention(
  attrs: AttentionAttrs,
  xs: readonly Float64Array[],
  shapes: readonly (readonly number[])[],
): Float64Array[] {
  const [g, n] = shapes[0] as [number, number, number];
  const [, m, e] = shapes[2] as [number, number, number];
  const s = scoresOf(attrs, xs, shapes);
  const p = softmax(s, m);
  const y = new Float64Array(g * n * e);
  y.forEach((_, at) => {
    const [a, i, c] = indexOf(at, [g, n, e]) as [number, number, number];
    for (let j = 0; j < m; j++)
      y[at] =
        (y[at] as number) + (p[(a * n + i) * m + j] as number) * (xs[2]?.[(a * m + j) * e + c] as number);
  });
  // the first key is looked at by every query: p = e^(s − l)
  const l = Float64Array.from(
    { length: g * n },
    (_, row) => (s[row * m] as number) - Math.log(p[row * m] as number),
  );
  return [y, l];
}

export function attentionGradient(
  attrs: AttentionAttrs,
  xs: readonly Float64Array[],
  shapes: readonly (readonly number[])[],
): Float64Array[] {
  const [q, k, v, y, l, dy] = xs as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [g, n, d] = shapes[0] as [number, number, number];
  const [, m, e] = shapes[2] as [number, number, number];
  const s = scoresOf(attrs, xs, shapes);
  const [dq, dk, dv] = [q, k, v].map((x) => new Float64Array(x.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const add = (x: Float64Array, at: number, part: number): void => {
    x[at] = (x[at] as number) + part;
  };
  s.forEach((score, at) => {
    const [a, i, j] = indexOf(at, [g, n, m]) as [number, number, number];
    const [query, key] = [a * n + i, a * m + j];
    const p = Math.exp(score - (l[query] as number));
    let slope = 0;
    for (let c = 0; c < e; c++) {
      const g = dy[query * e + c] as number;
      slope += g * ((v[key * e + c] as number) - (y[query * e + c] as number));
      add(dv, key * e + c, p * g);
    }
    for (let c = 0; c < d; c++) {
      add(dq, query * d + c, attrs.scale * p * slope * (k[key * d + c] as number));
      add(dk, key * d + c, attrs.scale * p * slope * (q[query * d + c] as number));
    }
  });
  return [dq, dk, dv];
}
