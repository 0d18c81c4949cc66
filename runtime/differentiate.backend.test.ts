import { test } from "uvu";
import * as assert from "uvu/assert";
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
import type { Program, ValueId } from "./program.js";

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

for (const [transposeA, transposeB] of [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const)
  test(`matmul${transposeA ? " of a transpose" : ""}${transposeB ? " by a transpose" : ""}`, async () => {
    const b = new ProgramBuilder();
    const p = b.input("p", transposeA ? [3, 2] : [2, 3]);
    const q = b.input("q", transposeB ? [4, 3] : [3, 4]);
    const inputs = { p: Float64Array.from(numbers(6, 1)), q: Float64Array.from(numbers(12, 2)) };
    await compare(b, b.matmul(p, q, { transposeA, transposeB }), inputs, "matmul");
  });

const shaped: Readonly<Record<string, (b: ProgramBuilder, x: ValueId) => ValueId>> = {
  "reduce sum": (b, x) => b.reduce("sum", x, [1]),
  "reduce max": (b, x) => b.reduce("max", x, [0, 2]),
  reshape: (b, x) => b.reshape(x, [6, 4]),
  broadcast: (b, x) => b.broadcast(b.reduce("sum", x, [0]), [2, 3, 4]),
  concat: (b, x) => b.concat([x, b.apply("square", x), x], 1),
  slice: (b, x) => b.slice(x, [0, 1, 2], [2, 2, 1]),
  pad: (b, x) => b.pad(x, [1, 0, 2], [4, 3, 7]),
  gather: (b, x) => b.gather(x, b.constant(Int32Array.of(3, 2, 3), [3]), 2),
  scatterAdd: (b, x) => b.scatterAdd(b.constant(Int32Array.of(1, 1), [2]), x, 3),
};
for (const [name, make] of Object.entries(shaped))
  test(`${name}: its gradient is that of central differences`, async () => {
    const b = new ProgramBuilder();
    const x = b.input("p", [2, 3, 4]);
    await compare(b, b.apply("square", make(b, x)), { p: Float64Array.from(numbers(24, 3)) }, name);
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
