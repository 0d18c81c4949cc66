import { test } from "uvu";
import * as assert from "uvu/assert";
import { ProgramBuilder } from "../../builder.js";
import { noise } from "../simd/checks.js";
import { agree, onGpu, outputsOf } from "./checks.js";

onGpu("reductions over every set of axes", async () => {
  const shapes = [[1], [37], [4, 3], [37, 2], [3, 37], [100, 33], [2, 3, 4], [5, 1, 9], [3, 2, 5, 4]];
  for (const shape of shapes) {
    const b = new ProgramBuilder();
    for (let set = 0; set < 2 ** shape.length; set++)
      for (const kind of ["sum", "max"] as const) {
        const axes = shape.flatMap((_, axis) => ((set >> axis) & 1 ? [axis] : []));
        b.outputs[`${kind} over ${axes}`] = b.reduce(kind, b.input("x", shape), axes);
      }
    await agree(b.program(), { x: noise(shape) }, { label: `[${shape}]` });
  }
});

onGpu("reductions of so many numbers that they are cut into pieces, alike at every run", async () => {
  for (const [shape, axes] of [
    [[100_003], [0]],
    [[20_000, 5], [0]],
    [[5, 20_000], [1]],
    [
      [2, 5_000, 3, 4],
      [1, 3],
    ],
  ] as const) {
    const b = new ProgramBuilder();
    b.outputs.sum = b.reduce("sum", b.input("x", shape), axes);
    b.outputs.max = b.reduce("max", b.input("x", shape), axes);
    const x = noise(shape);
    await agree(b.program(), { x }, { label: `[${shape}]` });
    const given = { x };
    assert.equal(await outputsOf(b.program(), given), await outputsOf(b.program(), given));
  }
});

onGpu("a NaN is seen by every reduction, and nothing is less than the maximum of infinities", async () => {
  for (const special of [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])
    for (const shape of [[37], [5, 9], [20, 3]])
      for (const kind of ["sum", "max"] as const)
        for (const all of [false, true]) {
          const b = new ProgramBuilder();
          const axes = shape.map((_, axis) => axis);
          b.outputs.out = b.reduce(kind, b.input("x", shape), axes);
          const x = all ? noise(shape).fill(special) : noise(shape);
          x[x.length - 2] = special;
          await agree(b.program(), { x }, { label: `${kind} of ${special}` });
        }
});

onGpu("transposes, slices with strides, and paddings, of numbers and integers", async () => {
  const cases = [
    { shape: [7], begin: [2], size: [2], strides: [2] },
    { shape: [6, 5], begin: [1, 0], size: [3, 5], strides: [1, 1] },
    { shape: [6, 5], begin: [0, 4], size: [3, 1], strides: [2, 1] },
    { shape: [9, 12], begin: [1, 2], size: [3, 4], strides: [3, 2] },
    { shape: [3, 4, 5], begin: [1, 1, 1], size: [2, 2, 2], strides: [1, 1, 3] },
  ];
  for (const { shape, begin, size, strides } of cases) {
    const b = new ProgramBuilder();
    const x = b.input("x", shape);
    const i = b.input("i", shape, "int32");
    const order = shape.map((_, axis) => shape.length - 1 - axis);
    b.outputs.slice = b.slice(x, begin, size, strides);
    b.outputs.integers = b.slice(i, begin, size, strides);
    b.outputs.turned = b.transpose(i, order);
    b.outputs.twice = b.transpose(b.transpose(x, order), order);
    b.outputs.pad = b.pad(b.apply("neg", b.outputs.slice), begin, shape, { strides, value: -0.5 });
    const count = shape.reduce((n, d) => n * d, 1);
    // Integers whose bits are those of NaNs and of numbers too small for float32 stay as they are.
    const i32 = Int32Array.from({ length: count }, (_, k) => (k % 2 ? -k : k * 3));
    await agree(b.program(), { x: noise(shape), i: i32 }, { label: `[${shape}]`, tolerance: 0 });
  }
});

onGpu("concatenations along every axis, of operands used elsewhere or not, of integers too", async () => {
  for (const axis of [0, 1, 2]) {
    const b = new ProgramBuilder();
    const shapes = [1, 3, 2].map((size) => [3, 2, 5].with(axis, size));
    const xs = shapes.map((shape, i) => b.input(`x${i}`, shape, i === 1 ? "int32" : "float32"));
    b.outputs.inputs = b.concat([...xs, xs[0] as number], axis);
    b.outputs.results = b.concat(
      xs.map((x) => b.apply("neg", x)),
      axis,
    );
    const given = Object.fromEntries(
      shapes.map((shape, i) => [
        `x${i}`,
        i === 1 ? Int32Array.from(noise(shape), (v) => 9 * v) : noise(shape),
      ]),
    );
    await agree(b.program(), given, { label: `axis ${axis}`, tolerance: 0 });
  }
});

