import { test } from "uvu";
import * as assert from "uvu/assert";
import { fromJSON, inferShapes, type Net, toJSON } from "../dsl/index.js";
import { initialize, parametersOf } from "../dsl/parameters.js";
import { draw } from "../runtime/data/index.js";
import { linearSchedule, reverseStep } from "../runtime/diffusion/index.js";
import { demos, denoisers, mlp, samplers, schedules, trainingNet } from "./index.js";

const shapes = (net: Net): Record<string, readonly number[]> =>
  Object.fromEntries(
    Object.entries(parametersOf(initialize(net, { seed: 1 }))).map(([path, { shape }]) => [path, shape]),
  );

test("the denoiser of three hidden layers is the one of the design", () => {
  const net = mlp({ nDim: 1, tMax: 200, nHidden: 128, layers: 3 });
  assert.equal(shapes(net), {
    "model.1.weight": [2, 128],
    "model.1.bias": [128],
    "model.3.weight": [128, 128],
    "model.3.bias": [128],
    "model.5.weight": [128, 128],
    "model.5.bias": [128],
    "model.7.weight": [128, 1],
    "model.7.bias": [1],
  });
});

for (const [word, denoiser] of Object.entries(denoisers))
  for (const nDim of [1, 2])
    test(`${word} in ${nDim} dimensions fits its training net and the step of every sampler`, () => {
      const schedule = linearSchedule({ steps: 50 });
      const model = denoiser({ nDim, tMax: 50, nHidden: 16, layers: 2 });
      assert.equal(inferShapes(model)[""]?.outputs.model?.shape, [nDim]);
      const training = inferShapes(trainingNet({ model, schedule, nDim }))[""];
      assert.equal(training?.inputs.x0?.shape, [nDim]);
      assert.equal(training?.outputs.loss?.shape, []);
      for (const sampler of Object.values(samplers))
        assert.equal(inferShapes(reverseStep(model, schedule, sampler))[""]?.outputs.x?.shape, [nDim]);
    });

test("every demo's data are points of its dimension, and enough for a batch", () => {
  for (const [word, demo] of Object.entries(demos)) {
    const { shape } = draw(demo.data(1));
    assert.equal(shape, [10_000, demo.nDim], word);
    assert.ok(demo.batchSize <= 10_000);
  }
});

test("every net survives JSON and the way to a worker, weights and all", () => {
  for (const [word, denoiser] of Object.entries(denoisers)) {
    const model = denoiser({ nDim: 2, tMax: 20, nHidden: 8 });
    const schedule = linearSchedule({ steps: 20 });
    for (const net of [
      trainingNet({ model, schedule, nDim: 2 }),
      reverseStep(model, schedule, samplers.ddpm),
    ]) {
      const ready = initialize(net, { seed: 1 });
      assert.equal(fromJSON(toJSON(ready)), ready, word);
      assert.equal(structuredClone(ready), ready, word);
    }
  }
});

test("the schedules lose the signal at the demos' 200 steps", () => {
  for (const schedule of Object.values(schedules)) assert.ok(schedule(200).terminalSignal < 0.01);
});

test.run();
