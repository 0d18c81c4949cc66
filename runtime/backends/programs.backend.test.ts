import { test } from "uvu";
import * as assert from "uvu/assert";
import { chain, dropout, graph, meanSquaredLoss, type NDArray, relu } from "../../dsl/index.js";
import { backendsHere } from "../../test/backends.js";
import { interpret, ownMemory } from "../../test/interpret.js";
import { numbers, randomInputs, randomProgram } from "../../test/random-program.js";
import { compile, writeKeys } from "../compile.js";
import { optimise } from "../optimise/index.js";
import { adam } from "../optimizers.js";
import { dataName, indexName, slotName, trainProgram } from "../train-program.js";
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
    const columns = { x: column(3), y: column(2) };
    const { program } = trainProgram(net, { columns, batchSize: 4, optimizer: adam(), average: true });
    const executable = await compile(program, name);
    executable.write("parameters", numbers(50, 1));
    executable.write("alive", Float32Array.of(1));
    for (const [port, { data }] of Object.entries(columns)) executable.write(dataName(port), data);
    executable.write(indexName, Int32Array.of(3, 1, 0, 2));
    for (const number of ["#stepSize", "#correction", "#decay"])
      executable.write(number, Float32Array.of(0.001));
    executable.write(slotName, Float32Array.of(0));
    const counts: number[] = [];
    for (let run = 1; run <= 1000; run++) {
      writeKeys(executable, program, 1, run);
      executable.run();
      if (run === 10 || run === 1000) {
        const history = await executable.read("history");
        assert.ok(Number.isFinite(history[0]) && history[0] !== 0, `the loss is ${history[0]}`);
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
