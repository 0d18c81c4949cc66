import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Data, sizeOf } from "../../../dsl/array.js";
import { scalarOps } from "../../../dsl/expression.js";
import type { ScalarOp, Step } from "../../../dsl/net.js";
import { integers, normals, uniforms } from "../../../dsl/random.js";
import { ProgramBuilder } from "../../builder.js";
import type { Program, ValueId } from "../../program.js";
import type { Backend, Executable } from "../backend.js";

/** In Node the reference; in a browser's worker both. */
const backends: Backend[] = [
  (await import("./cpu.js")).cpu,
  ...("OffscreenCanvas" in globalThis ? [(await import("./webgl.js")).webgl] : []),
];

let draws = 0;
const random = (shape: readonly number[], scale = 1): Float32Array =>
  normals(sizeOf(shape), { seed: 1, step: draws++ }).map((x) => x * scale);

/** Runs the program once on these inputs and states, and gives the output `y`. */
async function evaluate(backend: Backend, program: Program, inputs: Record<string, Data>): Promise<Data> {
  const executable = await backend.prepare(program);
  for (const [name, data] of Object.entries(inputs)) executable.write(name, data);
  executable.run();
  const y = await executable.read("y");
  executable.dispose();
  return y;
}

/** The largest error, relative where the numbers are larger than 1; Infinity where one is NaN and the other is not. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.is(a.length, b.length);
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    if (Object.is(x, y) || x === y) continue;
    const error = Math.abs(x - y) / Math.max(1, Math.abs(y));
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  }
  return worst;
}
const near = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 2e-6, what = ""): void => {
  const d = distance(a, b);
  assert.ok(d <= tolerance, `${what} differs by ${d}`);
};

/** Every index of a shape, in row-major order. */
function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, d) => all.flatMap((i) => Array.from({ length: d }, (_, k) => [...i, k])),
    [[]],
  );
}
const at = (data: ArrayLike<number>, shape: readonly number[], index: readonly number[]): number =>
  data[shape.reduce((sum, d, i) => sum * d + (index[i] as number), 0)] as number;

