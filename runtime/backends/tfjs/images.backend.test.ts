import { test } from "uvu";
import { sizeOf } from "../../../dsl/array.js";
import type { Conv2dAttrs, ValueId } from "../../program.js";
import { at, indicesOf, onEach, random } from "./checks.js";

type Quad = readonly [number, number, number, number];
interface Case {
  readonly x: Quad;
  readonly filter: Quad;
  readonly size: readonly [number, number];
  readonly attrs?: Partial<Conv2dAttrs>;
}
const plain: Conv2dAttrs = { strides: [1, 1], dilations: [1, 1], before: [0, 0], groups: 1 };

/** What convolutions of nets are made of, and what is odd in them. */
const cases: Readonly<Record<string, Case>> = {
  valid: { x: [2, 5, 6, 3], filter: [3, 2, 3, 5], size: [3, 5] },
  same: { x: [1, 4, 4, 4], filter: [3, 3, 4, 8], size: [4, 4], attrs: { before: [1, 1] } },
  "one pixel": { x: [3, 2, 2, 8], filter: [1, 1, 8, 4], size: [2, 2] },
  "one channel": { x: [2, 6, 6, 1], filter: [3, 3, 1, 4], size: [6, 6], attrs: { before: [1, 1] } },
  "to one channel": { x: [1, 5, 5, 6], filter: [3, 3, 6, 1], size: [5, 5], attrs: { before: [1, 1] } },
  strided: {
    x: [2, 7, 6, 4],
    filter: [3, 3, 4, 4],
    size: [4, 3],
    attrs: { strides: [2, 2], before: [1, 0] },
  },
  "strides apart": {
    x: [1, 9, 8, 2],
    filter: [2, 3, 2, 3],
    size: [3, 8],
    attrs: { strides: [3, 1], before: [0, 2] },
  },
  dilated: {
    x: [1, 9, 9, 3],
    filter: [3, 3, 3, 4],
    size: [9, 9],
    attrs: { dilations: [2, 2], before: [2, 2] },
  },
  "asymmetric and dilated": {
    x: [2, 6, 8, 2],
    filter: [2, 3, 2, 6],
    size: [4, 5],
    attrs: { strides: [2, 1], dilations: [3, 2], before: [2, 0] },
  },
  grouped: { x: [2, 4, 4, 6], filter: [3, 3, 3, 8], size: [4, 4], attrs: { before: [1, 1], groups: 2 } },
  "grouped by four": {
    x: [1, 4, 5, 8],
    filter: [3, 3, 4, 8],
    size: [4, 5],
    attrs: { before: [1, 1], groups: 2 },
  },
  depthwise: { x: [2, 5, 5, 6], filter: [3, 3, 1, 6], size: [5, 5], attrs: { before: [1, 1], groups: 6 } },
  "depthwise, two each": {
    x: [1, 5, 5, 4],
    filter: [3, 3, 1, 8],
    size: [3, 3],
    attrs: { strides: [2, 2], before: [1, 1], groups: 4 },
  },
  many: { x: [2, 16, 16, 8], filter: [3, 3, 8, 32], size: [16, 16], attrs: { before: [1, 1] } },
  "a filter wider than the image": {
    x: [1, 2, 3, 4],
    filter: [5, 5, 4, 4],
    size: [2, 3],
    attrs: { before: [2, 2] },
  },
};

/** The sum of x·w over the positions that `visit` names, for each element of the result. */
function convolve(
  { x, filter, size, attrs: given }: Case,
  visit: (x: number[], filter: number[], y: number[]) => void,
): void {
  const { strides, dilations, before, groups } = { ...plain, ...given };
  const n = filter[3];
  for (const y of indicesOf([x[0], ...size, n]))
    for (const [u = 0, v = 0, c = 0] of indicesOf(filter.slice(0, 3))) {
      const [b = 0, i = 0, j = 0, o = 0] = y;
      const row = i * strides[0] + u * dilations[0] - before[0];
      const column = j * strides[1] + v * dilations[1] - before[1];
      if (row < 0 || column < 0 || row >= x[1] || column >= x[2]) continue;
      const group = Math.floor((o * groups) / n);
      visit([b, row, column, group * filter[2] + c], [u, v, c, o], y);
    }
}
const place = (shape: readonly number[], index: readonly number[]): number =>
  shape.reduce((sum, d, axis) => sum * d + (index[axis] as number), 0);

