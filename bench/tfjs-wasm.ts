/** The backends of TensorFlow.js; its wasm is where `run.mjs` serves it, and has the one gradient that a UNet lacks there. */
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

setWasmPaths("/tfjs-wasm/");

/** Makes a backend the one in use; contenders of several take turns. */
export async function useBackend(backend: string): Promise<void> {
  if (tf.getBackend() !== backend) await tf.setBackend(backend);
}

/**
 * ∂loss/∂filter as a matrix product for each place of the filter: the part of the padded image that it meets,
 * [b·h'·w', c] transposed, times dy [b·h'·w', n]. The transposition is a kernel call of its own, since this backend's
 * matrix product with a transposed operand takes ten times as long.
 */
function filterGradient({ inputs, attrs }: Parameters<tf.KernelFunc>[0]): tf.TensorInfo {
  const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
  const { strides, pad, filterShape } = attrs as unknown as {
    strides: [number, number] | number;
    pad: "same" | "valid";
    filterShape: [number, number, number, number];
  };
  const [stride] = [strides].flat() as [number];
  const [kh, kw, c, n] = filterShape;
  const [, height, width] = dy.shape;
  return tf.tidy(() => {
    const around = (size: number, out: number, kernel: number): [number, number] => {
      const whole = pad === "same" ? Math.max(0, (out - 1) * stride + kernel - size) : 0;
      return [whole >> 1, whole - (whole >> 1)];
    };
    const padded = x.pad<tf.Tensor4D>([
      [0, 0],
      around(x.shape[1], height, kh),
      around(x.shape[2], width, kw),
      [0, 0],
    ]);
    const outputs = dy.reshape<tf.Tensor2D>([-1, n]);
    const places: tf.Tensor2D[] = [];
    for (let u = 0; u < kh; u++)
      for (let v = 0; v < kw; v++) {
        const end = [x.shape[0], u + (height - 1) * stride + 1, v + (width - 1) * stride + 1, c];
        const met: tf.Tensor = padded.stridedSlice([0, u, v, 0], end, [1, stride, stride, 1]);
        const rows = met.reshape<tf.Tensor2D>([-1, c]).transpose() as tf.Tensor2D;
        places.push(tf.matMul(rows, outputs) as tf.Tensor2D);
      }
    return tf.concat(places).reshape(filterShape);
  });
}

tf.registerKernel({
  kernelName: "Conv2DBackpropFilter",
  backendName: "wasm",
  kernelFunc: filterGradient,
});
