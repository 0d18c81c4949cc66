import { test } from "uvu";
import * as assert from "uvu/assert";
import { inferShapes, information, integer, withParameters } from "../dsl/index.js";
import { initialize, parametersOf } from "../dsl/parameters.js";
import { reverseStep } from "../runtime/diffusion/index.js";
import { ddim } from "../runtime/diffusion/sampler.js";
import { digits, unet } from "./index.js";

test("with and without classes, the digits' nets fit together and their schedule loses the signal", () => {
  for (const classes of [0, 10]) {
    const { model, trainingNet, sampling } = digits({ classes });
    const ports = inferShapes(trainingNet)[""];
    assert.equal(ports?.inputs.x0?.shape, [28, 28, 1]);
    assert.equal(ports?.inputs.label, classes > 0 ? integer(0, 9) : undefined);
    assert.is(trainingNet.nodes.model, model);
    assert.ok(sampling.schedule.terminalSignal < 0.01);
    const guidance = { weight: classes > 0 ? 1 : 0, inputs: classes > 0 ? { label: 10 } : {} };
    const step = reverseStep(model, sampling.schedule, ddim(), { clip: sampling.clip, guidance });
    assert.equal(inferShapes(step)[""]?.outputs.x?.shape, [28, 28, 1]);
  }
});

test("classes add their vectors alone, and another denoiser takes the UNet's place", () => {
  const count = (classes: number): number => information(digits({ classes }).model).parameters.total;
  assert.is(count(10) - count(0), 11 * 4 * 16);
  const model = unet({ size: 8, channels: 3, tMax: 200, c: 8, nTime: 4, depth: 2, classes: 4 });
  const net = digits({ size: 8, channels: 3, classes: 4, model }).trainingNet;
  const ready = initialize(net, { seed: 1 });
  assert.equal(withParameters(net, parametersOf(ready)), ready);
});

test.run();
