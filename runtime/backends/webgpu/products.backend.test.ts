import { test } from "uvu";
import type { Step } from "../../../dsl/net.js";
import { ProgramBuilder } from "../../builder.js";
import type { Conv2dAttrs, Op } from "../../program.js";
import { noise } from "../simd/checks.js";
import { agree, onGpu } from "./checks.js";

const both = [false, true];

onGpu("matmul in all transposes, of few, odd and many rows, columns and inner numbers", async () => {
  const sizes = [
    [1, 1, 1],
    [2, 1, 9],
    [7, 9, 11],
    [13, 2, 33],
    [40, 1, 65],
    [17, 33, 16],
    [64, 65, 17],
    [3, 5, 600],
    [33, 130, 700],
  ] as const;
  for (const [m, n, k] of sizes)
    for (const transposeA of both)
      for (const transposeB of both) {
        const b = new ProgramBuilder();
        const [shapeA, shapeB] = [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]];
        const product = b.matmul(b.input("a", shapeA), b.stateful("b", shapeB), { transposeA, transposeB });
        // What lies behind the product must stay as it is.
        b.outputs.all = b.concat([product, b.apply("neg", b.input("c", [1, n]))], 0);
        const label = `[${m}, ${k}]${transposeA ? "ᵀ" : ""}·[${k}, ${n}]${transposeB ? "ᵀ" : ""}`;
        const given = { a: noise(shapeA), b: noise(shapeB), c: noise([n]) };
        await agree(b.program(), given, { label, tolerance: 3e-5 });
      }
});

onGpu("matmul of stacks, either of which may be one matrix", async () => {
  for (const [ga, gb] of [
    [3, 3],
    [1, 4],
    [4, 1],
  ] as const)
    for (const transposeA of both)
      for (const transposeB of both) {
        const b = new ProgramBuilder();
        const shapeA = [ga, ...(transposeA ? [300, 5] : [5, 300])];
        const shapeB = [gb, ...(transposeB ? [18, 300] : [300, 18])];
        b.outputs.y = b.matmul(b.input("a", shapeA), b.input("b", shapeB), { transposeA, transposeB });
        await agree(b.program(), { a: noise(shapeA), b: noise(shapeB) }, { tolerance: 3e-5 });
      }
});

/** bias, then ReLU, then a scalar times it: "0" is the product. */
const epilogue: readonly Step[] = [
  { op: "input", name: "0" },
  { op: "input", name: "1" },
  { op: "add", args: [0, 1] },
  { op: "relu", args: [2] },
  { op: "input", name: "2" },
  { op: "mul", args: [3, 4] },
];

/** The last operation with that epilogue, and the same as operations of their own. */
function withEpilogue(b: ProgramBuilder, y: number, bias: number, scale: number): void {
  b.outputs.apart = b.apply("mul", b.apply("relu", b.apply("add", y, bias)), scale);
  const at = b.ops.findIndex((op) => op.outputs.includes(y));
  const op = b.ops[at] as Op;
  const out = b.values.push({ dtype: "float32", shape: b.shape(y) }) - 1;
  const attrs = { ...op.attrs, epilogue };
  b.ops.push({ ...op, attrs, inputs: [...op.inputs, bias, scale], outputs: [out] } as Op);
  b.outputs.together = out;
}

onGpu("epilogues of products and convolutions", async () => {
  const b = new ProgramBuilder();
  const bias = b.stateful("bias", [20]);
  const scale = b.input("scale", []);
  withEpilogue(b, b.matmul(b.input("a", [40, 700]), b.input("w", [700, 20])), bias, scale);
  const given = { a: noise([40, 700]), w: noise([700, 20]), bias: noise([20]), scale: noise([1]) };
  await agree(b.program(), given, { tolerance: 3e-5 });
  const attrs: Conv2dAttrs = { strides: [1, 1], dilations: [1, 1], before: [1, 1], groups: 2 };
  for (const kind of ["conv2d", "conv2dInput"] as const) {
    const c = new ProgramBuilder();
    const forward = kind === "conv2d";
    const [x, w] = [forward ? [2, 5, 4, 6] : [2, 5, 4, 20], forward ? [3, 3, 3, 20] : [3, 3, 10, 20]];
    const y = c[kind](c.input("x", x), c.input("w", w), attrs, [5, 4]);
    withEpilogue(c, y, c.input("bias", [20]), c.input("scale", []));
    const numbers = { x: noise(x), w: noise(w), bias: noise([20]), scale: noise([1]) };
    await agree(c.program(), numbers, { label: kind });
  }
});

onGpu("convolutions and both their transposes, with stride, dilation, padding and groups", async () => {
  const cases: readonly (Conv2dAttrs & {
    readonly x: readonly [number, number, number, number];
    readonly filter: readonly [number, number, number, number];
    readonly size: readonly [number, number];
  })[] = [
    { x: [2, 5, 6, 3], filter: [3, 3, 3, 4], size: [5, 6], ...plain({ before: [1, 1] }) },
    { x: [1, 7, 7, 2], filter: [3, 3, 2, 5], size: [5, 5], ...plain({}) },
    { x: [3, 8, 8, 4], filter: [1, 1, 4, 17], size: [8, 8], ...plain({}) },
    { x: [2, 9, 7, 3], filter: [3, 2, 3, 4], size: [5, 4], ...plain({ strides: [2, 2], before: [1, 0] }) },
    { x: [2, 9, 9, 2], filter: [3, 3, 2, 3], size: [9, 9], ...plain({ dilations: [2, 2], before: [2, 2] }) },
    { x: [2, 6, 5, 6], filter: [3, 3, 2, 9], size: [6, 5], ...plain({ groups: 3, before: [1, 1] }) },
    { x: [2, 6, 6, 8], filter: [3, 3, 1, 16], size: [3, 3], ...plain({ groups: 8, strides: [2, 2] }) },
    { x: [4, 20, 20, 5], filter: [3, 3, 5, 33], size: [20, 20], ...plain({ before: [1, 1] }) },
  ];
  for (const { x, filter, size, ...attrs } of cases) {
    const b = new ProgramBuilder();
    const y = [x[0], ...size, filter[3]];
    const [xs, ws, dys] = [b.input("x", x), b.input("filter", filter), b.input("dy", y)];
    b.outputs.y = b.conv2d(xs, ws, attrs, size);
    b.outputs.dx = b.conv2dInput(dys, ws, attrs, [x[1], x[2]]);
    b.outputs.dfilter = b.conv2dFilter(xs, dys, attrs, [filter[0], filter[1]]);
    const label = `[${x}] by [${filter}] with ${JSON.stringify(attrs)}`;
    await agree(
      b.program(),
      { x: noise(x), filter: noise(filter), dy: noise(y) },
      { label, tolerance: 3e-5 },
    );
  }
});

function plain(attrs: Partial<Conv2dAttrs>): Conv2dAttrs {
  return { strides: [1, 1], dilations: [1, 1], before: [0, 0], groups: 1, ...attrs };
}

test.run();
