import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpret, ownMemory } from "../../../test/interpret.js";
import { randomInputs, randomProgram } from "../../../test/random-program.js";
import { elementary, optimise } from "../../optimise/index.js";
import { webgpu } from "./index.js";

if (globalThis.navigator?.gpu)
  test("random programs", async () => {
    for (let seed = 0; seed < 40; seed++) {
      const program = optimise(randomProgram(seed, 18), seed % 2 ? webgpu : elementary);
      const executable = await webgpu.prepare(program);
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
test.run();
