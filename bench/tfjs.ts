/** TensorFlow.js by hand: the net's formula, and `optimizer.minimize` around it. */
import * as tf from "@tensorflow/tfjs";
import { adam, type MlpCase, mlpStart, type TrainingCase } from "./cases.js";
import type { Contender } from "./contender.js";
import { unetLoss } from "./tfjs-unet.js";
import { useBackend } from "./tfjs-wasm.js";

/** A net on the backend in use: the loss of the whole batch, and everything that must be disposed of. */
export interface TfjsNet {
  readonly loss: () => tf.Scalar;
  readonly tensors: readonly tf.Tensor[];
}

export async function tfjs(net: TrainingCase, backend: string): Promise<Contender> {
  await useBackend(backend);
  const { loss, tensors } = "sizes" in net ? mlpLoss(net) : unetLoss(net);
  const optimizer = tf.train.adam(adam.learningRate, adam.beta1, adam.beta2, adam.epsilon);
  return {
    async step() {
      await useBackend(backend);
      const value = optimizer.minimize(loss, true) as tf.Scalar;
      const [number] = await value.data();
      value.dispose();
      return number as number;
    },
    dispose() {
      optimizer.dispose();
      tf.dispose([...tensors]);
    },
  };
}

function mlpLoss(net: MlpCase): TfjsNet {
  const start = mlpStart(net);
  const layers = start.layers.map(({ weight, bias, inputs, outputs }) => ({
    weight: tf.variable(tf.tensor2d(weight, [inputs, outputs])),
    bias: tf.variable(tf.tensor1d(bias)),
  }));
  const x = tf.tensor2d(start.x, [net.batchSize, net.sizes[0] as number]);
  const y = tf.tensor2d(start.y, [net.batchSize, net.sizes.at(-1) as number]);
  return {
    loss: () => {
      const out = layers.reduce<tf.Tensor2D>((h, { weight, bias }, i) => {
        const z = h.matMul(weight).add<tf.Tensor2D>(bias);
        return i < layers.length - 1 ? z.relu() : z;
      }, x);
      return out.sub(y).square().mean();
    },
    tensors: [x, y, ...layers.flatMap(({ weight, bias }) => [weight, bias])],
  };
}
