import { test } from "uvu";
import * as assert from "uvu/assert";
import { sizeOf } from "../dsl/array.js";
import { scalarOps } from "../dsl/expression.js";
import type { ScalarOp } from "../dsl/net.js";
import { backendsHere } from "../test/backends.js";
import { interpret } from "../test/interpret.js";
import { numbers, randomProgram } from "../test/random-program.js";
import type { BackendName } from "./backends/backend.js";
import { constant, ProgramBuilder } from "./builder.js";
import { compile } from "./compile.js";
import { differentiate } from "./differentiate.js";
import { checkProgram } from "./primitives.js";
import type { PrimitiveName, Program, ValueId } from "./program.js";

type Inputs = Readonly<Record<string, Float64Array>>;
type Gradients = Readonly<Record<string, ArrayLike<number>>>;

/**
 * The gradient of Σ w·y against central differences in float64: that of the program read by itself, within
 * `tolerance`, and that of the optimised program on each backend, within 1e-3.
 */
async function compare(
  b: ProgramBuilder,
  y: ValueId,
  inputs: Inputs,
  what: string,
  { tolerance = 1e-6, backends = backendsHere } = {},
): Promise<void> {
  const weights = b.constant(
    numbers(
      b.shape(y).reduce((n, d) => n * d, 1),
      99,
    ),
    b.shape(y),
  );
  const axes = b.shape(y).map((_, i) => i);
  const loss = b.reshape(b.reduce("sum", b.apply("mul", y, weights), axes), []);
  b.outputs.loss = loss;
  const names = Object.keys(inputs);
  differentiate(
    b,
    loss,
    names.map((name) => b.inputs[name] as ValueId),
  ).forEach((id, i) => {
    b.outputs[names[i] as string] = id;
  });
  const program = checkProgram(b.program());
  const found = [{ who: "float64", gradients: interpret(program, inputs) as Gradients, tolerance }];
  for (const who of backends)
    found.push({ who, gradients: await runOn(who, program, inputs), tolerance: 1e-3 });
  const lossAt = (changed: Inputs): number => interpret(program, changed).loss?.[0] as number;
  const h = 1e-5;
  for (const name of names)
    inputs[name]?.forEach((value, i) => {
      const at = (x: number): Inputs => ({ ...inputs, [name]: (inputs[name] as Float64Array).with(i, x) });
      const want = (lossAt(at(value + h)) - lossAt(at(value - h))) / (2 * h);
      for (const { who, gradients, tolerance } of found) {
        const got = gradients[name]?.[i] ?? Number.NaN;
        assert.ok(
          Math.abs(got - want) <= tolerance * (1 + Math.abs(want)),
          `${what} on ${who}: d/d${name}[${i}] is ${got}, not ${want}`,
        );
      }
    });
}

async function runOn(who: BackendName, program: Program, inputs: Inputs): Promise<Gradients> {
  const executable = await compile(program, who);
  try {
    for (const [name, data] of Object.entries(inputs)) executable.write(name, Float32Array.from(data));
    executable.run();
    const gradients: Record<string, ArrayLike<number>> = {};
    for (const name of Object.keys(inputs)) gradients[name] = await executable.read(name);
    return gradients;
  } finally {
    executable.dispose();
  }
}

const positive: readonly ScalarOp[] = ["sqrt", "rsqrt", "log", "reciprocal", "pow"];

for (const op of Object.keys(scalarOps) as ScalarOp[])
  test(`${op}: its derivative is that of central differences`, async () => {
    const { arity } = scalarOps[op];
    const b = new ProgramBuilder();
    const names = ["p", "q", "r"].slice(0, arity);
    const inputs: Record<string, Float64Array> = {};
    names.forEach((name, i) => {
      // Shapes that broadcast against one another, and numbers off the kinks.
      const shape = [
        [3, 4],
        [1, 4],
        [3, 1],
      ][i] as number[];
      const data = numbers((shape[0] as number) * (shape[1] as number), i + 5);
      b.input(name, shape);
      inputs[name] = Float64Array.from(data, (x) =>
        Math.fround(positive.includes(op) ? Math.abs(x) + 0.3 : x * 2),
      );
    });
    const operands = names.map((name) => b.inputs[name] as ValueId);
    await compare(b, b.broadcast(b.apply(op, ...operands), [3, 4]), inputs, op);
  });

