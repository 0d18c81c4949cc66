/** Primitives as plain loops over arrays: the reference, written to be read. */
import { type Data, sizeOf } from "../../../dsl/array.js";
import type { Conv2dAttrs, PrimitiveAttrs } from "../../program.js";

type Shape = readonly number[];

/** How far each axis's neighbour is in a row-major array. */
export const stridesOf = (shape: Shape): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** An array of the same kind. */
const like = (data: Data, size: number): Data =>
  data instanceof Int32Array ? new Int32Array(size) : new Float32Array(size);

/** Calls `visit` with each position of `shape`, in order, and Σ index·stride + base of it. */
function walk(shape: Shape, strides: Shape, base: number, visit: (i: number, at: number) => void): void {
  const index = shape.map(() => 0);
  const size = sizeOf(shape);
  let at = base;
  for (let i = 0; i < size; i++) {
    visit(i, at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number;
      at += stride;
      index[axis] = (index[axis] as number) + 1;
      if (index[axis] !== shape[axis]) break;
      at -= stride * (shape[axis] as number);
      index[axis] = 0;
    }
  }
}
const dot = (a: Shape, b: Shape): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
const times = (a: Shape, b: Shape): number[] => a.map((x, i) => x * (b[i] as number));

export function transpose(x: Data, from: Shape, { order }: PrimitiveAttrs["transpose"]): Data {
  const y = like(x, x.length);
  const strides = stridesOf(from);
  walk(
    order.map((axis) => from[axis] as number),
    order.map((axis) => strides[axis] as number),
    0,
    (i, at) => {
      y[i] = x[at] as number;
    },
  );
  return y;
}

export function slice(x: Data, from: Shape, to: Shape, { begin, strides }: PrimitiveAttrs["slice"]): Data {
  const y = like(x, sizeOf(to));
  const own = stridesOf(from);
  walk(to, times(own, strides), dot(own, begin), (i, at) => {
    y[i] = x[at] as number;
  });
  return y;
}

export function pad(
  x: Data,
  from: Shape,
  to: Shape,
  { before, strides, value }: PrimitiveAttrs["pad"],
): Data {
  const y = like(x, sizeOf(to)).fill(value);
  const own = stridesOf(to);
  walk(from, times(own, strides), dot(own, before), (i, at) => {
    y[at] = x[i] as number;
  });
  return y;
}

/**
 * Calls `visit` with the positions in x [b, h, w, c], filter [kh, kw, c/groups, n] and y [b, h', w', n] of each product
 * that a convolution is the sum of: y += x·filter, and so are its transposes, dx += dy·filter and dfilter += x·dy.
 */
export function eachProduct(
  x: Shape,
  filter: Shape,
  y: Shape,
  { strides, dilations, before, groups }: Conv2dAttrs,
  visit: (x: number, filter: number, y: number) => void,
): void {
  const [batch, height, width, channels] = x as [number, number, number, number];
  const [kh, kw, depth, n] = filter as [number, number, number, number];
  const [, rows, columns] = y as [number, number, number, number];
  const share = n / groups;
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++)
        for (let u = 0; u < kh; u++)
          for (let v = 0; v < kw; v++) {
            const row = i * strides[0] + u * dilations[0] - before[0];
            const column = j * strides[1] + v * dilations[1] - before[1];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            const pixel = ((b * height + row) * width + column) * channels;
            const tap = (u * kw + v) * depth * n;
            const out = ((b * rows + i) * columns + j) * n;
            for (let o = 0; o < n; o++) {
              const first = pixel + Math.floor(o / share) * depth;
              for (let c = 0; c < depth; c++) visit(first + c, tap + c * n + o, out + o);
            }
          }
}