for (const backend of backends) {
  const on = (name: string, run: () => Promise<void>): void => test(`${backend.name}: ${name}`, run);
  /** One operation on inputs of these shapes against `expected`. */
  const check = async (
    build: (b: ProgramBuilder, ids: ValueId[]) => ValueId,
    inputs: readonly { shape: readonly number[]; data: Data }[],
    expected: ArrayLike<number>,
    { tolerance = 2e-6, what = "" } = {},
  ): Promise<void> => {
    // Once as inputs of the program, which small ones reach the device as uniforms, and once as states.
    for (const kind of ["input", "stateful"] as const) {
      const b = new ProgramBuilder();
      const ids = inputs.map(({ shape, data }, i) =>
        b[kind](`x${i}`, shape, data instanceof Int32Array ? "int32" : "float32"),
      );
      b.outputs.y = build(b, ids);
      const y = await evaluate(
        backend,
        b.program(),
        Object.fromEntries(inputs.map(({ data }, i) => [`x${i}`, data])),
      );
      near(y, expected, tolerance, `${what} (${kind})`);
    }
  };

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

  on("every elementwise function agrees with its definition", async () => {
    const points = [
      -1e4, -90, -20, -3.5, -2, -1, -0.7, -1e-3, 0, 1e-6, 0.2, 0.5, 1, 1.5, 2.25, 3, 6, 17, 88, 1e4,
    ];
    const argument = Float32Array.from(points.flatMap((x) => points.map(() => x)));
    const second = Float32Array.from(points.flatMap(() => points));
    const n = argument.length;
    for (const op of Object.keys(scalarOps) as ScalarOp[]) {
      const { arity, evaluate: f } = scalarOps[op];
      // The sine of a large float32 is its own affair; the power's exponent magnifies the rounding of the logarithm.
      const tame =
        op === "sin" || op === "cos" ? (x: number) => Math.max(-100, Math.min(100, x)) : (x: number) => x;
      const small = op === "pow" ? (x: number) => Math.max(-4, Math.min(4, x)) : (x: number) => x;
      const data = [argument.map(tame), second.map(small), argument.map((x) => -x)].slice(0, arity);
      const expected = Float32Array.from({ length: n }, (_, i) => {
        const [a = 0, b = 0, c = 0] = data.map((d) => d[i] as number);
        return f(a, b, c);
      });
      for (const shape of [[n], [points.length, points.length]])
        await check(
          (p, ids) => p.apply(op, ...ids),
          data.map((d) => ({ shape, data: d })),
          expected,
          { tolerance: op === "pow" || op === "exp" ? 1e-5 : 1.5e-6, what: `${op} of [${shape}]` },
        );
    }
  });

  on(
    "NaN and infinities go through elementwise functions, sums, maxima and products of matrices",
    async () => {
      const data = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1);
      for (const op of [
        "relu",
        "abs",
        "sign",
        "exp",
        "log",
        "sqrt",
        "tanh",
        "sigmoid",
        "softplus",
        "silu",
        "erf",
        "square",
        "reciprocal",
      ] as const)
        for (const shape of [[4], [2, 2]])
          await check(
            (p, [x]) => p.apply(op, x as ValueId),
            [{ shape, data }],
            [...data].map((x) => Math.fround(scalarOps[op].evaluate(x, 0, 0))),
            { what: `${op} of [${shape}]` },
          );
      const other = Float32Array.of(1, 2, 3, Number.NaN);
      for (const op of ["max", "min", "add", "mul", "lt", "eq"] as const)
        await check(
          (p, [x, y]) => p.apply(op, x as ValueId, y as ValueId),
          [
            { shape: [2, 2], data },
            { shape: [2, 2], data: other },
          ],
          [...data].map((x, i) => scalarOps[op].evaluate(x, other[i] as number, 0)),
          { what: op },
        );
      for (const kind of ["sum", "max"] as const)
        await check(
          (p, [x]) => p.reduce(kind, x as ValueId, [1]),
          [{ shape: [2, 2], data: other }],
          [kind === "sum" ? 3 : 2, Number.NaN],
        );
      await check(
        (p, [x]) => p.matmul(x as ValueId, x as ValueId),
        [{ shape: [2, 2], data: other }],
        [7, Number.NaN, Number.NaN, Number.NaN],
      );
    },
  );

  on(
    "elementwise broadcasts like NumPy, with several results and with numbers known to the host",
    async () => {
      const shapes = [[], [1], [5], [3, 1], [1, 5], [3, 5], [2, 1, 5], [2, 3, 1], [1, 1, 1], [2, 3, 5]];
      for (const [i, sa] of shapes.entries())
        for (const sb of shapes.slice(0, i + 1)) {
          const b = new ProgramBuilder();
          const [da, db] = [random(sa), random(sb)];
          const f = b.apply("sub", b.input("a", sa), b.stateful("b", sb));
          const out = b.shape(f);
          const body: Step[] = [
            { op: "input", name: "0" },
            { op: "input", name: "1" },
            { op: "sub", args: [0, 1] },
            { op: "mul", args: [2, 2] },
          ];
          const squared = b.values.push({ dtype: "float32", shape: out }) - 1;
          const op = b.ops[0] as Program["ops"][number];
          b.ops[0] = {
            ...op,
            attrs: { body, results: [2, 3] },
            outputs: [f, squared],
          } as Program["ops"][number];
          Object.assign(b.outputs, { f, squared });
          const executable = await backend.prepare(b.program());
          executable.write("a", da);
          executable.write("b", db);
          executable.run();
          const pull = (data: Data, shape: readonly number[]): number[] =>
            indicesOf(out).map((index) =>
              at(
                data,
                shape,
                shape.map((d, k) => (d === 1 ? 0 : (index[k + out.length - shape.length] as number))),
              ),
            );
          const bs = pull(db, sb);
          const expected = pull(da, sa).map((x, k) => x - (bs[k] as number));
          near(await executable.read("f"), expected, 1e-6, `[${sa}] − [${sb}]`);
          near(
            await executable.read("squared"),
            expected.map((x) => x * x),
            2e-6,
            `([${sa}] − [${sb}])²`,
          );
          executable.dispose();
        }
    },
  );

  on(
    "random draws are those of dsl/random: integers and uniforms bit by bit, normals to rounding",
    async () => {
      const stream = 0xdeadbeef;
      const key = Int32Array.of(-123456789, 2_000_000_011, 16_777_217);
      const place = { seed: key[0] as number, step: key[1] as number, first: key[2] as number, stream };
      const draw = (
        shape: readonly number[],
        attrs: Parameters<ProgramBuilder["random"]>[0],
      ): Promise<Data> => {
        const b = new ProgramBuilder();
        b.outputs.y = b.random(attrs, b.input("key", [3], "int32"), shape);
        return evaluate(backend, b.program(), { key });
      };
      for (const shape of [[7], [3, 5], [64, 33], [2, 3, 5], [1], [9, 1]]) {
        const n = sizeOf(shape);
        assert.equal(
          await draw(shape, { kind: "integer", stream, min: -3, max: 200 }),
          integers(n, -3, 200, place),
        );
        assert.equal(await draw(shape, { kind: "uniform", stream }), uniforms(n, place));
        near(await draw(shape, { kind: "normal", stream }), normals(n, place), 1e-6, `normals of [${shape}]`);
      }
      const n = 50_000;
      near(await draw([n / 100, 100], { kind: "normal", stream }), normals(n, place), 1e-6, "normals");
    },
  );

  /** p ← p − rate · 2 (p − x), with slices, reshapes, sums and matmuls on the way; loss = |p − x|². */
  function descent(): Program {
    const b = new ProgramBuilder();
    const p = b.stateful("p", [12]);
    const x = b.input("x", [3, 4]);
    const w = b.reshape(b.slice(p, [0], [12]), [3, 4]);
    const head = b.slice(p, [4], [4]);
    const error = b.apply("sub", w, x);
    const tail = b.apply("mul", b.reshape(head, [1, 4]), { constant: 0 });
    b.outputs.loss = b.reshape(b.reduce("sum", b.apply("square", error), [0, 1]), []);
    b.outputs.product = b.matmul(error, w, { transposeB: true });
    const gradient = b.reshape(b.apply("add", b.apply("mul", error, { constant: 2 }), tail), [12]);
    b.updates.p = b.apply("sub", p, b.apply("mul", gradient, b.input("rate", [])));
    b.updates.before = p;
    b.stateful("before", [12]);
    return b.program();
  }

  on("states are updated all at once after the run", async () => {
    const executable = await backend.prepare(descent());
    const p = random([12]);
    executable.write("p", p);
    executable.write("before", new Float32Array(12));
    executable.write("x", new Float32Array(12));
    executable.write("rate", Float32Array.of(0.25));
    executable.run();
    near(
      await executable.read("p"),
      p.map((v) => v / 2),
    );
    near(await executable.read("before"), p);
    const pending = executable.read("loss");
    executable.run();
    executable.run();
    near(
      await executable.read("p"),
      p.map((v) => v / 8),
    );
    near(
      await executable.read("before"),
      p.map((v) => v / 4),
    );
    near(await pending, [p.reduce((sum, v) => sum + v * v, 0)]);
    executable.dispose();
  });

  on("no buffer is left behind: as many after step 1,000 as after step 10", async () => {
    const executable = await backend.prepare(descent());
    executable.write("p", random([12]));
    executable.write("before", new Float32Array(12));
    executable.write("rate", Float32Array.of(0.01));
    const live: number[] = [];
    const step = async (executable: Executable, i: number): Promise<void> => {
      executable.write("x", random([3, 4]));
      executable.run();
      if (i % 100 === 0) await executable.read("loss");
      live[i] = executable.liveBuffers;
    };
    for (let i = 1; i <= 1000; i++) await step(executable, i);
    assert.is(live[1000], live[10]);
    assert.ok((live[10] as number) <= 12, `${live[10]} buffers are alive`);
    executable.dispose();
  });

  on("two executables do not disturb one another", async () => {
    const program = descent();
    const [a, b] = [await backend.prepare(program), await backend.prepare(program)];
    const [pa, pb] = [random([12]), random([12])];
    for (const [executable, p] of [
      [a, pa],
      [b, pb],
    ] as const) {
      executable.write("p", p);
      executable.write("before", p);
      executable.write("x", new Float32Array(12));
      executable.write("rate", Float32Array.of(0.25));
    }
    a.run();
    b.run();
    near(
      await a.read("p"),
      pa.map((v) => v / 2),
    );
    a.dispose();
    b.run();
    near(
      await b.read("p"),
      pb.map((v) => v / 4),
    );
    b.dispose();
  });

  on("misuse is told by name", async () => {
    const executable = await backend.prepare(descent());
    const message = (run: () => unknown): string => {
      try {
        run();
      } catch (error) {
        return (error as Error).message;
      }
      return "nothing";
    };
    assert.match(
      message(() => executable.write("q", new Float32Array(12))),
      /takes x, rate, p, before but receives q/,
    );
    assert.match(
      message(() => executable.write("p", new Float32Array(11))),
      /p takes 12 numbers of float32 but receives 11/,
    );
    assert.match(
      message(() => executable.write("p", new Int32Array(12))),
      /receives 12 of int32/,
    );
    assert.match(
      message(() => executable.run()),
      /x takes numbers but has received none/,
    );
    executable.dispose();
    assert.match(
      message(() => executable.run()),
      /disposed/,
    );
  });
}

test.run();
