import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpret } from "../../test/interpret.js";
import { randomInputs, randomProgram } from "../../test/random-program.js";
import { constant, ProgramBuilder } from "../builder.js";
import { checkProgram } from "../primitives.js";
import { printProgram } from "../print.js";
import type { CompositeName } from "../program.js";
import { elementary, everything, optimise, passes, type Target } from "./index.js";

const targets: readonly Target[] = [elementary, everything];

test("no pass changes what a program computes", () => {
  for (let seed = 0; seed < 300; seed++) {
    let program = checkProgram(randomProgram(seed, 24));
    const want = interpret(program, randomInputs(seed));
    for (const { name, pass } of passes) {
      program = checkProgram(pass(program, targets[seed % 2] as Target));
      const got = interpret(program, randomInputs(seed));
      for (const [port, data] of Object.entries(want))
        data.forEach((value, i) => {
          const found = got[port]?.[i] ?? Number.NaN;
          assert.ok(
            Math.abs(found - value) <= 1e-12 * (1 + Math.abs(value)),
            `${name}, seed ${seed}: ${found} for ${value}`,
          );
        });
    }
  }
});

test("a run of elementwise operations becomes one, and equal ones are computed once", () => {
  const b = new ProgramBuilder();
  const x = b.input("x", [8]);
  const y = b.apply("tanh", b.apply("add", b.apply("mul", x, constant(1)), constant(0)));
  const z = b.apply("add", b.apply("tanh", x), y);
  b.outputs.z = z;
  const { ops } = optimise(b.program());
  assert.is(ops.length, 1);
  assert.is(printProgram(optimise(b.program())).split("\n")[1], "v5 [8] = add(tanh(v0), tanh(v0))");
});

test("operations with another between them are not joined", () => {
  const b = new ProgramBuilder();
  const x = b.input("x", [3, 3]);
  const y = b.apply("exp", x);
  b.outputs.z = b.apply("add", y, b.matmul(y, y));
  assert.equal(
    optimise(b.program()).ops.map((op) => op.prim),
    ["elementwise", "matmul", "elementwise"],
  );
});

test("a value that its readers compute again from what they read is not kept", () => {
  const b = new ProgramBuilder();
  const [x, w] = [b.input("x", [4, 4]), b.input("w", [4])];
  const y = b.apply("exp", x);
  const z = b.apply("mul", y, w);
  const far = b.matmul(y, b.apply("tanh", z));
  // reads y and z, after a product that needs both
  b.outputs.out = b.apply("add", b.apply("mul", far, z), y);
  const { ops } = optimise(b.program());
  assert.equal(
    ops.map((op) => op.prim),
    ["elementwise", "matmul", "elementwise"],
  );
  assert.not(ops.some((op) => op.outputs.includes(z)));
});

test("a value that costs more to compute again is kept", () => {
  const b = new ProgramBuilder();
  const x = b.input("x", [4, 4]);
  const z = b.apply("exp", x);
  b.outputs.out = b.apply("add", b.matmul(x, b.apply("tanh", z)), z);
  assert.ok(optimise(b.program()).ops.some((op) => op.outputs.includes(z)));
});

test("expansions are the composites, and a backend keeps those that it has", () => {
  const b = new ProgramBuilder();
  const x = b.input("x", [2, 3, 4]);
  const [y] = b.attention(x, x, b.softmax(x), { scale: 0.5, causal: true });
  b.outputs.y = b.normalize(y, { axes: [2], epsilon: 0.1, centred: true })[0];
  const program = b.program();
  const names = (composites: Target["composites"]): readonly string[] =>
    optimise(program, { composites, epilogues: false }).ops.map((op) => op.prim);
  assert.equal(names(everything.composites), ["softmax", "attention", "normalize"]);
  assert.ok(names(new Set()).every((prim) => !everything.composites.has(prim as CompositeName)));
  assert.equal(names(new Set(["softmax"])).filter((prim) => prim === "softmax").length, 1);
  const inputs = { x: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)) };
  const want = interpret(program, inputs).y as Float64Array;
  (interpret(optimise(program), inputs).y as Float64Array).forEach((value, i) => {
    assert.ok(Math.abs(value - (want[i] as number)) < 1e-12, `${value} for ${want[i]}`);
  });
});

test("an output that equals a state keeps the old numbers", () => {
  const b = new ProgramBuilder();
  const s = b.stateful("s", [4]);
  b.outputs.old = b.reshape(b.reshape(s, [2, 2]), [4]);
  b.updates.s = b.apply("neg", s);
  assert.is.not(optimise(b.program()).outputs.old, s);
});

test("what nothing depends on goes", () => {
  const b = new ProgramBuilder();
  const x = b.input("x", [3]);
  b.apply("exp", x);
  b.outputs.y = b.apply("neg", x);
  assert.is(optimise(b.program()).ops.length, 1);
});

test.run();
