import { test } from "uvu";
import { sizeOf } from "../../../dsl/array.js";
import type { ValueId } from "../../program.js";
import { at, indicesOf, onEach, random } from "./checks.js";

onEach((on, check) => {
  on("matmul in all transposes and odd sizes", async () => {
    for (const [m, k, n] of [
      [1, 1, 1],
      [3, 5, 2],
      [4, 8, 6],
      [1, 7, 3],
      [33, 17, 9],
      [130, 35, 131],
      [5, 1, 4],
    ] as const)
      for (const transposeA of [false, true])
        for (const transposeB of [false, true]) {
          const a = { shape: transposeA ? [k, m] : [m, k], data: random([m, k]) };
          const b = { shape: transposeB ? [n, k] : [k, n], data: random([k, n]) };
          const expected = indicesOf([m, n]).map(([i = 0, j = 0]) => {
            let sum = 0;
            for (let l = 0; l < k; l++)
              sum +=
                at(a.data, a.shape, transposeA ? [l, i] : [i, l]) *
                at(b.data, b.shape, transposeB ? [j, l] : [l, j]);
            return sum;
          });
          await check(
            (p, [x, y]) => p.matmul(x as ValueId, y as ValueId, { transposeA, transposeB }),
            [a, b],
            expected,
            {
              tolerance: 5e-6,
              what: `${m}×${k}×${n}`,
            },
          );
        }
  });

  on("reduce over any axes", async () => {
    for (const [shape, axes] of [
      [[5], [0]],
      [[4, 6], [0]],
      [[4, 6], [1]],
      [
        [3, 5],
        [0, 1],
      ],
      [[2, 3, 4], [1]],
      [
        [2, 3, 5],
        [0, 2],
      ],
      [[7, 1, 3], [0]],
      [[300, 3], [0]],
      [[3, 300], [1]],
      [
        [2, 3, 2, 5],
        [1, 3],
      ],
      [[1, 4], [0]],
    ] as const)
      for (const kind of ["sum", "max"] as const) {
        const data = random(shape);
        const out = shape.map((d, i) => ((axes as readonly number[]).includes(i) ? 1 : d));
        const expected = new Array<number>(sizeOf(out)).fill(kind === "sum" ? 0 : -Infinity);
        for (const index of indicesOf(shape)) {
          const to = out.reduce((sum, d, i) => sum * d + (d === 1 ? 0 : (index[i] as number)), 0);
          const x = at(data, shape, index);
          expected[to] = kind === "sum" ? (expected[to] as number) + x : Math.max(expected[to] as number, x);
        }
        await check((p, [x]) => p.reduce(kind, x as ValueId, axes), [{ shape, data }], expected, {
          tolerance: 2e-5,
          what: `${kind} of [${shape}] over [${axes}]`,
        });
      }
  });

  on("reshape keeps the numbers, also of computed values", async () => {
    for (const [from, to] of [
      [[6], [2, 3]],
      [[4, 6], [24]],
      [
        [3, 5],
        [5, 3],
      ],
      [
        [2, 3, 4],
        [6, 4],
      ],
      [[1, 1], []],
      [
        [4, 3],
        [2, 2, 3],
      ],
    ] as const) {
      const data = random(from);
      await check((p, [x]) => p.reshape(x as ValueId, to), [{ shape: from, data }], data);
      await check(
        (p, [x]) => p.apply("neg", p.reshape(p.apply("neg", x as ValueId), to)),
        [{ shape: from, data }],
        data,
      );
    }
  });

  on("matrices are multiplied in shapes other than those they were computed in", async () => {
    const data = random([24]);
    await check(
      (p, [x]) => {
        const y = p.apply("neg", x as ValueId);
        return p.matmul(p.reshape(y, [3, 8]), p.reshape(y, [8, 3]));
      },
      [{ shape: [4, 6], data }],
      indicesOf([3, 3]).map(([i = 0, j = 0]) => {
        let sum = 0;
        for (let k = 0; k < 8; k++) sum += at(data, [3, 8], [i, k]) * at(data, [8, 3], [k, j]);
        return sum;
      }),
      { tolerance: 5e-6 },
    );
  });

  on("concat, slice and pad", async () => {
    for (const [shape, axis, sizes] of [
      [[1], 0, [3, 1, 4]],
      [[3, 1], 1, [1, 2]],
      [[1, 5], 0, [2, 3]],
      [[2, 1, 3], 1, [1, 4, 2]],
    ] as const) {
      const parts = sizes.map((n) => ({
        shape: (shape as readonly number[]).with(axis, n),
        data: random((shape as readonly number[]).with(axis, n)),
      }));
      const out = (shape as readonly number[]).with(
        axis,
        sizes.reduce<number>((a, b) => a + b, 0),
      );
      const expected = indicesOf(out).map((index) => {
        let rest = index[axis] as number;
        let part = 0;
        while (rest >= (sizes[part] as number)) rest -= sizes[part++] as number;
        return at(parts[part]?.data ?? [], parts[part]?.shape ?? [], index.with(axis, rest));
      });
      await check((p, xs) => p.concat(xs, axis), parts, expected, { what: `concat to [${out}]` });
    }
    for (const [shape, begin, size] of [
      [[9], [2], [5]],
      [
        [4, 6],
        [1, 0],
        [2, 6],
      ],
      [
        [4, 6],
        [1, 2],
        [3, 3],
      ],
      [
        [3, 4, 5],
        [1, 1, 1],
        [2, 2, 3],
      ],
      [
        [3, 4, 5],
        [2, 0, 0],
        [1, 4, 5],
      ],
    ] as const) {
      const data = random(shape);
      const expected = indicesOf(size).map((i) =>
        at(
          data,
          shape,
          i.map((k, a) => k + (begin[a] as number)),
        ),
      );
      await check((p, [x]) => p.slice(x as ValueId, begin, size), [{ shape, data }], expected, {
        what: `slice of [${shape}]`,
      });
      const padded = indicesOf(shape).map((i) =>
        i.every((k, a) => k >= (begin[a] as number) && k < (begin[a] as number) + (size[a] as number))
          ? at(
              expected,
              size,
              i.map((k, a) => k - (begin[a] as number)),
            )
          : 0,
      );
      await check(
        (p, [x]) => p.pad(x as ValueId, begin, shape),
        [{ shape: size, data: Float32Array.from(expected) }],
        padded,
        { what: `pad to [${shape}]` },
      );
    }
  });

  on("gather and scatterAdd, with rows met several times", async () => {
    for (const rest of [[], [1], [3], [4], [2, 3]])
      for (const from of [0, 1]) {
        const indices = Int32Array.of(...[4, 0, 4, 2, 4, 1, 2].map((i) => i + from));
        const table = random([5, ...rest]);
        const rows = indicesOf([7, ...rest]).map(([i = 0, ...r]) =>
          at(table, [5, ...rest], [(indices[i] as number) - from, ...r]),
        );
        await check(
          (p, [t, i]) => p.gather(t as ValueId, i as ValueId, from),
          [
            { shape: [5, ...rest], data: table },
            { shape: [7], data: indices },
          ],
          rows,
          { what: `gather of [5,${rest}]` },
        );
        const updates = random([7, ...rest]);
        const sums = indicesOf([5, ...rest]).map(([n = 0, ...r]) =>
          [...indices].reduce(
            (sum, k, i) => (k - from === n ? sum + at(updates, [7, ...rest], [i, ...r]) : sum),
            0,
          ),
        );
        await check(
          (p, [i, u]) => p.scatterAdd(i as ValueId, u as ValueId, 5, from),
          [
            { shape: [7], data: indices },
            { shape: [7, ...rest], data: updates },
          ],
          sums,
          { what: `scatterAdd to [5,${rest}]` },
        );
      }
  });
});

test.run();
