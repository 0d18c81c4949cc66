import { test } from "uvu";
import * as assert from "uvu/assert";
import { trainingNet, unet } from "../../../specs/index.js";
import { randomInputs, randomProgram } from "../../../test/random-program.js";
import { constant, ProgramBuilder } from "../../builder.js";
import { differentiate } from "../../differentiate.js";
import { linearSchedule } from "../../diffusion/index.js";
import { optimise } from "../../optimise/index.js";
import type { Program } from "../../program.js";
import { createTrainer } from "../../trainer.js";
import { Arena } from "./arena.js";
import { writeBarrier } from "./barrier.js";
import { noise } from "./checks.js";
import { prepareWith, simd } from "./index.js";
import { bestBuild } from "./load-kernels.js";
import type { Team } from "./team.js";
import { encodeModule, instructions as wasm } from "./wasm.js";

const counts = [1, 2, 3];
type Data = Float32Array | Int32Array;

/** The bits of every output and state after each of three runs, and how many threads they took. */
async function results(
  program: Program,
  given: Readonly<Record<string, Data>>,
  options: Parameters<typeof prepareWith>[2],
): Promise<{ readonly bits: string; readonly threads: number | undefined }> {
  const executable = await prepareWith(program, bestBuild(), options);
  for (const [name, data] of Object.entries(given)) executable.write(name, data);
  const bits: Int32Array[] = [];
  for (let run = 0; run < 3; run++) {
    executable.run();
    for (const name of Object.keys({ ...program.state, ...program.outputs }))
      bits.push(new Int32Array((await executable.read(name)).buffer));
  }
  executable.dispose();
  return { bits: String(bits), threads: executable.threads };
}

test("any number of threads gives the same bits, for random programs", async () => {
  let spread = 0;
  for (let seed = 0; seed < 16; seed++) {
    const program = seed % 2 ? randomProgram(seed, 30) : optimise(randomProgram(seed, 30));
    const [one, ...others] = await Promise.all(
      counts.map((threads) => results(program, randomInputs(seed), { threads, grain: 0 })),
    );
    for (const other of others) {
      assert.is(other.bits, one?.bits, `seed ${seed} on ${other.threads} threads`);
      if (other.threads !== 1) spread++;
    }
  }
  assert.ok(spread > 10, `${spread} programs were spread over threads`);
});

/** One training step of a net of products, with what threads share and what they do not. */
function trainingStep(): Program {
  const b = new ProgramBuilder();
  const [rows, width] = [210, 96];
  const w = b.stateful("w", [width, width]);
  const v = b.stateful("v", [width, 3]);
  const bias = b.stateful("bias", [1, width]);
  const x = b.apply(
    "add",
    b.input("x", [rows, width]),
    b.random({ kind: "normal", stream: 0 }, b.input("key", [3], "int32"), [rows, width]),
  );
  const hidden = b.apply("tanh", b.apply("add", b.matmul(x, w), bias));
  const error = b.apply("sub", b.matmul(hidden, v), b.input("y", [rows, 3]));
  const loss = b.reduce("sum", b.apply("square", error), [0, 1]);
  differentiate(b, b.reshape(loss, []), [w, v, bias]).forEach((gradient, i) => {
    const name = ["w", "v", "bias"][i] as string;
    b.updates[name] = b.apply("sub", b.state[name] as number, b.apply("mul", gradient, constant(1e-4)));
  });
  b.outputs.loss = loss;
  return optimise(b.program());
}

test("any number of threads gives the same bits, for a training step", async () => {
  const given = {
    x: noise([210, 96]),
    y: noise([210, 3]),
    w: noise([96, 96]),
    v: noise([96, 3]),
    bias: noise([96]),
    key: Int32Array.of(1, 2, 3),
  };
  const [one, ...others] = await Promise.all(
    counts.map((threads) => results(trainingStep(), given, { threads })),
  );
  for (const other of others) assert.is(other.bits, one?.bits, `${other.threads} threads`);
  assert.equal(
    others.map(({ threads }) => threads),
    [2, 3],
  );
});

test("any number of threads gives the same bits, for training a UNet with attention", async () => {
  const net = trainingNet({
    model: unet({ size: 16, channels: 1, tMax: 10, c: 16, nTime: 8, depth: 2, heads: 2 }),
    schedule: linearSchedule({ steps: 10 }),
    nDim: [16, 16, 1],
  });
  const x0 = { shape: [12, 16, 16, 1], dtype: "float32", data: noise([12, 16, 16, 1]) } as const;
  const [one, ...others] = await Promise.all(
    counts.map(async (threads) => {
      const options = {
        data: { x0 },
        batchSize: 12,
        backend: "simd",
        until: { steps: 2 },
        seed: 1,
        threads,
      } as const;
      const trainer = await createTrainer(net, options);
      const { losses } = await trainer.run({ steps: 2 });
      const result = JSON.stringify([losses, await trainer.net()]);
      trainer.dispose();
      return result;
    }),
  );
  assert.ok((one?.length ?? 0) > 10_000);
  for (const other of others) assert.ok(other === one);
});

/** s ← s + Σ x over a large x. */
function large(): Program {
  const b = new ProgramBuilder();
  const s = b.stateful("s", [400, 1]);
  const x = b.apply("exp", b.input("x", [400, 300]));
  b.updates.s = b.apply("add", s, b.reduce("sum", x, [1]));
  return b.program();
}

test("programs that share states share the threads, which end with the last", async () => {
  const threads = 3;
  const first = await simd.prepare(large(), { threads });
  const second = await simd.prepare(large(), { share: first });
  assert.is(second.threads, threads);
  for (const executable of [first, second, second, first]) executable.run();
  first.dispose();
  second.run();
  assert.equal(await second.read("s"), new Float32Array(400).fill(1500));
  second.dispose();
  assert.throws(() => second.run(), /disposed/);
});

test("a thread that fails ends the run with an error, and all later ones", async () => {
  const arena = await Arena.create(bestBuild(), 3);
  const team = (await arena.team()) as Team;
  const trap = { locals: [], body: wasm.unreachable, exportAs: "run1" };
  const barrier = writeBarrier(3, arena.control);
  const waiting = { locals: [], body: wasm.call(0) };
  const module = encodeModule(
    [],
    [barrier, { ...waiting, exportAs: "run0" }, trap, { ...waiting, exportAs: "run2" }],
    { shared: true },
  );
  const program = await WebAssembly.compile(module);
  const { exports } = await WebAssembly.instantiate(program, { kernels: { memory: arena.memory } });
  const number = await team.load(program);
  for (let run = 0; run < 2; run++)
    assert.throws(() => team.run(number, exports.run0 as () => void), /simd: a thread failed/);
  arena.enter();
  arena.leave();
});

test.run();
