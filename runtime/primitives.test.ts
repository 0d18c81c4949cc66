import { test } from "uvu";
import * as assert from "uvu/assert";
import { ProgramBuilder } from "./builder.js";
import { checkProgram, costOf } from "./primitives.js";
import type { Op, Program, ValueId } from "./program.js";

const window = { strides: [1, 1], dilations: [1, 1], before: [1, 1], groups: 1 } as const;

/** The program of one operation with its attributes or its output's shape changed. */
function spoiled(
  build: (b: ProgramBuilder) => unknown,
  change: (op: Op, program: Program) => Op | Program,
): Program {
  const b = new ProgramBuilder();
  b.node = "here";
  build(b);
  const program = b.program();
  const op = program.ops.at(-1) as Op;
  const made = change(op, program);
  return "ops" in made ? made : { ...program, ops: program.ops.with(-1, made) };
}
const faultOf = (program: Program): string => {
  try {
    checkProgram(program);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};
const reshaped =
  (shape: readonly number[], at = 0) =>
  (op: Op, program: Program): Program => ({
    ...program,
    values: program.values.with(op.outputs[at] as ValueId, { dtype: "float32", shape }),
  });
const withAttrs =
  (attrs: object) =>
  (op: Op): Op =>
    ({ ...op, attrs: { ...op.attrs, ...attrs } }) as Op;

test("what does not fit is told in words, with the node", () => {
  const image = (b: ProgramBuilder): ValueId => b.input("x", [2, 4, 4, 6]);
  const filter = (b: ProgramBuilder): ValueId => b.input("f", [3, 3, 6, 4]);
  const conv = (b: ProgramBuilder): unknown => b.conv2d(image(b), filter(b), window, [4, 4]);
  const cases: readonly (readonly [program: Program, words: RegExp])[] = [
    [
      spoiled((b) => b.matmul(b.input("x", [3, 4]), b.input("y", [4, 2])), reshaped([3, 3])),
      /here: matmul gives \[3, 2\]/,
    ],
    [
      spoiled(conv, withAttrs({ groups: 2 })),
      /here: conv2d in 2 groups, filter \[3, 3, 6, 4\] does not lead/,
    ],
    [spoiled(conv, withAttrs({ epilogue: [{ op: "input", name: "1" }] })), /reads an input of its epilogue/],
    [spoiled(conv, reshaped([2, 4, 4])), /takes images and filters of 4 axes/],
    [
      spoiled(
        (b) => b.conv2dFilter(image(b), b.input("g", [2, 4, 4, 4]), window, [3, 3]),
        reshaped([3, 3, 5, 4]),
      ),
      /conv2dFilter in 1 groups/,
    ],
    [
      spoiled((b) => b.transpose(b.input("x", [2, 3]), [1, 0]), withAttrs({ order: [1, 1] })),
      /each axis of \[2, 3\] once/,
    ],
    [
      spoiled((b) => b.slice(b.input("x", [5]), [0], [3], [2]), withAttrs({ begin: [1] })),
      /takes a part of \[5\] but is asked for \[3\] from \[1\] by \[2\]/,
    ],
    [
      spoiled((b) => b.pad(b.input("x", [3]), [0], [5], { strides: [2] }), withAttrs({ before: [1] })),
      /puts \[3\] at \[1\] by \[2\]/,
    ],
    [
      spoiled(
        (b) => b.normalize(b.input("x", [2, 3]), { axes: [1], epsilon: 1, centred: true }),
        reshaped([2, 3], 2),
      ),
      /normalize gives \[2, 1\]/,
    ],
    [
      spoiled(
        (b) =>
          b.attention(b.input("q", [1, 2, 3]), b.input("k", [1, 4, 3]), b.input("v", [1, 4, 5]), {
            scale: 1,
            causal: false,
          }),
        (op) => ({ ...op, inputs: [op.inputs[0], op.inputs[2], op.inputs[1]] }) as Op,
      ),
      /takes \[g, n, d\], \[g, m, d\] and \[g, m, e\] but receives \[1, 2, 3\], \[1, 4, 5\], \[1, 4, 3\]/,
    ],
  ];
  for (const [program, words] of cases) assert.match(faultOf(program), words);
});

test("stacks of two sizes do not multiply", () => {
  const b = new ProgramBuilder();
  assert.throws(() => b.matmul(b.input("x", [2, 3, 4]), b.input("y", [5, 4, 2])), /do not broadcast/);
});

const flops = (build: (b: ProgramBuilder) => unknown): number => {
  const b = new ProgramBuilder();
  build(b);
  return costOf(b.ops.at(-1) as Op, b.program()).flops;
};

test("operations are counted: a multiplication with its addition is two", () => {
  assert.is(
    flops((b) => b.matmul(b.input("x", [5, 3, 4]), b.input("y", [1, 4, 2]))),
    2 * 5 * 3 * 4 * 2,
  );
  const grouped = { ...window, groups: 2 };
  assert.is(
    flops((b) => b.conv2d(b.input("x", [2, 4, 4, 6]), b.input("f", [3, 3, 3, 4]), grouped, [4, 4])),
    2 * (2 * 4 * 4 * 4) * (3 * 3 * 3),
  );
  // the three products of a convolution cost the same
  const [forward, back, filter] = [
    flops((b) => b.conv2d(b.input("x", [2, 4, 4, 6]), b.input("f", [3, 3, 6, 4]), window, [4, 4])),
    flops((b) => b.conv2dInput(b.input("y", [2, 4, 4, 4]), b.input("f", [3, 3, 6, 4]), window, [4, 4])),
    flops((b) => b.conv2dFilter(b.input("x", [2, 4, 4, 6]), b.input("y", [2, 4, 4, 4]), window, [3, 3])),
  ];
  assert.is(forward, back);
  assert.is(forward, filter);
  const attention = (causal: boolean): number =>
    flops((b) =>
      b.attention(b.input("q", [1, 4, 3]), b.input("k", [1, 4, 3]), b.input("v", [1, 4, 3]), {
        scale: 1,
        causal,
      }),
    );
  assert.is(attention(true) / attention(false), 10 / 16);
});

test("bytes: a part is read as far as it is given, a reshape not at all", () => {
  const bytes = (build: (b: ProgramBuilder, x: ValueId) => unknown): number => {
    const b = new ProgramBuilder();
    build(b, b.input("x", [10, 4]));
    return costOf(b.ops.at(-1) as Op, b.program()).bytes;
  };
  assert.is(
    bytes((b, x) => b.slice(x, [2, 0], [3, 4])),
    2 * 4 * 12,
  );
  assert.is(
    bytes((b, x) => b.gather(x, b.input("i", [3], "int32"))),
    4 * (12 + 3 + 12),
  );
  assert.is(
    bytes((b, x) => b.reshape(x, [40])),
    0,
  );
  assert.is(
    bytes((b, x) => b.apply("neg", x)),
    2 * 4 * 40,
  );
});

test.run();