onGpu("rows gathered and added up; an index outside gives NaN, or is left out", async () => {
  for (const rest of [[], [3], [4, 5]]) {
    const width = rest.reduce((n, d) => n * d, 1);
    const b = new ProgramBuilder();
    const index = b.input("index", [6], "int32");
    b.outputs.rows = b.gather(b.input("table", [5, ...rest]), index, 1);
    b.outputs.sums = b.scatterAdd(index, b.input("updates", [6, ...rest]), 5, 1);
    const [table, updates] = [noise([5, ...rest]), noise([6, ...rest])];
    await agree(b.program(), { table, updates, index: Int32Array.of(1, 5, 3, 3, 2, 5) });
    const got = await outputsOf(b.program(), { table, updates, index: Int32Array.of(0, 1, 6, -7, 1, 5) });
    const rows = [...(got.rows ?? [])].map((v) => Number.isNaN(v));
    assert.equal(
      rows,
      [0, 1, 2, 3, 4, 5].flatMap((i) => new Array<boolean>(width).fill([0, 2, 3].includes(i))),
    );
    for (let j = 0; j < width; j++) {
      const sum = (updates[width + j] as number) + (updates[4 * width + j] as number);
      assert.is(got.sums?.[j], Math.fround(sum));
      assert.is(got.sums?.[width + j], 0);
    }
  }
});

onGpu("random integers and uniforms are those of the language bit by bit, normals to 10⁻⁶", async () => {
  for (const key of [
    Int32Array.of(1, 0, 0),
    Int32Array.of(-5, 12345, 7),
    Int32Array.of(2 ** 31 - 1, 3, -2),
  ]) {
    const b = new ProgramBuilder();
    const k = b.input("key", [3], "int32");
    const wide = { min: -(2 ** 31), max: 2 ** 31 - 1 };
    b.outputs.integer = b.random({ kind: "integer", stream: 3, min: -4, max: 195 }, k, [4099]);
    b.outputs.wide = b.random({ kind: "integer", stream: 4, ...wide }, k, [4099]);
    b.outputs.uniform = b.random({ kind: "uniform", stream: 2 ** 32 - 1 }, k, [4099]);
    await agree(b.program(), { key }, { tolerance: 0 });
    const c = new ProgramBuilder();
    c.outputs.normal = c.random({ kind: "normal", stream: 99 }, c.input("key", [3], "int32"), [40_001]);
    await agree(c.program(), { key }, { tolerance: 1e-6 });
  }
});

onGpu("softmax, normalization and its gradient, over last and over inner axes", async () => {
  for (const [shape, axes] of [
    [[5, 7], [1]],
    [
      [2, 30, 4, 3],
      [1, 3],
    ],
    [[2000, 6], [0]],
  ] as const)
    for (const centred of [true, false]) {
      const b = new ProgramBuilder();
      const x = b.apply("add", b.input("x", shape), { constant: 3 });
      const [y, mean, rate] = b.normalize(x, { axes, centred, epsilon: 1e-3 });
      Object.assign(b.outputs, { y, mean, rate, softmax: b.softmax(x) });
      b.outputs.dx = b.normalizeGradient(b.input("g", shape), y, rate, { axes, centred });
      await agree(b.program(), { x: noise(shape), g: noise(shape) }, { label: `[${shape}] over ${axes}` });
    }
});

onGpu("arrays of more elements than one axis of workgroups has threads", async () => {
  const b = new ProgramBuilder();
  const n = 65_536 * 256 + 300;
  const ones = b.apply("add", b.broadcast(b.input("x", [1]), [n]), { constant: 1 });
  b.outputs.sum = b.reduce("sum", b.reshape(ones, [n / 4, 4]), [0]);
  b.outputs.last = b.slice(ones, [n - 2], [2]);
  const { sum, last } = await outputsOf(b.program(), { x: Float32Array.of(0) });
  assert.equal(sum, new Float32Array(4).fill(n / 4));
  assert.equal(last, Float32Array.of(1, 1));
});

test.run();
