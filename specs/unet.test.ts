import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  fromJSON,
  inferShapes,
  information,
  initialize,
  type Net,
  parametersOf,
  toJSON,
} from "../dsl/index.js";
import { linearSchedule, reverseStep } from "../runtime/diffusion/index.js";
import { samplers, trainingNet, type UNetOptions, unet } from "./index.js";

const small: UNetOptions = { size: 8, channels: 1, tMax: 10, c: 8, nTime: 4, depth: 3 };
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const conv = (kernel: number, nIn: number, nOut: number): number => kernel ** 2 * nIn * nOut + nOut;
const linear = (nIn: number, nOut: number): number => nIn * nOut + nOut;

/** The parameters of the UNet of these widths, counted by hand. */
function parameterCount({ channels, nTime = 16 }: UNetOptions, widths: readonly number[]): number {
  const code = 4 * nTime;
  const block = (nIn: number, nOut: number): number =>
    2 * nIn +
    conv(3, nIn, nOut) +
    linear(code, nOut) +
    2 * nOut +
    conv(3, nOut, nOut) +
    (nIn === nOut ? 0 : conv(1, nIn, nOut));
  const [first = 0] = widths;
  const last = widths.at(-1) as number;
  const pairs = widths.slice(1).map((wide, i) => [widths[i] as number, wide] as const);
  return sum([
    linear(nTime, code) + linear(code, code),
    conv(3, channels, first) + block(first, first),
    ...pairs.map(([narrow, wide]) => conv(3, narrow, narrow) + block(narrow, wide)),
    block(last, last),
    ...pairs.map(([narrow, wide]) => block(wide + narrow, narrow)),
    2 * first + conv(3, first, channels),
  ]);
}

test("what comes out has the shape of what goes in, and the levels halve it", () => {
  const shapes = inferShapes(unet({ size: 28, channels: 3, tMax: 200 }));
  assert.equal(shapes[""]?.outputs.epsHat?.shape, [28, 28, 3]);
  assert.equal(shapes.down1?.outputs.sum?.shape, [28, 28, 32]);
  assert.equal(shapes.down3?.outputs.block?.shape, [7, 7, 128]);
  assert.equal(shapes.up2?.outputs.block?.shape, [14, 14, 64]);
});

test("it has as many parameters as the formula says", () => {
  for (const [options, widths] of [
    [{ size: 28, channels: 1, tMax: 200 }, [32, 64, 128]],
    [small, [8, 16, 32]],
    [{ ...small, depth: 2, multipliers: [1, 3], channels: 3 }, [8, 24]],
    [{ ...small, depth: 1 }, [8]],
  ] as const)
    assert.is(information(unet(options)).parameters.total, parameterCount(options, widths));
});

test("the code of t is added in every residual block, and nowhere else", () => {
  const net = unet({ ...small, depth: 4, heads: 2 });
  const blocks = (at: Net, path: string): string[] =>
    at.op !== "graph"
      ? []
      : "shifted" in at.nodes
        ? [path]
        : Object.entries(at.nodes).flatMap(([name, node]) => blocks(node, `${path}/${name}`));
  assert.equal(blocks(net, ""), [
    ...["/down1", "/down2/block", "/down3/block", "/down4/block", "/middle"],
    ...["/up3/block", "/up2/block", "/up1/block"],
  ]);
  for (const [name, ports] of Object.entries(net.edges))
    assert.is(ports.code, /^(down|middle|up)/.test(name) ? "time" : undefined, name);
});

test("options: layer norm, attention at the coarsest level, classes", () => {
  const count = (options: UNetOptions): number => information(unet(options)).parameters.total;
  assert.is(count({ ...small, norm: "layer" }), count(small));
  const wide = 32;
  assert.is(count({ ...small, heads: 2 }) - count(small), 2 * wide + 4 * linear(wide, wide));
  assert.is(count({ ...small, classes: 10 }) - count(small), 11 * 16);
  assert.equal(inferShapes(unet({ ...small, classes: 10 }))[""]?.inputs.label, {
    dtype: "integer",
    shape: [],
    min: 0,
    max: 10,
  });
});

test("a size that cannot be halved so often, and too few multipliers, are refused", () => {
  assert.throws(() => unet({ ...small, size: 6 }), "unet: takes a size that 4 divides but receives 6");
  assert.throws(() => unet({ ...small, multipliers: [1, 2] }), "unet: takes 3 multipliers but receives 2");
});

test("it takes the place of any denoiser, and survives JSON with its weights", () => {
  const schedule = linearSchedule({ steps: 10 });
  const model = unet({ ...small, heads: 2 });
  const training = trainingNet({ model, schedule, nDim: [8, 8, 1] });
  assert.equal(inferShapes(training)[""]?.outputs.loss?.shape, []);
  assert.equal(inferShapes(reverseStep(model, schedule, samplers.ddpm))[""]?.outputs.x?.shape, [8, 8, 1]);
  const ready = initialize(training, { seed: 1 });
  assert.equal(fromJSON(toJSON(ready)), ready);
  assert.ok(Object.keys(parametersOf(ready)).includes("model.up1.block.first.2.weight"));
});

test.run();
