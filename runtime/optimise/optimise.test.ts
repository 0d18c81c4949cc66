import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpret } from "../../test/interpret.js";
import { randomInputs, randomProgram } from "../../test/random-program.js";
import { constant, ProgramBuilder } from "../builder.js";
import { checkProgram } from "../primitives.js";
import { printProgram } from "../print.js";
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

test("what nothing depends on goes", () => {
  const b = new ProgramBuilder();
  const x = b.input("x", [3]);
  b.apply("exp", x);
  b.outputs.y = b.apply("neg", x);
  assert.is(optimise(b.program()).ops.length, 1);
});

test.run();
