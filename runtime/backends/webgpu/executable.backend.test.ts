import { test } from "uvu";
import * as assert from "uvu/assert";
import { ProgramBuilder } from "../../builder.js";
import type { Program } from "../../program.js";
import { noise } from "../simd/checks.js";
import { onGpu } from "./checks.js";
import { webgpu } from "./index.js";

/** The error of a promise or of a call, in words. */
async function wordsOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
}

/** A state p that is doubled by each run, a state of its own, and the output p + own. */
function doubling(own: string): Program {
  const b = new ProgramBuilder();
  const [p, other] = [b.stateful("p", [70]), b.stateful(own, [3])];
  b.outputs.sum = b.apply("add", b.slice(p, [2], [3]), other);
  Object.assign(b.updates, {
    p: b.apply("mul", p, { constant: 2 }),
    [own]: b.apply("add", other, { constant: 1 }),
  });
  return b.program();
}

onGpu("states start at zero, keep what they are given, and are updated all at once", async () => {
  const b = new ProgramBuilder();
  const [x, y, n] = [b.stateful("x", [5]), b.stateful("y", [5]), b.stateful("n", [])];
  b.outputs.sum = b.apply("add", x, y);
  Object.assign(b.updates, { x: y, y: x, n: b.apply("add", n, { constant: 1 }) });
  const run = await webgpu.prepare(b.program());
  assert.equal(await run.read("x"), new Float32Array(5));
  const [first, second] = [noise([5]), noise([5])];
  run.write("x", first);
  run.write("y", second);
  run.run();
  assert.equal(await run.read("x"), second);
  assert.equal(await run.read("y"), first);
  run.run();
  const early = run.read("x");
  run.run();
  assert.equal(await early, first, "a read gives what was there when it was asked for");
  assert.equal(await run.read("x"), second);
  assert.equal(await run.read("n"), Float32Array.of(3));
  run.dispose();
});

onGpu("programs share the states of one name, and either may go", async () => {
  const first = await webgpu.prepare(doubling("a"));
  const p = noise([70]);
  first.write("p", p);
  first.write("a", Float32Array.of(1, 2, 3));
  first.run();
  const second = await webgpu.prepare(doubling("b"), { share: first });
  const own = second.memory?.bytes ?? 0;
  assert.ok(own > 0 && own < (first.memory?.bytes ?? 0) + 256, "the shared states are counted once");
  second.run();
  const twice = [4, 5, 6].map((_, i) => 2 * (p[i + 2] as number));
  assert.equal([...(await second.read("sum"))], twice, "b began at zero, and p was doubled once");
  first.run();
  assert.equal(
    await second.read("p"),
    p.map((v) => 8 * v),
  );
  assert.equal(await first.read("a"), Float32Array.of(3, 4, 5));
  first.dispose();
  second.run();
  assert.equal(
    await second.read("p"),
    p.map((v) => 16 * v),
  );
  assert.equal(await second.read("b"), Float32Array.of(2, 2, 2));
  assert.match(await wordsOf(() => webgpu.prepare(doubling("c"), { share: first })), /disposed/);
  const other = new ProgramBuilder();
  other.outputs.p = other.apply("neg", other.stateful("p", [7, 10]));
  assert.match(
    await wordsOf(() => webgpu.prepare(other.program(), { share: second })),
    /the shared state p takes float32 \[70\] but receives float32 \[7, 10\]/,
  );
  second.dispose();
});

onGpu("as many buffers of the device live after 1,000 runs as after 10, and none at the end", async () => {
  const live = new Set<object>();
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    live.add(buffer);
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    live.delete(this);
    return destroy.call(this);
  };
  try {
    const run = await webgpu.prepare(doubling("a"));
    const counts: number[] = [];
    for (let i = 1; i <= 1000; i++) {
      run.run();
      if (i % 10 === 0) await run.read("sum");
      if (i === 10 || i === 1000) counts.push(live.size, run.liveBuffers);
    }
    assert.equal(counts, [3, 3, 3, 3]);
    run.dispose();
    assert.is(run.liveBuffers, 0);
    assert.is(live.size, 0);
  } finally {
    GPUDevice.prototype.createBuffer = createBuffer;
    GPUBuffer.prototype.destroy = destroy;
  }
});

onGpu("programs that differ in sizes alone share their pipelines", async () => {
  let compiled = 0;
  const { createComputePipelineAsync } = GPUDevice.prototype;
  GPUDevice.prototype.createComputePipelineAsync = function (descriptor) {
    compiled++;
    return createComputePipelineAsync.call(this, descriptor);
  };
  const of = (m: number, n: number): Program => {
    const b = new ProgramBuilder();
    const product = b.matmul(b.input("x", [m, 77]), b.stateful("w", [77, n]));
    b.outputs.y = b.apply("erf", b.apply("add", product, b.stateful("b", [n])));
    return b.program();
  };
  try {
    (await webgpu.prepare(of(70, 80))).dispose();
    const before = compiled;
    assert.ok(before > 0);
    (await webgpu.prepare(of(150, 90))).dispose();
    assert.is(compiled, before);
  } finally {
    GPUDevice.prototype.createComputePipelineAsync = createComputePipelineAsync;
  }
});

onGpu("what does not fit is refused in words", async () => {
  const b = new ProgramBuilder();
  b.outputs.out = b.apply("neg", b.input("batch", [3]));
  const run = await webgpu.prepare(b.program());
  assert.match(
    await wordsOf(() => run.write("bach", new Float32Array(3))),
    /receives bach; did you mean batch\?/,
  );
  assert.match(
    await wordsOf(() => run.write("batch", new Float32Array(2))),
    /batch takes a Float32Array of 3 but receives a Float32Array of 2/,
  );
  assert.match(await wordsOf(() => run.write("batch", new Int32Array(3))), /receives a Int32Array/);
  assert.match(await wordsOf(() => run.read("outt")), /takes out but receives outt; did you mean out\?/);
  run.dispose();
  for (const call of [() => run.run(), () => run.read("out"), () => run.write("batch", new Float32Array(3))])
    assert.match(await wordsOf(call), /disposed/);
  const large = new ProgramBuilder();
  large.outputs.out = large.broadcast(large.input("x", [1]), [2 ** 31]);
  assert.match(
    await wordsOf(() => webgpu.prepare(large.program())),
    /this device takes buffers of \d+ bytes at most, .* but receives a program of 85\d+ bytes/,
  );
});

onGpu("a lost device is told, and the next program gets a new one", async () => {
  const devices = new Set<GPUDevice>();
  const { createCommandEncoder } = GPUDevice.prototype;
  GPUDevice.prototype.createCommandEncoder = function (descriptor) {
    devices.add(this);
    return createCommandEncoder.call(this, descriptor);
  };
  const run = await webgpu.prepare(doubling("a"));
  run.run();
  GPUDevice.prototype.createCommandEncoder = createCommandEncoder;
  assert.is(devices.size, 1);
  const pending = wordsOf(() => run.read("sum"));
  for (const device of devices) device.destroy();
  assert.match(await pending, /no error|the browser has taken the GPU's device away/);
  await Promise.all([...devices].map(({ lost }) => lost));
  for (const call of [() => run.run(), () => run.read("sum"), () => run.write("a", new Float32Array(3))])
    assert.match(await wordsOf(call), /webgpu: the browser has taken the GPU's device away/);
  run.dispose();
  const next = await webgpu.prepare(doubling("a"));
  next.write("a", Float32Array.of(1, 2, 3));
  next.run();
  assert.equal(await next.read("sum"), Float32Array.of(1, 2, 3));
  next.dispose();
});

test.run();
