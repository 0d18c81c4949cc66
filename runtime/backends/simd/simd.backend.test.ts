import { test } from "uvu";
import * as assert from "uvu/assert";
import { ProgramBuilder } from "../../builder.js";
import { agree, builds, noise } from "./checks.js";
import { prepareWith, simd } from "./index.js";

const both = [false, true];
const ranges = (...sizes: readonly number[]): Int32Array => Int32Array.from(sizes);

test("matmul in all transposes, with few and odd rows, columns and inner numbers", async () => {
  const sizes = [
    [1, 1, 1],
    [1, 7, 3],
    [2, 1, 9],
    [3, 5, 2],
    [4, 4, 4],
    [5, 5, 5],
    [6, 8, 10],
    [7, 9, 11],
    [13, 2, 33],
    [2, 17, 40],
    [1, 40, 65],
    [40, 1, 65],
    [12, 16, 257],
    [19, 21, 600],
    [3, 32, 700],
    [64, 3, 130],
    [8, 530, 6],
    [33, 519, 29],
  ] as const;
  for (const [m, n, k] of sizes)
    for (const transposeA of both)
      for (const transposeB of both) {
        const b = new ProgramBuilder();
        const [shapeA, shapeB] = [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]];
        const product = b.matmul(b.input("a", shapeA), b.input("b", shapeB), { transposeA, transposeB });
        b.outputs.product = product;
        // What lies behind the product must stay as it is.
        b.outputs.after = b.concat([product, b.apply("neg", b.input("c", [1, n]))], 0);
        const label = `[${m}, ${k}]${transposeA ? "ᵀ" : ""}·[${k}, ${n}]${transposeB ? "ᵀ" : ""}`;
        await agree(
          b.program(),
          { a: noise(shapeA), b: noise(shapeB), c: noise([n]) },
          { label, tolerance: 2e-5 },
        );
      }
});

test("reductions over every set of axes", async () => {
  const shapes = [
    [],
    [1],
    [5],
    [37],
    [100],
    [4, 3],
    [37, 2],
    [3, 37],
    [19, 16],
    [100, 33],
    [2, 3, 4],
    [5, 1, 9],
    [3, 2, 5, 4],
  ];
  for (const shape of shapes)
    for (let set = 0; set < 2 ** shape.length; set++)
      for (const kind of ["sum", "max"] as const) {
        const b = new ProgramBuilder();
        const axes = shape.flatMap((_, axis) => ((set >> axis) & 1 ? [axis] : []));
        b.outputs.out = b.reduce(kind, b.input("x", shape), axes);
        if (b.outputs.out === b.inputs.x) continue;
        await agree(b.program(), { x: noise(shape) }, { label: `${kind} of [${shape}] over ${axes}` });
      }
});

test("a NaN is seen by every reduction", async () => {
  for (const shape of [[37], [5, 9], [20, 3]])
    for (const kind of ["sum", "max"] as const) {
      const b = new ProgramBuilder();
      b.outputs.out = b.reduce(
        kind,
        b.input("x", shape),
        shape.map((_, a) => a),
      );
      const x = noise(shape);
      x[x.length - 2] = Number.NaN;
      await agree(b.program(), { x });
    }
});

test("slices and paddings in every position", async () => {
  const cases = [
    { shape: [7], begin: [2], size: [4] },
    { shape: [6, 5], begin: [1, 0], size: [3, 5] },
    { shape: [6, 5], begin: [0, 2], size: [6, 3] },
    { shape: [6, 5], begin: [0, 4], size: [6, 1] },
    { shape: [9, 12], begin: [4, 1], size: [5, 9] },
    { shape: [3, 4, 5], begin: [1, 1, 1], size: [2, 2, 4] },
    { shape: [2, 3, 1], begin: [0, 1, 0], size: [2, 1, 1] },
  ];
  for (const { shape, begin, size } of cases) {
    const b = new ProgramBuilder();
    const x = b.input("x", shape);
    b.outputs.slice = b.slice(x, begin, size);
    b.outputs.pad = b.pad(b.apply("neg", b.outputs.slice), begin, shape);
    await agree(
      b.program(),
      { x: noise(shape) },
      { label: `[${shape}] from ${begin} of ${size}`, tolerance: 0 },
    );
  }
});

test("concatenations along every axis, of operands used elsewhere or not", async () => {
  for (const axis of [0, 1, 2])
    for (const sizes of [[1, 2], [3, 1, 4], [2]]) {
      const b = new ProgramBuilder();
      const shapes = sizes.map((size) => [3, 2, 5].with(axis, size));
      const xs = shapes.map((shape, i) => b.input(`x${i}`, shape));
      b.outputs.inputs = b.concat([...xs, xs[0] as number], axis);
      b.outputs.results = b.concat(
        xs.map((x) => b.apply("neg", x)),
        axis,
      );
      const given = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, noise(shape)]));
      await agree(b.program(), given, { label: `axis ${axis} of ${sizes}`, tolerance: 0 });
    }
});

test("append of one number to each example", async () => {
  for (const n of [1, 2, 3, 8]) {
    const b = new ProgramBuilder();
    b.outputs.out = b.concat([b.input("x", [9, n]), b.input("t", [9, 1])], 1);
    await agree(b.program(), { x: noise([9, n]), t: noise([9]) }, { tolerance: 0 });
  }
});

