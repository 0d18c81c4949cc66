import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Data, sizeOf } from "../../../dsl/array.js";
import type { Step } from "../../../dsl/net.js";
import { constant, ProgramBuilder } from "../../builder.js";
import { differentiate } from "../../differentiate.js";
import type { Op, Program, ValueId } from "../../program.js";
import type { Executable } from "../backend.js";
import { near, random } from "../tfjs/checks.js";
import { cpu } from "../tfjs/cpu.js";

/** Only where there is WebGL: in a browser's worker. */
const webgl = "OffscreenCanvas" in globalThis ? (await import("./index.js")).webgl : undefined;

/** Counts calls of a method of the context while `run` runs. */
async function counting(method: "linkProgram" | "drawArrays", run: () => Promise<void>): Promise<number> {
  const prototype = WebGL2RenderingContext.prototype;
  const original = prototype[method] as (...args: unknown[]) => void;
  let count = 0;
  Object.assign(prototype, {
    [method](this: WebGL2RenderingContext, ...args: unknown[]) {
      count++;
      original.apply(this, args);
    },
  });
  try {
    await run();
  } finally {
    Object.assign(prototype, { [method]: original });
  }
  return count;
}

/** A small net of images with its gradients: two convolutions, a normalisation, a product, a loss. */
function training(batch: number): Program {
  const b = new ProgramBuilder();
  const shapes = { first: [3, 3, 1, 8], second: [3, 3, 8, 8], bias: [8], out: [8 * 16, 4] };
  const weights = Object.entries(shapes).map(([name, shape]) => b.stateful(name, shape));
  const [first, second, bias, out] = weights as [ValueId, ValueId, ValueId, ValueId];
  const attrs = { dilations: [1, 1], before: [1, 1], groups: 1 } as const;
  const x = b.input("x", [batch, 8, 8, 1]);
  const h = b.apply("silu", b.apply("add", b.conv2d(x, first, { ...attrs, strides: [1, 1] }, [8, 8]), bias));
  const centred = b.apply("sub", h, b.mean(h, [1, 2]));
  const down = b.apply("relu", b.conv2d(centred, second, { ...attrs, strides: [2, 2] }, [4, 4]));
  const y = b.matmul(b.reshape(down, [batch, 8 * 16]), out);
  b.outputs.loss = b.reshape(b.mean(b.apply("square", y), [0, 1]), []);
  const gradients = differentiate(b, b.outputs.loss, weights);
  Object.keys(shapes).forEach((name, i) => {
    b.updates[name] = b.apply(
      "sub",
      weights[i] as ValueId,
      b.apply("mul", gradients[i] as ValueId, constant(0.1)),
    );
  });
  return b.program();
}

/** One step from the same weights. */
async function step(executable: Executable, program: Program): Promise<Data[]> {
  for (const [name, id] of Object.entries({ ...program.state, ...program.inputs })) {
    const size = sizeOf(program.values[id]?.shape ?? []);
    executable.write(
      name,
      Float32Array.from({ length: size }, (_, i) => Math.sin(1 + i * (1 + name.length))),
    );
  }
  executable.run();
  return Promise.all([
    executable.read("loss"),
    ...Object.keys(program.state).map((name) => executable.read(name)),
  ]);
}

