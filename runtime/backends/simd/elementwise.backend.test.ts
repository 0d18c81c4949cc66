import { test } from "uvu";
import * as assert from "uvu/assert";
import { scalarOps } from "../../../dsl/expression.js";
import type { ScalarOp, Step } from "../../../dsl/net.js";
import { integers } from "../../../dsl/random.js";
import { ProgramBuilder } from "../../builder.js";
import type { Program, Value } from "../../program.js";
import { agree, builds, noise } from "./checks.js";
import { prepareWith } from "./executable.js";

/** A program of one elementwise operation. */
function program(
  shape: readonly number[],
  inputs: readonly Value[],
  body: readonly Step[],
  results: readonly number[],
): Program {
  const outputs = results.map((_, o) => inputs.length + o);
  return {
    values: [...inputs, ...results.map(() => ({ dtype: "float32", shape }) as const)],
    ops: [
      { prim: "elementwise", attrs: { body, results }, inputs: inputs.map((_, i) => i), outputs, node: "" },
    ],
    inputs: Object.fromEntries(inputs.map((_, i) => [`${i}`, i])),
    state: {},
    constants: new Map(),
    outputs: Object.fromEntries(outputs.map((id, o) => [`out${o}`, id])),
    updates: {},
  };
}

test("random shapes, each input broadcast along random axes", async () => {
  const draw = integers(20_000, 0, 999, { seed: 11 });
  let drawn = 0;
  const below = (n: number): number => (draw[drawn++] as number) % n;
  const sizes = [1, 1, 2, 3, 4, 5, 8, 13, 16, 35];
  for (let round = 0; round < 150; round++) {
    const shape = Array.from({ length: below(5) }, () => sizes[below(sizes.length)] as number);
    const inputs = Array.from({ length: 1 + below(4) }, (): Value => {
      const own = shape.map((d) => (below(3) === 0 ? 1 : d));
      return { dtype: below(5) === 0 ? "int32" : "float32", shape: own.slice(below(shape.length + 1)) };
    });
    if (shape.reduce((a, b) => a * b, 1) > 20_000) continue;
    const body: Step[] = inputs.map((_, i) => ({ op: "input", name: `${i}` }));
    body.push({ op: "constant", value: 0.5 });
    for (let s = 0; s < below(8) + 1; s++) {
      const op = (["add", "mul", "sub", "max"] as const)[below(4)] as "add";
      body.push({ op, args: [below(body.length), body.length - 1 - below(2)] });
    }
    const results = Array.from({ length: 1 + below(2) }, () => body.length - 1 - below(3));
    const given = Object.fromEntries(
      inputs.map(({ dtype, shape }, i) => {
        const data = noise(shape);
        return [`${i}`, dtype === "int32" ? Int32Array.from(data, (x) => 3 * x) : data];
      }),
    );
    const label = `[${shape}] of ${inputs.map(({ shape }) => `[${shape}]`).join(" ")}`;
    await agree(program(shape, inputs, body, results), given, { label });
  }
});

const special = [0, -0, 1, -1, 0.5, 2, 1e-40, -1e-40, 1.2e-38, 1e30, -1e30, Infinity, -Infinity, Number.NaN];
/** Numbers of both signs and every size from 10⁻³⁰ to 10³⁰, and near 1. */
const wide = (): number[] =>
  Array.from(noise([600]), (x, i) => (i % 3 === 0 ? x : x * 10 ** ((i % 61) - 30)));

/** Rounding to float32 and back, so that both sides start from the same numbers. */
const rounded = (xs: readonly number[]): Float32Array => Float32Array.from(xs);

/** The relative error of each function: of float32 for the arithmetic, 10⁻⁶ for the rest. */
const relative = 1e-6;

