import { test } from "uvu";
import * as assert from "uvu/assert";
import { sizeOf } from "../../dsl/array.js";
import { interpret } from "../../test/interpret.js";
import { numbers } from "../../test/random-program.js";
import { ProgramBuilder } from "../builder.js";
import { checkProgram } from "../primitives.js";
import type { Op, ValueId } from "../program.js";
import { elementary, everything, optimise } from "./index.js";

/** The operations left after optimisation, which must compute what was written. */
function left(shape: readonly number[], build: (b: ProgramBuilder, x: ValueId) => ValueId): readonly Op[] {
  const b = new ProgramBuilder();
  b.outputs.y = build(b, b.input("x", shape));
  const inputs = { x: numbers(sizeOf(shape), 1) };
  const want = interpret(b.program(), inputs).y as Float64Array;
  const program = checkProgram(optimise(b.program(), everything));
  (interpret(program, inputs).y as Float64Array).forEach((value, i) => {
    assert.ok(Math.abs(value - (want[i] as number)) < 1e-12, `${value} for ${want[i]}`);
  });
  return program.ops;
}
const names = (ops: readonly Op[]): readonly string[] => ops.map((op) => op.prim);

test("a transpose of a transpose is one, or none", () => {
  const cube = [2, 3, 4];
  assert.equal(names(left(cube, (b, x) => b.transpose(b.transpose(x, [1, 2, 0]), [2, 0, 1]))), []);
  const [op] = left(cube, (b, x) => b.transpose(b.transpose(x, [1, 2, 0]), [1, 0, 2]));
  assert.equal(op?.attrs, { order: [2, 1, 0] });
});

test("where only axes of size 1 move, nothing does", () => {
  assert.equal(names(left([2, 1, 3], (b, x) => b.transpose(x, [1, 0, 2]))), ["reshape"]);
});

test("a product of transposes is a product with flags", () => {
  const ops = left([2, 3, 4], (b, x) => b.matmul(b.transpose(x, [0, 2, 1]), x));
  assert.equal(names(ops), ["matmul"]);
  assert.equal(ops[0]?.attrs, { transposeA: true, transposeB: false });
  const both = left([3, 4], (b, x) => {
    const t = b.transpose(x, [1, 0]);
    return b.matmul(t, t, { transposeA: true });
  });
  assert.equal(names(both), ["matmul"]);
  assert.equal(both[0]?.attrs, { transposeA: false, transposeB: true });
  // an exchange with the stack's axis is no flag
  const stack = left([2, 3, 4], (b, x) => b.matmul(b.transpose(x, [1, 0, 2]), b.transpose(x, [1, 2, 0])));
  assert.equal(names(stack), ["transpose", "transpose", "matmul"]);
});

test("a slice of a slice is one, by the product of the strides", () => {
  const [op, ...more] = left([9, 4], (b, x) =>
    b.slice(b.slice(x, [1, 1], [4, 3], [2, 1]), [1, 0], [2, 2], [2, 1]),
  );
  assert.is(more.length, 0);
  assert.equal(op?.attrs, { begin: [3, 1], strides: [4, 1] });
});

test("a slice of a concatenation is that of the operand it lies in", () => {
  const build = (begin: number, size: number) => (b: ProgramBuilder, x: ValueId) =>
    b.slice(b.concat([x, b.apply("neg", x)], 1), [0, begin], [2, size]);
  assert.equal(names(left([2, 3], build(0, 3))), []);
  assert.equal(names(left([2, 3], build(3, 3))), ["elementwise"]);
  assert.equal(names(left([2, 3], build(4, 2))), ["elementwise", "slice"]);
  assert.equal(names(left([2, 3], build(2, 2))), ["elementwise", "concat", "slice"]);
});

test("a convolution reads the zeros around an image without there being any", () => {
  const attrs = { strides: [1, 1], dilations: [1, 1], before: [0, 0], groups: 1 } as const;
  const build = (value: number) => (b: ProgramBuilder, x: ValueId) => {
    const filter = b.constant(numbers(8, 3), [2, 2, 1, 2]);
    return b.conv2d(b.pad(x, [0, 1, 2, 0], [1, 5, 6, 1], { value }), filter, attrs, [4, 5]);
  };
  const [op, ...more] = left([1, 3, 3, 1], build(0));
  assert.is(more.length, 0);
  assert.equal(op?.attrs, { ...attrs, before: [1, 2] });
  assert.equal(names(left([1, 3, 3, 1], build(1))), ["pad", "conv2d"]);
});

test("a sum over more axes goes on from a sum over fewer", () => {
  const b = new ProgramBuilder();
  const x = b.input("x", [2, 3, 4]);
  b.outputs.rows = b.reduce("sum", x, [1]);
  b.outputs.all = b.reduce("sum", x, [0, 1]);
  b.outputs.max = b.reduce("max", x, [0, 1]);
  const { ops } = optimise(b.program(), elementary);
  assert.equal(
    ops.map((op) => [op.inputs[0] === x, op.attrs]),
    [
      [true, { kind: "sum", axes: [1] }],
      [false, { kind: "sum", axes: [0] }],
      [true, { kind: "max", axes: [0, 1] }],
    ],
  );
});

test.run();
