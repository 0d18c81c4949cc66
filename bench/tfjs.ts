/** TensorFlow.js, as it is used by hand and as its layers do it, on its wasm and webgl backends. */
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { adam, type Case, startOf } from "./cases.js";
import type { Contender } from "./contender.js";

setWasmPaths("/tfjs-wasm/");
const optimizer = () => tf.train.adam(adam.learningRate, adam.beta1, adam.beta2, adam.epsilon);

/** `optimizer.minimize` around the net's formula. */
export async function tfjs(net: Case, backend: string): Promise<Contender> {
  await tf.setBackend(backend);
  const start = startOf(net);
  const layers = start.layers.map(({ weight, bias, inputs, outputs }) => ({
    weight: tf.variable(tf.tensor2d(weight, [inputs, outputs])),
    bias: tf.variable(tf.tensor1d(bias)),
  }));
  const x = tf.tensor2d(start.x, [net.batchSize, net.sizes[0] as number]);
  const y = tf.tensor2d(start.y, [net.batchSize, net.sizes.at(-1) as number]);
  const adamOptimizer = optimizer();
  const loss = () => {
    const out = layers.reduce<tf.Tensor2D>((h, { weight, bias }, i) => {
      const z = h.matMul(weight).add<tf.Tensor2D>(bias);
      return i < layers.length - 1 ? z.relu() : z;
    }, x);
    return out.sub(y).square().mean() as tf.Scalar;
  };
  return {
    async step() {
      if (tf.getBackend() !== backend) await tf.setBackend(backend);
      const value = adamOptimizer.minimize(loss, true) as tf.Scalar;
      const [number] = await value.data();
      value.dispose();
      return number as number;
    },
    dispose() {
      adamOptimizer.dispose();
      tf.dispose([x, y, layers]);
    },
  };
}

/** `LayersModel.trainOnBatch`. */
export async function layers(net: Case, backend: string): Promise<Contender> {
  await tf.setBackend(backend);
  const start = startOf(net);
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
  const adamOptimizer = optimizer();
  model.compile({ optimizer: adamOptimizer, loss: "meanSquaredError" });
  return {
    async step() {
      if (tf.getBackend() !== backend) await tf.setBackend(backend);
      return (await model.trainOnBatch(x, y)) as number;
    },
    dispose() {
      model.dispose();
      adamOptimizer.dispose();
      tf.dispose([x, y]);
    },
  };
}
