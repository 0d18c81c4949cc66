import { test } from "uvu";
import * as assert from "uvu/assert";
import { ProgramBuilder } from "../../builder.js";
import { simd } from "./index.js";
import { waits } from "./waits.js";

/** The sum of a large input. */
function sum() {
  const b = new ProgramBuilder();
  b.outputs.sum = b.reduce("sum", b.input("x", [400, 300]), [1]);
  return b.program();
}

test("a wait is where one thread touches what another wrote, and nowhere else", () => {
  const [read, write] = [false, true].map((write) => (from: number, to: number) => ({ from, to, write }));
  const steps = [
    [
      [read?.(0, 10), write?.(20, 30)],
      [read?.(0, 10), write?.(30, 40)],
    ],
    // each its own part
    [
      [read?.(20, 30), write?.(40, 50)],
      [read?.(30, 40), write?.(50, 60)],
    ],
    // the second reads what the first wrote
    [[], [read?.(45, 55)]],
    // over what the second reads
    [[write?.(50, 51)], []],
    [[read?.(50, 51)], []],
  ] as Parameters<typeof waits>[0];
  assert.equal(waits(steps), [false, false, true, true, false]);
});

test("without shared memory, and in Node unless more are asked for, there is one thread", async () => {
  const inNode = "process" in globalThis;
  for (const [options, threads] of [
    [{}, 1],
    [{ threads: 2 }, inNode ? 2 : 1],
  ] as const) {
    const executable = await simd.prepare(sum(), options);
    executable.write("x", new Float32Array(400 * 300).fill(2));
    executable.run();
    assert.is(executable.threads, threads);
    assert.equal(await executable.read("sum"), new Float32Array(400).fill(600));
    executable.dispose();
  }
});

test("the number of threads is a whole one", async () => {
  for (const threads of [0, 1.5, Number.NaN])
    assert.match(
      await simd.prepare(sum(), { threads }).then(
        () => "",
        (error: Error) => error.message,
      ),
      /simd: threads takes a whole number from 1 on but receives/,
    );
});

test.run();
