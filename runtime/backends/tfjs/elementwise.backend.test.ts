import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Data, sizeOf } from "../../../dsl/array.js";
import { scalarOps } from "../../../dsl/expression.js";
import type { ScalarOp, Step } from "../../../dsl/net.js";
import { integers, normals, uniforms } from "../../../dsl/random.js";
import { ProgramBuilder } from "../../builder.js";
import type { Program, ValueId } from "../../program.js";
import { at, evaluate, indicesOf, near, onEach, random } from "./checks.js";

onEach((on, check, backend) => {
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
});

test.run();
