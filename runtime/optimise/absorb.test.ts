import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpret } from "../../test/interpret.js";
import { numbers } from "../../test/random-program.js";
import { constant, ProgramBuilder } from "../builder.js";
import { checkProgram } from "../primitives.js";
import { printProgram } from "../print.js";
import type { Program, ValueId } from "../program.js";
import { elementary, everything, optimise } from "./index.js";

const window = { strides: [1, 1], dilations: [1, 1], before: [1, 1], groups: 1 } as const;

/** The operations of the optimised program, which must compute what the plain one does. */
function opsOf(build: (b: ProgramBuilder) => ValueId): readonly string[] {
  const b = new ProgramBuilder();
  b.outputs.y = build(b);
  const inputs = Object.fromEntries(
    Object.entries(b.inputs).map(([name, id], i) => [
      name,
      numbers(
        b.shape(id).reduce((n, d) => n * d, 1),
        i + 1,
      ),
    ]),
  );
  const compute = (program: Program): readonly number[] => [...(interpret(program, inputs).y ?? [])];
  const want = compute(b.program());
  const [plain, absorbed] = [elementary, everything].map((target) =>
    checkProgram(optimise(b.program(), target)),
  );
  for (const program of [plain as Program, absorbed as Program])
    compute(program).forEach((value, i) => {
      assert.ok(Math.abs(value - (want[i] as number)) < 1e-12, `${value} for ${want[i]}`);
    });
  return (absorbed as Program).ops.map((op) => op.prim);
}

test("bias and activation are done to the product", () => {
  const ops = opsOf((b) => {
    const y = b.matmul(b.input("x", [3, 4]), b.input("w", [4, 5]));
    return b.apply("tanh", b.apply("add", y, b.input("bias", [5])));
  });
  assert.equal(ops, ["matmul"]);
});

test("through a reshape, with the bias along the last axis and a residual of the whole shape", () => {
  const ops = opsOf((b) => {
    const y = b.matmul(b.reshape(b.input("x", [2, 3, 4]), [6, 4]), b.input("w", [4, 5]));
    const z = b.apply("add", b.reshape(y, [2, 3, 5]), b.input("bias", [5]));
    return b.apply("mul", b.apply("add", z, b.input("r", [2, 3, 5])), b.input("scale", []));
  });
  assert.equal(ops, ["reshape", "reshape", "matmul", "reshape"]);
});

test("not through a reshape where an operand belongs to other axes", () => {
  const ops = opsOf((b) => {
    const y = b.matmul(b.reshape(b.input("x", [2, 3, 4]), [6, 4]), b.input("w", [4, 5]));
    return b.apply("add", b.reshape(y, [2, 3, 5]), b.input("shift", [2, 1, 5]));
  });
  assert.equal(ops, ["reshape", "matmul", "reshape", "elementwise"]);
});

test("a convolution takes the code of its images too", () => {
  const ops = opsOf((b) => {
    const y = b.conv2d(b.input("x", [2, 3, 3, 2]), b.input("f", [3, 3, 2, 4]), window, [3, 3]);
    return b.apply("add", b.apply("add", y, b.input("bias", [4])), b.input("code", [2, 1, 1, 4]));
  });
  assert.equal(ops, ["conv2d"]);
});

test("of two products the later takes the sum", () => {
  const ops = opsOf((b) => {
    const [x, w] = [b.input("x", [3, 3]), b.input("w", [3, 3])];
    return b.apply("add", b.matmul(x, w), b.matmul(x, w, { transposeB: true }));
  });
  assert.equal(ops, ["matmul", "matmul"]);
});

test("a product that others read, or that is an output, stays as it is", () => {
  const twice = opsOf((b) => {
    const y = b.matmul(b.input("x", [3, 4]), b.input("w", [4, 3]));
    return b.apply("add", b.apply("tanh", y), b.matmul(y, y));
  });
  assert.equal(twice, ["matmul", "matmul"]);
  const given = opsOf((b) => {
    const y = b.matmul(b.input("x", [3, 4]), b.input("w", [4, 3]));
    b.outputs.product = y;
    return b.apply("tanh", y);
  });
  assert.equal(given, ["matmul", "elementwise"]);
});

test("of several results the product gives the one that the others are made of", () => {
  const ops = opsOf((b) => {
    const y = b.matmul(b.input("x", [3, 4]), b.input("w", [4, 3]));
    const z = b.apply("add", y, b.input("bias", [3]));
    const a = b.apply("silu", z);
    // z and a are both needed behind a product that needs a
    return b.apply("mul", b.matmul(a, b.input("v", [3, 3])), b.apply("exp", z));
  });
  assert.equal(ops, ["matmul", "elementwise", "matmul"]);
});

test("an elementwise operation that reads the product twice reads it once", () => {
  const ops = opsOf((b) => {
    const y = b.matmul(b.input("x", [3, 4]), b.input("w", [4, 3]));
    return b.apply("mul", y, b.apply("sigmoid", y));
  });
  assert.equal(ops, ["matmul"]);
});

test("as many operands as a GPU reads beside the product's own", () => {
  const ops = (count: number): readonly string[] =>
    opsOf((b) => {
      const y = b.matmul(b.input("x", [3, 4]), b.input("w", [4, 3]));
      return Array.from({ length: count }, (_, i) => b.input(`r${i}`, [3, 3])).reduce<ValueId>(
        (sum, r) => b.apply("add", sum, r),
        y,
      );
    });
  assert.equal(ops(12), ["matmul"]);
  assert.equal(ops(13), ["matmul", "elementwise"]);
});

test("the epilogue is printed around its product", () => {
  const b = new ProgramBuilder();
  const y = b.matmul(b.input("x", [3, 4]), b.input("w", [4, 5]));
  b.outputs.y = b.apply("relu", b.apply("add", y, b.apply("mul", b.input("bias", [5]), constant(1))));
  const [, , , product] = printProgram(optimise(b.program(), everything)).split("\n");
  assert.is(product, "v6 [3, 5] = relu(add(matmul(v0, v1), v3))");
});

test.run();
