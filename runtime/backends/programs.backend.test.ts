import { test } from "uvu";
import * as assert from "uvu/assert";
import { chain, dropout, graph, meanSquaredLoss, type NDArray, relu } from "../../dsl/index.js";
import { backendsHere } from "../../test/backends.js";
import { interpret, ownMemory } from "../../test/interpret.js";
import { numbers, randomInputs, randomProgram } from "../../test/random-program.js";
import { optimise } from "../optimise/index.js";
import { createTrainer } from "../trainer.js";
import { loadBackend } from "./load.js";

for (const name of backendsHere) {
  test(`${name} computes random programs as float64 does, run after run`, async () => {
    const backend = await loadBackend(name);
    for (let seed = 0; seed < 40; seed++) {
      const program = optimise(randomProgram(seed, 18), backend);
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

  test(`${name} holds as many buffers after 1,000 training steps as after 10`, async () => {
    const net = graph({
      inputs: { x: [3], y: [2] },
      nodes: { model: chain([8, relu, dropout(0.2), 2]), loss: meanSquaredLoss() },
      edges: { model: "x", loss: ["model", "y"] },
      outputs: "loss",
    });
    const column = (width: number): NDArray => ({
      shape: [4, width],
      dtype: "float32",
      data: numbers(4 * width, width),
    });
    const trainer = await createTrainer(net, {
      data: { x: column(3), y: column(2) },
      batchSize: 4,
      backend: name,
      until: { steps: 2000 },
    });
    const counts: number[] = [];
    for (const steps of [10, 990]) {
      const { loss } = await trainer.run({ steps });
      assert.ok(Number.isFinite(loss) && loss !== 0, `the loss is ${loss}`);
      counts.push(trainer.liveBuffers);
    }
    trainer.dispose();
    assert.is(counts[1], counts[0]);
    assert.is(trainer.liveBuffers, 0);
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