test("an operand used twice takes both shares", async () => {
  const b = new ProgramBuilder();
  const x = b.input("p", [3]);
  await compare(b, b.apply("mul", x, b.apply("add", x, x)), { p: Float64Array.from(numbers(3, 1)) }, "2x²");
});

test("functions of a number and a value", async () => {
  for (const op of ["sub", "div", "pow", "max"] as const) {
    const b = new ProgramBuilder();
    const x = b.input("p", [4]);
    const y = b.apply("add", b.apply(op, constant(2), x), b.apply(op, x, constant(3)));
    await compare(b, y, { p: Float64Array.from([0.4, 1.2, 2.5, 0.9], Math.fround) }, op);
  }
});

const conv = { strides: [2, 1], dilations: [1, 2], before: [1, 0], groups: 1 } as const;
const grouped = { strides: [1, 2], dilations: [1, 1], before: [0, 1], groups: 2 } as const;
const norm = { epsilon: 0.1, centred: true, axes: [1, 3] } as const;
const rms = { epsilon: 0.1, centred: false, axes: [2, 3] } as const;

/** An operation on inputs of these shapes. */
interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly make: (b: ProgramBuilder, ...inputs: readonly ValueId[]) => ValueId | readonly ValueId[];
}
const on =
  (...shapes: readonly (readonly number[])[]) =>
  (make: Case["make"]): Case => ({ shapes, make });
const cube = on([2, 3, 4]);
const [small, images] = [on([1, 2, 3, 4]), on([2, 3, 2, 4])];

