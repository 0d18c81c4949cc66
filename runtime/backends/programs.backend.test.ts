import { test } from "uvu";
import * as assert from "uvu/assert";
import { backendsHere } from "../../test/backends.js";
import { interpret, ownMemory } from "../../test/interpret.js";
import { randomInputs, randomProgram } from "../../test/random-program.js";
import { ProgramBuilder } from "../builder.js";
import { optimise } from "../optimise/index.js";
import { loadBackend } from "./load.js";

for (const name of backendsHere) {
  test(`${name} computes random programs as float64 does, run after run`, async () => {
    const backend = await loadBackend(name);
    for (let seed = 0; seed < 40; seed++) {
      const program = optimise(randomProgram(seed, 18));
      const executable = await backend.prepare(program);
      const memory = ownMemory(program);
      const given = randomInputs(seed);
      for (const [input, data] of Object.entries(given))
        if (input in program.inputs || input in program.state) executable.write(input, data);
      for (let run = 0; run < 3; run++) {
        const want = interpret(program, run === 0 ? given : {}, memory);
        executable.run();
        for (const [port, data] of Object.entries(want)) {
          const got = await executable.read(port);
          data.forEach((value, i) => {
            const error = Math.abs((got[i] ?? Number.NaN) - value);
            assert.ok(
              error <= 1e-4 * (1 + Math.abs(value)),
              `seed ${seed}, run ${run}, ${port}[${i}]: ${got[i]} for ${value}`,
            );
          });
        }
      }
      executable.dispose();
    }
  });

  test(`${name} holds as many buffers after 1,000 runs as after 10`, async () => {
    const b = new ProgramBuilder();
    const s = b.stateful("s", [8, 8]);
    const x = b.input("x", [8, 8]);
    b.updates.s = b.apply(
      "tanh",
      b.apply("add", b.matmul(s, x), b.broadcast(b.reduce("sum", s, [0]), [8, 8])),
    );
    b.outputs.part = b.slice(s, [2, 2], [3, 3]);
    const executable = await (await loadBackend(name)).prepare(optimise(b.program()));
    executable.write("x", new Float32Array(64).fill(0.01));
    const counts: number[] = [];
    for (let run = 1; run <= 1000; run++) {
      executable.run();
      if (run === 10 || run === 1000) {
        await executable.read("part");
        counts.push(executable.liveBuffers);
      }
    }
    executable.dispose();
    assert.is(counts[1], counts[0]);
    assert.is(executable.liveBuffers, 0);
  });
}

test("an unknown backend is refused, and the nearest is offered", async () => {
  try {
    await loadBackend("simdd" as "simd");
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /there is no "simdd"; did you mean simd\?/);
  }
});

test.run();