test("rows gathered and added up, indices outside the table included", async () => {
  for (const rest of [[], [1], [3], [4, 5], [40]]) {
    const b = new ProgramBuilder();
    const index = b.input("index", [9], "int32");
    b.outputs.rows = b.gather(b.input("table", [5, ...rest]), index, 1);
    b.outputs.sums = b.scatterAdd(index, b.input("updates", [9, ...rest]), 5, 1);
    const given = {
      table: noise([5, ...rest]),
      updates: noise([9, ...rest]),
      index: ranges(1, 5, 3, 3, 2, 0, 6, -7, 5),
    };
    await agree(b.program(), given, { label: `[${rest}]` });
  }
});

test("integers of the tables are gathered as they are", async () => {
  const b = new ProgramBuilder();
  b.outputs.out = b.gather(b.constant(ranges(7, 2 ** 30 + 1, -5), [3]), b.input("i", [4], "int32"));
  const run = await simd.prepare(b.program());
  run.write("i", ranges(1, 0, 2, 1));
  run.run();
  assert.equal(await run.read("out"), ranges(2 ** 30 + 1, 7, -5, 2 ** 30 + 1));
});

test("random integers and uniforms are those of the language bit by bit, normals to 10⁻⁶", async () => {
  for (const key of [ranges(1, 0, 0), ranges(-5, 12345, 7), ranges(2 ** 31 - 1, 3, -2)]) {
    const b = new ProgramBuilder();
    const k = b.input("key", [3], "int32");
    for (const size of [1, 6, 4099]) {
      b.outputs[`integer${size}`] = b.random({ kind: "integer", stream: 3, min: -4, max: 195 }, k, [size]);
      b.outputs[`wide${size}`] = b.random(
        { kind: "integer", stream: 4, min: -(2 ** 31), max: 2 ** 31 - 1 },
        k,
        [size],
      );
      b.outputs[`uniform${size}`] = b.random({ kind: "uniform", stream: 2 ** 32 - 1 }, k, [size]);
    }
    await agree(b.program(), { key }, { tolerance: 0 });
    const c = new ProgramBuilder();
    c.outputs.normal = c.random({ kind: "normal", stream: 99 }, c.input("key", [3], "int32"), [40_001]);
    await agree(c.program(), { key }, { tolerance: 1e-6 });
  }
});

test("int32 values are read as numbers by sums, products and concatenations", async () => {
  const b = new ProgramBuilder();
  const i = b.input("i", [3, 5], "int32");
  b.outputs.sum = b.reduce("sum", i, [1]);
  b.outputs.product = b.matmul(i, b.input("w", [5, 7]));
  b.outputs.both = b.concat([b.input("x", [3, 2]), i], 1);
  const given = {
    i: Int32Array.from({ length: 15 }, (_, n) => n * 7 - 40),
    w: noise([5, 7]),
    x: noise([3, 2]),
  };
  await agree(b.program(), given);
});

test("states start at zero, keep what they are given, and are updated all at once", async () => {
  const b = new ProgramBuilder();
  const shape = [5];
  const [x, y, n] = [b.stateful("x", shape), b.stateful("y", shape), b.stateful("n", [])];
  b.outputs.sum = b.apply("add", x, y);
  Object.assign(b.updates, { x: y, y: x, n: b.apply("add", n, { constant: 1 }) });
  for (const build of builds) {
    const run = await prepareWith(b.program(), build);
    assert.equal(await run.read("x"), new Float32Array(5));
    const [first, second] = [noise(shape), noise(shape)];
    run.write("x", first);
    run.write("y", second);
    run.run();
    assert.equal(await run.read("x"), second);
    assert.equal(await run.read("y"), first);
    run.run();
    run.run();
    assert.equal(await run.read("x"), second);
    assert.equal(await run.read("n"), Float32Array.of(3));
    assert.is(run.liveBuffers, 1);
    run.dispose();
    assert.is(run.liveBuffers, 0);
    assert.throws(() => run.run(), /disposed/);
    assert.throws(() => run.write("x", first), /disposed/);
  }
});

test("what does not fit is refused in words", async () => {
  const b = new ProgramBuilder();
  b.outputs.out = b.apply("neg", b.input("batch", [3]));
  const run = await simd.prepare(b.program());
  assert.throws(() => run.write("bach", new Float32Array(3)), /receives bach; did you mean batch\?/);
  assert.throws(
    () => run.write("batch", new Float32Array(2)),
    /batch takes a Float32Array of 3 but receives a Float32Array of 2/,
  );
  assert.throws(() => run.write("batch", new Int32Array(3)), /receives a Int32Array/);
  const large = new ProgramBuilder();
  large.outputs.out = large.broadcast(large.input("x", [1]), [2 ** 31]);
  try {
    await simd.prepare(large.program());
    assert.unreachable();
  } catch (error) {
    assert.match(
      String(error),
      /simd: WebAssembly takes at most 4294967296 bytes.* receives a program of 85\d+ bytes/,
    );
  }
});

test.run();
