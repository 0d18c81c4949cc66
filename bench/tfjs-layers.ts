/** TensorFlow.js's own layers. */
import * as tf from "@tensorflow/tfjs";
import { adam, mlpStart, type TrainingCase } from "./cases.js";
import type { Contender } from "./contender.js";
import { useBackend } from "./tfjs-wasm.js";

/** `LayersModel.trainOnBatch`. */
export async function layers(net: TrainingCase, backend: string): Promise<Contender> {
  if (!("sizes" in net)) throw new Error(`layers: the benchmark takes MLPs but receives ${net.name}`);
  await useBackend(backend);
  const start = mlpStart(net);
  const model = tf.sequential({
    layers: start.layers.map(({ inputs, outputs }, i) =>
      tf.layers.dense({
        units: outputs,
        inputShape: [inputs],
        activation: i < start.layers.length - 1 ? "relu" : "linear",
      }),
    ),
  });
  const weights = start.layers.flatMap(({ weight, bias, inputs, outputs }) => [
    tf.tensor2d(weight, [inputs, outputs]),
    tf.tensor1d(bias),
  ]);
  model.setWeights(weights);
  tf.dispose(weights);
  const x = tf.tensor2d(start.x, [net.batchSize, net.sizes[0] as number]);
  const y = tf.tensor2d(start.y, [net.batchSize, net.sizes.at(-1) as number]);
  const adamOptimizer = tf.train.adam(adam.learningRate, adam.beta1, adam.beta2, adam.epsilon);
  model.compile({ optimizer: adamOptimizer, loss: "meanSquaredError" });
  return {
    async step() {
      await useBackend(backend);
      return (await model.trainOnBatch(x, y)) as number;
    },
    dispose() {
      model.dispose();
      adamOptimizer.dispose();
      tf.dispose([x, y]);
    },
  };
}