/** Each primitive in a few forms; total, so that a new primitive without a test does not compile. */
const cases: { readonly [P in PrimitiveName]: Readonly<Record<string, Case>> } = {
  elementwise: { broadcast: cube((b, x = -1) => b.broadcast(b.reduce("sum", x, [0]), [2, 3, 4])) },
  matmul: Object.fromEntries(
    [0, 1, 2, 3].flatMap((flags) => {
      const [transposeA, transposeB] = [(flags & 1) > 0, (flags & 2) > 0];
      const [p, q] = [transposeA ? [3, 2] : [2, 3], transposeB ? [4, 3] : [3, 4]];
      const product: Case["make"] = (b, x = -1, y = -1) => b.matmul(x, y, { transposeA, transposeB });
      const name = `${transposeA ? "transpose" : "plain"} by ${transposeB ? "transpose" : "plain"}`;
      return [
        [name, on(p, q)(product)],
        [`${name}, stacked`, on([2, ...p], [2, ...q])(product)],
        [`${name}, one for a stack`, on([1, ...p], [3, ...q])(product)],
        [`${name}, a stack by one`, on([3, ...p], [1, ...q])(product)],
      ];
    }),
  ),
  conv2d: {
    "strided and dilated": on(
      [2, 5, 6, 2],
      [3, 2, 2, 3],
    )((b, x = -1, f = -1) => b.conv2d(x, f, conv, [3, 4])),
    grouped: on([1, 3, 5, 4], [2, 3, 2, 2])((b, x = -1, f = -1) => b.conv2d(x, f, grouped, [2, 3])),
    "by channel": on(
      [2, 4, 4, 3],
      [3, 3, 1, 6],
    )((b, x = -1, f = -1) =>
      b.conv2d(x, f, { strides: [1, 1], dilations: [1, 1], before: [1, 1], groups: 3 }, [4, 4]),
    ),
    same: on(
      [2, 4, 5, 3],
      [3, 3, 3, 2],
    )((b, x = -1, f = -1) =>
      b.conv2d(x, f, { strides: [1, 1], dilations: [1, 1], before: [1, 1], groups: 1 }, [4, 5]),
    ),
  },
  conv2dInput: {
    "strided and dilated": on(
      [2, 3, 4, 3],
      [3, 2, 2, 3],
    )((b, dy = -1, f = -1) => b.conv2dInput(dy, f, conv, [5, 6])),
    grouped: on([1, 2, 3, 2], [2, 3, 2, 2])((b, dy = -1, f = -1) => b.conv2dInput(dy, f, grouped, [3, 5])),
  },
  conv2dFilter: {
    "strided and dilated": on(
      [2, 5, 6, 2],
      [2, 3, 4, 3],
    )((b, x = -1, dy = -1) => b.conv2dFilter(x, dy, conv, [3, 2])),
    grouped: on([1, 3, 5, 4], [1, 2, 3, 2])((b, x = -1, dy = -1) => b.conv2dFilter(x, dy, grouped, [2, 3])),
  },
  transpose: {
    "of the last two axes": cube((b, x = -1) => b.transpose(x, [0, 2, 1])),
    "of all axes": cube((b, x = -1) => b.transpose(x, [2, 0, 1])),
  },
  reduce: {
    sum: cube((b, x = -1) => b.reduce("sum", x, [1])),
    max: cube((b, x = -1) => b.reduce("max", x, [0, 2])),
  },
  reshape: { plain: cube((b, x = -1) => b.reshape(x, [6, 4])) },
  concat: {
    inner: cube((b, x = -1) => b.concat([x, b.apply("square", x), x], 1)),
    last: cube((b, x = -1) => b.concat([x, b.apply("square", x)], 2)),
  },
  slice: {
    plain: cube((b, x = -1) => b.slice(x, [0, 1, 2], [2, 2, 1])),
    strided: cube((b, x = -1) => b.slice(x, [1, 0, 1], [1, 2, 2], [1, 2, 2])),
    rows: cube((b, x = -1) => b.slice(x, [1, 0, 0], [1, 3, 4])),
  },
  pad: {
    plain: cube((b, x = -1) => b.pad(x, [1, 0, 2], [4, 3, 7])),
    strided: cube((b, x = -1) => b.pad(x, [0, 1, 0], [2, 6, 11], { strides: [1, 2, 3] })),
    "with a value": cube((b, x = -1) => b.pad(x, [0, 1, 1], [2, 5, 6], { value: -2 })),
  },
  gather: { plain: cube((b, x = -1) => b.gather(x, b.constant(Int32Array.of(3, 2, 3), [3]), 2)) },
  scatterAdd: { plain: cube((b, x = -1) => b.scatterAdd(b.constant(Int32Array.of(1, 1), [2]), x, 3)) },
  random: {
    times: cube((b, x = -1) => {
      const key = b.constant(Int32Array.of(1, 2, 3), [3]);
      return b.apply("mul", x, b.random({ kind: "normal", stream: 7 }, key, [2, 3, 4]));
    }),
  },
  softmax: {
    plain: on([3, 5])((b, x = -1) => b.softmax(x)),
    "of a stack": cube((b, x = -1) => b.softmax(x)),
  },
  normalize: {
    "over two axes": images((b, x = -1) => b.normalize(x, norm)[0]),
    "not centred": small((b, x = -1) => b.normalize(x, rms)[0]),
    "of rows": on([4, 6])((b, x = -1) => b.normalize(x, { epsilon: 1e-3, centred: true, axes: [1] })[0]),
    "of all examples": on([4, 2, 2, 3])(
      (b, x = -1) => b.normalize(x, { epsilon: 1e-3, centred: true, axes: [0, 1, 2] })[0],
    ),
    "mean and rate": images((b, x = -1) => b.normalize(x, norm)),
    "rate, not centred": small((b, x = -1) => b.normalize(x, rms).toSpliced(1, 1)),
  },
  normalizeGradient: {
    "over two axes": on(
      [2, 3, 2, 4],
      [2, 3, 2, 4],
      [2, 1, 2, 1],
    )((b, g = -1, y = -1, rate = -1) => b.normalizeGradient(g, y, rate, norm)),
    "not centred": on(
      [1, 2, 3, 4],
      [1, 2, 3, 4],
      [1, 2, 1, 1],
    )((b, g = -1, y = -1, rate = -1) => b.normalizeGradient(g, y, rate, rms)),
  },
  attention: {
    cross: on(
      [2, 3, 4],
      [2, 5, 4],
      [2, 5, 2],
    )((b, q = -1, k = -1, v = -1) => b.attention(q, k, v, { scale: 0.7, causal: false })[0]),
    causal: on(
      [2, 4, 3],
      [2, 4, 3],
      [2, 4, 3],
    )((b, q = -1, k = -1, v = -1) => b.attention(q, k, v, { scale: 0.5, causal: true })[0]),
    "of one with itself": cube((b, x = -1) => b.attention(x, x, x, { scale: 1, causal: false })[0]),
    "and its logarithm": on(
      [1, 3, 2],
      [1, 2, 2],
      [1, 2, 2],
    )((b, q = -1, k = -1, v = -1) => b.attention(q, k, v, { scale: 0.7, causal: false })),
  },
  attentionGradient: {
    cross: on(
      [2, 3, 2],
      [2, 4, 2],
      [2, 4, 3],
      [2, 3, 3],
    )((b, q = -1, k = -1, v = -1, dy = -1) => {
      const attrs = { scale: 0.7, causal: false };
      const [y, l] = b.attention(q, k, v, attrs);
      return b.attentionGradient([q, k, v, y, l, dy], attrs);
    }),
    causal: on(
      [1, 3, 2],
      [1, 3, 2],
      [1, 3, 2],
      [1, 3, 2],
    )((b, q = -1, k = -1, v = -1, dy = -1) => {
      const attrs = { scale: 0.7, causal: true };
      const [y, l] = b.attention(q, k, v, attrs);
      return b.attentionGradient([q, k, v, y, l, dy], attrs);
    }),
  },
};
for (const [prim, forms] of Object.entries(cases))
  for (const [form, { shapes, make }] of Object.entries(forms))
    test(`${prim}, ${form}: its gradient is that of central differences`, async () => {
      const b = new ProgramBuilder();
      const inputs: Record<string, Float64Array> = {};
      const ids = shapes.map((shape, i) => {
        inputs[`p${i}`] = Float64Array.from(numbers(sizeOf(shape), i + 3));
        return b.input(`p${i}`, shape);
      });
      const made = [make(b, ...ids)].flat();
      const all = made.map((y) => b.reshape(b.apply("square", y), [sizeOf(b.shape(y))]));
      await compare(b, b.concat(all, 0), inputs, `${prim}, ${form}`);
    });