if (webgl) {
  test("a step of a net of images is the reference's", async () => {
    const program = training(6);
    const [ours, theirs] = [await webgl.prepare(program), await cpu.prepare(program)];
    const expected = await step(theirs, program);
    (await step(ours, program)).forEach((data, i) => {
      near(data, expected[i] as Data, 2e-5, ["loss", ...Object.keys(program.state)][i]);
    });
    ours.dispose();
    theirs.dispose();
  });

  test("programs that differ in sizes alone are compiled once", async () => {
    const run = (batch: number) => async () => {
      const executable = await webgl.prepare(training(batch));
      await step(executable, training(batch));
      executable.dispose();
    };
    await run(32)();
    assert.is(await counting("linkProgram", run(64)), 0);
  });

  test("as many draws and buffers in every step", async () => {
    const program = training(8);
    const executable = await webgl.prepare(program);
    await step(executable, program);
    const draws: number[] = [];
    const live: number[] = [];
    for (let i = 0; i < 20; i++) {
      draws.push(await counting("drawArrays", async () => executable.run()));
      live.push(executable.liveBuffers);
    }
    assert.is(Math.min(...draws), Math.max(...draws));
    assert.is(Math.min(...live), Math.max(...live));
    executable.dispose();
  });

  /** The program's only product, with tanh(product·scale + bias) before it is stored. */
  function finished(build: (b: ProgramBuilder) => ValueId, fused: boolean): Program {
    const b = new ProgramBuilder();
    const y = build(b);
    const shape = b.shape(y);
    const bias = b.input("bias", [shape.at(-1) as number]);
    const scale = b.input("scale", [shape[0] as number, ...shape.slice(1).map(() => 1)]);
    if (!fused) {
      b.outputs.y = b.apply("tanh", b.apply("add", b.apply("mul", y, scale), bias));
      return b.program();
    }
    const epilogue: Step[] = [
      { op: "input", name: "0" },
      { op: "input", name: "2" },
      { op: "mul", args: [0, 1] },
      { op: "input", name: "1" },
      { op: "add", args: [2, 3] },
      { op: "tanh", args: [4] },
    ];
    const op = b.ops[0] as Op;
    b.ops[0] = { ...op, attrs: { ...op.attrs, epilogue }, inputs: [...op.inputs, bias, scale] } as Op;
    b.outputs.y = y;
    return b.program();
  }

  const attrs = { strides: [1, 1], dilations: [1, 1], before: [1, 1], groups: 1 } as const;
  const products: Record<string, (b: ProgramBuilder) => ValueId> = {
    "a small product": (b) => b.matmul(b.input("a", [3, 5]), b.input("b", [5, 7])),
    "a large product": (b) => b.matmul(b.input("a", [130, 36]), b.input("b", [36, 64])),
    "a product of stacks": (b) => b.matmul(b.input("a", [3, 6, 5]), b.input("b", [3, 5, 8])),
    aᵀb: (b) => b.matmul(b.input("a", [50, 9]), b.input("b", [50, 6]), { transposeA: true }),
    "a large aᵀb": (b) => b.matmul(b.input("a", [20, 128]), b.input("b", [20, 64]), { transposeA: true }),
    "a convolution": (b) => b.conv2d(b.input("a", [2, 5, 5, 3]), b.input("b", [3, 3, 3, 6]), attrs, [5, 5]),
    "a large convolution": (b) =>
      b.conv2d(b.input("a", [4, 16, 16, 4]), b.input("b", [3, 3, 4, 16]), attrs, [16, 16]),
    "a transposed convolution": (b) =>
      b.conv2dInput(b.input("a", [2, 5, 5, 3]), b.input("b", [3, 3, 8, 3]), attrs, [5, 5]),
  };
  for (const [name, build] of Object.entries(products))
    test(`what follows ${name} is done before it is stored, in no draw of its own`, async () => {
      const [fused, plain] = [finished(build, true), finished(build, false)];
      const inputs = Object.entries(fused.inputs).map(
        ([key, id]) => [key, random(fused.values[id]?.shape ?? [])] as const,
      );
      const run = async (executable: Executable): Promise<{ y: Data; draws: number }> => {
        for (const [key, data] of inputs) executable.write(key, data);
        const draws = await counting("drawArrays", async () => executable.run());
        const y = await executable.read("y");
        executable.dispose();
        return { y, draws };
      };
      const expected = await run(await cpu.prepare(plain));
      const [one, two] = [await run(await webgl.prepare(fused)), await run(await webgl.prepare(plain))];
      near(one.y, expected.y, 1e-5);
      near(two.y, expected.y, 1e-5);
      assert.is(one.draws, two.draws - 3);
    });
} else {
  test("these tests are for browsers with WebGL", () => {
    assert.not("OffscreenCanvas" in globalThis);
  });
}

test.run();
