/** The UNet of `specs/unet.ts`, written with the operations of TensorFlow.js. */
import * as tf from "@tensorflow/tfjs";
import { type UNetCase, unetStart } from "./cases.js";
import type { TfjsNet } from "./tfjs.js";

const groups = 8;
const epsilon = 1e-5;

/** Its weights are variables; the loss is that of `trainingNet` at given times, images and noise. */
export function unetLoss(net: UNetCase): TfjsNet {
  const { size, channels, c, depth, nTime } = net.unet;
  const start = unetStart(net);
  const variables = Object.fromEntries(
    Object.entries(start.weights).map(([path, { shape, data }]) => [
      path,
      tf.variable(tf.tensor(data, [...shape])),
    ]),
  );
  const get = <T extends tf.Tensor>(path: string): T => variables[path] as tf.Tensor as T;
  const shape: [number, number, number, number] = [net.batchSize, size, size, channels];
  const xt = tf.tensor4d(start.xt, shape);
  const eps = tf.tensor4d(start.eps, shape);
  const code = sinusoids(start.t, nTime);

  const linear = (path: string, x: tf.Tensor2D): tf.Tensor2D =>
    x.matMul(get(`${path}.weight`)).add<tf.Tensor2D>(get(`${path}.bias`));
  const conv = (path: string, x: tf.Tensor4D, stride = 1): tf.Tensor4D =>
    tf.conv2d(x, get<tf.Tensor4D>(`${path}.weight`), stride, "same").add<tf.Tensor4D>(get(`${path}.bias`));
  const silu = <T extends tf.Tensor>(x: T): T => x.mul<T>(x.sigmoid());
  const norm = (path: string, x: tf.Tensor4D): tf.Tensor4D => {
    const [b, h, w, n] = x.shape;
    const grouped = x.reshape([b, h, w, groups, n / groups]);
    const { mean, variance } = tf.moments(grouped, [1, 2, 4], true);
    return grouped
      .sub(mean)
      .mul(variance.add(epsilon).rsqrt())
      .reshape<tf.Tensor4D>(x.shape)
      .mul<tf.Tensor4D>(get(`${path}.weight`))
      .add<tf.Tensor4D>(get(`${path}.bias`));
  };
  const normConv = (path: string, x: tf.Tensor4D): tf.Tensor4D =>
    conv(`${path}.2`, silu(norm(`${path}.0`, x)));
  const block = (path: string, x: tf.Tensor4D, time: tf.Tensor2D): tf.Tensor4D => {
    const first = normConv(`${path}.first`, x);
    const shift = linear(`${path}.shift.1`, silu(time)).reshape([net.batchSize, 1, 1, -1]);
    const second = normConv(`${path}.second`, first.add<tf.Tensor4D>(shift));
    return (`${path}.skip.weight` in variables ? conv(`${path}.skip`, x) : x).add<tf.Tensor4D>(second);
  };

  const model = (): tf.Tensor4D => {
    const time = linear("time.3", silu(linear("time.1", code)));
    let x = block("down1", conv("stem", xt), time);
    const levels = [x];
    for (let level = 2; level <= depth; level++) {
      x = block(`down${level}.block`, conv(`down${level}.half`, x, 2), time);
      levels.push(x);
    }
    x = block("middle", x, time);
    for (let level = depth - 1; level >= 1; level--)
      x = block(`up${level}.block`, tf.concat([twice(x), levels[level - 1] as tf.Tensor4D], 3), time);
    return normConv("out", x);
  };
  if (c % groups !== 0)
    throw new Error(`tfjs-unet: takes a multiple of ${groups} channels but receives ${c}`);
  return {
    loss: () => model().sub(eps).square().mean(),
    tensors: [xt, eps, code, ...Object.values(variables)],
  };
}

/** Each pixel twice along both axes. By concatenation, whose gradient every backend has. */
function twice(x: tf.Tensor4D): tf.Tensor4D {
  const [b, h, w, n] = x.shape;
  const wide = tf.concat([x, x], 3).reshape<tf.Tensor3D>([b, h, 2 * w * n]);
  return tf.concat([wide, wide], 2).reshape([b, 2 * h, 2 * w, n]);
}

/** sin(t ω_k), cos(t ω_k), side by side for each k < n/2, with ω_k = 10,000^(−2k/n). */
function sinusoids(t: Int32Array, n: number): tf.Tensor2D {
  const rows = Array.from(t, (time) => {
    const angles = Array.from({ length: n / 2 }, (_, k) => time * 10_000 ** ((-2 * k) / n));
    return angles.flatMap((angle) => [Math.sin(angle), Math.cos(angle)]);
  });
  return tf.tensor2d(rows);
}