test("a detached value passes no gradient, an unused one has gradient zero", () => {
  const b = new ProgramBuilder();
  const [x, unused] = [b.input("x", [2]), b.input("unused", [2])];
  const still = b.apply("square", x);
  b.detached.add(still);
  const loss = b.reshape(b.reduce("sum", b.apply("add", x, still), [0]), []);
  const [dx, du] = differentiate(b, loss, [x, unused]) as [ValueId, ValueId];
  Object.assign(b.outputs, { dx, du });
  const { dx: got, du: none } = interpret(b.program(), { x: [3, 4] });
  assert.equal([...(got as Float64Array)], [1, 1]);
  assert.equal([...(none as Float64Array)], [0, 0]);
});

test("random programs: gradients of everything at once", async () => {
  let compared = 0;
  for (let seed = 0; seed < 400; seed++) {
    const program = randomProgram(seed, 6);
    // Kinks and comparisons make differences meaningless.
    if (
      program.ops.some(
        (op) =>
          op.prim === "elementwise" &&
          op.attrs.body.some((s) => ["lt", "max", "min", "abs", "relu", "select"].includes(s.op)),
      )
    )
      continue;
    if (program.ops.some((op) => op.prim === "reduce" && op.attrs.kind === "max")) continue;
    const b = Object.assign(new ProgramBuilder(), structuredClone(program));
    await compare(
      b,
      program.outputs.last as ValueId,
      { x: Float64Array.from(numbers(12, seed)), y: Float64Array.from(numbers(3, seed + 1)) },
      `seed ${seed}`,
      { tolerance: 1e-5, backends: [] },
    );
    compared++;
  }
  assert.ok(compared >= 20, `${compared} programs were compared`);
});

test.run();
