import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomInputs, randomProgram } from "../../../test/random-program.js";
import { ProgramBuilder } from "../../builder.js";
import type { Program } from "../../program.js";
import type { Executable } from "../backend.js";
import { simd } from "./index.js";

type Given = ReturnType<typeof randomInputs>;
const writeTo = (executable: Executable, { inputs, state }: Program, given: Given): void => {
  for (const [name, data] of Object.entries(given))
    if (name in inputs || name in state) executable.write(name, data);
};
const outputsOf = async (executable: Executable, program: Program): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    await Promise.all(
      Object.keys({ ...program.outputs, ...program.state }).map(
        async (name) => [name, await executable.read(name)] as const,
      ),
    ),
  );

test("two programs that take turns on shared states compute what they would with copied states", async () => {
  for (let seed = 0; seed < 40; seed++) {
    const programs = [randomProgram(seed, 20), randomProgram(seed + 100, 8)] as const;
    const given = randomInputs(seed);
    const first = await simd.prepare(programs[0]);
    const shared = [first, await simd.prepare(programs[1], { share: first })] as const;
    const alone = [await simd.prepare(programs[0]), await simd.prepare(programs[1])] as const;
    for (const pair of [shared, alone])
      pair.forEach((e, i) => void writeTo(e, programs[i] as Program, given));
    for (const turn of [0, 1, 1, 0, 1, 0, 0] as const) {
      shared[turn].run();
      alone[turn].run();
      for (const name of Object.keys(programs[turn].state))
        alone[1 - turn]?.write(name, await alone[turn].read(name));
      for (const i of [0, 1] as const)
        assert.equal(
          await outputsOf(shared[i], programs[i]),
          await outputsOf(alone[i], programs[i]),
          `seed ${seed}, program ${i}`,
        );
    }
    for (const executable of [...shared, ...alone]) executable.dispose();
  }
});

/** s ← s + x over a vector of n numbers, by way of a product that takes memory while it runs. */
function adder(n: number, rows: number): Program {
  const b = new ProgramBuilder();
  const s = b.stateful("s", [1, n]);
  const ones = b.input("ones", [rows, 1]);
  const x = b.matmul(ones, b.input("x", [1, n]));
  b.updates.s = b.apply("add", s, b.reduce("max", x, [0]));
  return b.program();
}

test("what two programs need only while they run overlaps", async () => {
  const first = await simd.prepare(adder(1000, 50));
  const second = await simd.prepare(adder(1000, 40), { share: first });
  assert.ok((first.memory?.bytes ?? 0) > 200_000);
  assert.ok((second.memory?.bytes ?? 1e9) < 40_000, `${second.memory?.bytes} bytes`);
});

test("either of two that share may go first, and a third may come", async () => {
  for (const gone of [0, 1]) {
    const pair = [await simd.prepare(adder(20, 3))];
    pair.push(await simd.prepare(adder(20, 3000), { share: pair[0] as Executable }));
    const stays = pair[1 - gone] as Executable;
    pair[gone]?.write("s", new Float32Array(20).fill(2));
    pair[gone]?.dispose();
    assert.is(pair[gone]?.liveBuffers, 0);
    const third = await simd.prepare(adder(20, 300_000), { share: stays });
    for (const executable of [stays, third]) {
      executable.write(
        "ones",
        new Float32Array(executable === third ? 300_000 : ([3000, 3][1 - (1 - gone)] as number)).fill(1),
      );
      executable.write("x", new Float32Array(20).fill(5));
      executable.run();
    }
    assert.equal(await stays.read("s"), new Float32Array(20).fill(12));
    assert.throws(() => pair[gone]?.run(), /disposed/);
  }
});

test("a shared state must be alike, and the other program one of simd", async () => {
  const share = await simd.prepare(adder(5, 1));
  const fault = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "",
      (error: Error) => error.message,
    );
  assert.match(
    await fault(simd.prepare(adder(6, 1), { share })),
    /s takes float32 \[1,5\].*receives float32 \[1,6\]/,
  );
  assert.match(await fault(simd.prepare(adder(5, 1), { share: { ...share } as Executable })), /simd/);
  share.dispose();
  assert.match(await fault(simd.prepare(adder(5, 1), { share })), /disposed/);
});

test.run();