onEach((on, check) => {
  for (const [name, image] of Object.entries(cases)) {
    const { filter, size } = image;
    const attrs = { ...plain, ...image.attrs };
    const y = [image.x[0], ...size, filter[3]];
    const data = { x: random(image.x), filter: random(filter), y: random(y) };
    const operand = (key: "x" | "filter" | "y") => ({
      shape: { x: image.x, filter, y }[key],
      data: data[key],
    });

    on(`conv2d, ${name}`, async () => {
      const sum = new Float64Array(sizeOf(y));
      convolve(image, (xi, fi, yi) => {
        const at_ = place(y, yi);
        sum[at_] = (sum[at_] as number) + at(data.x, image.x, xi) * at(data.filter, filter, fi);
      });
      await check(
        (p, [x, f]) => p.conv2d(x as ValueId, f as ValueId, attrs, size),
        [operand("x"), operand("filter")],
        sum,
        { tolerance: 2e-5 },
      );
    });
    on(`conv2dInput, ${name}`, async () => {
      const sum = new Float64Array(sizeOf(image.x));
      convolve(image, (xi, fi, yi) => {
        const at_ = place(image.x, xi);
        sum[at_] = (sum[at_] as number) + at(data.y, y, yi) * at(data.filter, filter, fi);
      });
      await check(
        (p, [dy, f]) => p.conv2dInput(dy as ValueId, f as ValueId, attrs, [image.x[1], image.x[2]]),
        [operand("y"), operand("filter")],
        sum,
        { tolerance: 2e-5 },
      );
    });
    on(`conv2dFilter, ${name}`, async () => {
      const sum = new Float64Array(sizeOf(filter));
      convolve(image, (xi, fi, yi) => {
        const at_ = place(filter, fi);
        sum[at_] = (sum[at_] as number) + at(data.y, y, yi) * at(data.x, image.x, xi);
      });
      await check(
        (p, [x, dy]) => p.conv2dFilter(x as ValueId, dy as ValueId, attrs, [filter[0], filter[1]]),
        [operand("x"), operand("y")],
        sum,
        { tolerance: 2e-5 },
      );
    });
  }

  on("products of stacks of matrices, where one of them may be single", async () => {
    for (const [g, h] of [
      [3, 3],
      [1, 4],
      [4, 1],
      [1, 1],
    ] as const)
      for (const [m, k, n] of [
        [3, 5, 2],
        [4, 8, 8],
        [1, 3, 7],
        [40, 9, 20],
      ] as const)
        for (const transposeA of [false, true])
          for (const transposeB of [false, true]) {
            const a = { shape: transposeA ? [g, k, m] : [g, m, k], data: random([g, m, k]) };
            const b = { shape: transposeB ? [h, n, k] : [h, k, n], data: random([h, k, n]) };
            const expected = indicesOf([Math.max(g, h), m, n]).map(([s = 0, i = 0, j = 0]) => {
              let sum = 0;
              for (let l = 0; l < k; l++)
                sum +=
                  at(a.data, a.shape, [g === 1 ? 0 : s, ...(transposeA ? [l, i] : [i, l])]) *
                  at(b.data, b.shape, [h === 1 ? 0 : s, ...(transposeB ? [j, l] : [l, j])]);
              return sum;
            });
            await check(
              (p, [x, y]) => p.matmul(x as ValueId, y as ValueId, { transposeA, transposeB }),
              [a, b],
              expected,
              { tolerance: 5e-6, what: `[${a.shape}]·[${b.shape}]` },
            );
          }
  });

  on("transpose puts axes in any order", async () => {
    for (const [shape, order] of [
      [
        [3, 5],
        [1, 0],
      ],
      [
        [4, 8],
        [1, 0],
      ],
      [
        [2, 3, 4],
        [1, 0, 2],
      ],
      [
        [2, 3, 5],
        [2, 0, 1],
      ],
      [
        [2, 3, 4, 8],
        [0, 2, 1, 3],
      ],
      [
        [2, 4, 3, 8],
        [0, 2, 3, 1],
      ],
      [
        [2, 3, 1, 2, 3],
        [4, 2, 0, 3, 1],
      ],
    ] as const) {
      const data = random(shape);
      const to = order.map((axis) => shape[axis] as number);
      const expected = indicesOf(to).map((index) =>
        at(
          data,
          shape,
          shape.map((_, axis) => index[(order as readonly number[]).indexOf(axis)] as number),
        ),
      );
      await check((p, [x]) => p.transpose(x as ValueId, order), [{ shape, data }], expected, {
        what: `[${shape}] as ${order}`,
      });
    }
  });

  on("slices with strides, and pads with strides and a value", async () => {
    for (const [shape, begin, strides, size] of [
      [[9], [1], [3], [3]],
      [
        [4, 8],
        [1, 0],
        [2, 1],
        [2, 8],
      ],
      [
        [5, 7],
        [0, 1],
        [2, 3],
        [3, 2],
      ],
      [
        [2, 6, 6, 4],
        [0, 1, 0, 0],
        [1, 2, 2, 1],
        [2, 3, 3, 4],
      ],
      [
        [8, 3],
        [4, 0],
        [1, 1],
        [3, 3],
      ],
    ] as const) {
      const data = random(shape);
      const source = (index: readonly number[]) =>
        index.map((k, axis) => (begin[axis] as number) + k * (strides[axis] as number));
      const part = indicesOf(size).map((index) => at(data, shape, source(index)));
      await check((p, [x]) => p.slice(x as ValueId, begin, size, strides), [{ shape, data }], part, {
        what: `slice of [${shape}]`,
      });
      for (const value of [0, -2.5]) {
        const whole = new Array<number>(sizeOf(shape)).fill(value);
        indicesOf(size).forEach((index, i) => {
          whole[place(shape, source(index))] = part[i] as number;
        });
        await check(
          (p, [x]) => p.pad(x as ValueId, begin, shape, { strides, value }),
          [{ shape: size, data: Float32Array.from(part) }],
          whole,
          { what: `pad to [${shape}]` },
        );
      }
    }
  });
});

test.run();