test("every scalar function on numbers of every size, on 0, ±∞ and NaN", async () => {
  for (const op of Object.keys(scalarOps) as ScalarOp[]) {
    const { arity, evaluate } = scalarOps[op];
    const column =
      arity === 1 ? [...special, ...wide()] : [...special.flatMap((x) => special.map(() => x)), ...wide()];
    const columns = [
      rounded(column),
      rounded([...special.flatMap(() => special), ...wide().reverse()].slice(0, column.length)),
      rounded(Array.from(noise([column.length]))),
    ].slice(0, arity);
    const body: Step[] = columns.map((_, i) => ({ op: "input", name: `${i}` }));
    body.push({ op, args: columns.map((_, i) => i) } as Step);
    const inputs = columns.map(({ length }): Value => ({ dtype: "float32", shape: [length] }));
    for (const build of builds) {
      const run = await prepareWith(program([column.length], inputs, body, [arity]), build);
      columns.forEach((data, i) => run.write(`${i}`, data));
      run.run();
      const out = await run.read("out0");
      out.forEach((actual, i) => {
        const args = columns.map((c) => c[i] as number) as [number, number, number];
        const exact = evaluate(...args);
        const expected = Math.fround(exact);
        // gelu's left tail is a difference of numbers near 1, as in every library.
        const room = relative * (op === "gelu" ? Math.abs(args[0]) : Math.abs(expected)) + 3e-45;
        const same =
          Object.is(actual, expected) || actual === expected || Math.abs(actual - expected) <= room;
        assert.ok(same, `${op}(${args}) is ${expected} but comes to ${actual} on the ${build} build`);
      });
      run.dispose();
    }
  }
});

test("sine and cosine of large angles", async () => {
  const x = rounded([1e3, -12345.678, 1e5, 1e6, 3.3e7, -9.9e7, 1.1e8, 1e10, 1e20, -3e38, 355, 710, 103993]);
  for (const op of ["sin", "cos"] as const) {
    const b = new ProgramBuilder();
    b.outputs.out = b.apply(op, b.input("x", [x.length]));
    await agree(b.program(), { x }, { tolerance: 1e-6, label: op });
  }
});

test("an optimiser's step: several results, written over its operands, with factors of the step", async () => {
  const b = new ProgramBuilder();
  const n = [37, 5];
  const [m, v, p] = [b.stateful("m", n), b.stateful("v", n), b.stateful("p", n)];
  const g = b.input("g", n);
  const rate = b.input("rate", []);
  const decay = (x: number, beta: number, y: number): number =>
    b.apply("add", b.apply("mul", x, { constant: beta }), b.apply("mul", y, { constant: 1 - beta }));
  const m1 = decay(m, 0.9, g);
  const v1 = decay(v, 0.99, b.apply("square", g));
  const p1 = b.apply(
    "sub",
    p,
    b.apply("mul", rate, b.apply("div", m1, b.apply("add", b.apply("sqrt", v1), { constant: 1e-8 }))),
  );
  Object.assign(b.updates, { m: m1, v: v1, p: p1 });
  Object.assign(b.outputs, { m1, v1, p1 });
  const given = {
    g: noise(n),
    rate: Float32Array.of(1e-3),
    p: noise(n),
    m: noise(n),
    v: noise(n).map(Math.abs),
  };
  await agree(b.program(), given);
});

test("a comparison is a condition for select, and 1 or 0 for everything else", async () => {
  const body: Step[] = [
    { op: "input", name: "0" },
    { op: "input", name: "1" },
    { op: "lt", args: [0, 1] },
    { op: "select", args: [2, 0, 1] },
    { op: "add", args: [2, 0] },
    { op: "select", args: [0, 2, 1] },
  ];
  const shape = [7, 9];
  const values: Value[] = [shape, [9]].map((s) => ({ dtype: "float32", shape: s }));
  const given = { 0: noise(shape), 1: noise([9]) };
  given[0].set([0, Number.NaN, -0, Infinity]);
  await agree(program(shape, values, body, [2, 3, 4, 5]), given);
});

test.run();
