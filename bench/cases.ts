/** The nets that the benchmark trains, and their numbers: closed forms, so that every contender has the same. */

/** An MLP with ReLU between its linear layers, of `sizes[0]` inputs and the last size of outputs. */
export interface Case {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly batchSize: number;
}

const mlp = (sizes: readonly number[], batchSize: number): Case => ({
  name: `mlp ${sizes.join("-")} batch ${batchSize}`,
  sizes,
  batchSize,
});

export const cases: readonly Case[] = [
  mlp([2, 128, 128, 128, 1], 256),
  mlp([2, 128, 128, 128, 1], 4096),
  mlp([3, 256, 256, 256, 256, 2], 1024),
];

/** Adam with these numbers everywhere. */
export const adam = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** `count` numbers in [−scale, scale), entry i being 2·frac(43758.5453·sin(12.9898·(i + 1) + 78.233·stream)) − 1. */
export function numbers(count: number, stream: number, scale: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const x = Math.sin(12.9898 * (i + 1) + 78.233 * stream) * 43758.5453;
    return scale * (2 * (x - Math.floor(x)) - 1);
  });
}

export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** [inputs, outputs], uniform with the variance 2 / inputs of He et al. 2015 (arXiv 1502.01852, eq. 10). */
  readonly weight: Float32Array;
  /** [outputs], zeros. */
  readonly bias: Float32Array;
}

/** What a contender starts from: the layers, and the batch x [batchSize, first size], y [batchSize, last size]. */
export interface Start {
  readonly layers: readonly Layer[];
  readonly x: Float32Array;
  readonly y: Float32Array;
}

export function startOf({ sizes, batchSize }: Case): Start {
  const layers = sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i] as number;
    const weight = numbers(inputs * outputs, i, Math.sqrt(6 / inputs));
    return { inputs, outputs, weight, bias: new Float32Array(outputs) };
  });
  const x = numbers(batchSize * (sizes[0] as number), 101, 1.7);
  const y = numbers(batchSize * (sizes.at(-1) as number), 102, 1.7);
  return { layers, x, y };
}

/** Multiply-adds of one training step's matrix products: forward, weights' and inputs' gradients. */
export function multiplyAdds({ sizes, batchSize }: Case): number {
  const products = sizes.slice(1).map((outputs, i) => (sizes[i] as number) * outputs);
  // The first layer needs no gradient of its input.
  return batchSize * products.reduce((sum, n, i) => sum + n * (i === 0 ? 2 : 3), 0);
}
