/** Sampling by graffusion and by hand-written TensorFlow.js. Ho et al. 2020, arXiv 2006.11239, algorithm 2. */
import * as tf from "@tensorflow/tfjs";
import { withParameters } from "../dsl/index.js";
import type { BackendName } from "../runtime/backends/backend.js";
import { ddpm } from "../runtime/diffusion/index.js";
import { createGenerator } from "../runtime/generator.js";
import { closeWorkers, generate } from "../workers/index.js";
import { type DdpmCase, ddpmStart } from "./cases.js";
import { type Contender, deviation } from "./contender.js";
import { useBackend } from "./tfjs-wasm.js";

/** The model with its weights, and what `generate` takes; compiling is part of each run. */
function samplingOf(net: DdpmCase) {
  const { model, weights, schedule, xT } = ddpmStart(net);
  const arrays = Object.entries(weights).map(([path, w]) => [path, { ...w, dtype: "float32" }] as const);
  const initial = { shape: [net.points, 1], dtype: "float32", data: xT } as const;
  return {
    ready: withParameters(model, Object.fromEntries(arrays)),
    options: { schedule, sampler: ddpm(), count: net.points, initial, seed: 1 },
  };
}

/** In this thread. */
export async function graffusionDdpm(net: DdpmCase, backend: string): Promise<Contender> {
  const { ready, options } = samplingOf(net);
  return {
    async step() {
      const generator = await createGenerator(ready, { ...options, backend: backend as BackendName });
      try {
        while (!(await generator.run(1000)));
        return deviation(generator.result().samples.data as Float32Array);
      } finally {
        generator.dispose();
      }
    },
    dispose() {},
  };
}

/** Over n workers, `backend` being `name/n`. */
export async function spreadDdpm(net: DdpmCase, backend: string): Promise<Contender> {
  const { ready, options } = samplingOf(net);
  const [name, count] = backend.split("/");
  const how = { ...options, backend: name as BackendName, workers: Number(count), threads: 1 };
  return {
    step: async () => deviation((await generate(ready, how)).data as Float32Array),
    dispose: () => closeWorkers(),
  };
}

/** A tidy for each step; all points at once. */
export async function tfjsDdpm(net: DdpmCase, backend: string): Promise<Contender> {
  await useBackend(backend);
  const { weights, schedule, xT } = ddpmStart(net);
  const arrays = Object.values(weights).map(({ shape, data }) => tf.tensor(data, [...shape]));
  const last = arrays.length - 2;
  const next = (x: tf.Tensor2D, t: number): tf.Tensor2D =>
    tf.tidy(() => {
      const beta = schedule.betas[t - 1] as number;
      const alphaBar = schedule.alphaBars[t - 1] as number;
      const time = tf.fill([net.points, 1], (t - 1) / (net.steps - 1) - 0.5);
      let h: tf.Tensor = tf.concat([x, time], 1);
      for (let i = 0; i <= last; i += 2) {
        h = h.matMul(arrays[i] as tf.Tensor).add(arrays[i + 1] as tf.Tensor);
        if (i < last) h = h.relu();
      }
      const mean = x.sub(h.mul(beta / Math.sqrt(1 - alphaBar))).div<tf.Tensor2D>(Math.sqrt(1 - beta));
      return t > 1 ? mean.add(tf.randomNormal([net.points, 1]).mul(Math.sqrt(beta))) : mean;
    });
  return {
    async step() {
      await useBackend(backend);
      let x = tf.tensor2d(xT, [net.points, 1]);
      for (let t = net.steps; t >= 1; t--) {
        const after = next(x, t);
        x.dispose();
        x = after;
      }
      const samples = (await x.data()) as Float32Array;
      x.dispose();
      return deviation(samples);
    },
    dispose: () => tf.dispose(arrays),
  };
}
