/** The nets that the benchmark trains, and their numbers: closed forms, so that every contender has the same. */
import { type Net, parameterSpecs } from "../dsl/index.js";
import { linearSchedule, type Schedule } from "../runtime/diffusion/index.js";
import { mlp } from "../specs/denoisers.js";
import { type UNetOptions, unet } from "../specs/unet.js";

/** An MLP with ReLU between its linear layers, of `sizes[0]` inputs and the last size of outputs. */
export interface MlpCase {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly batchSize: number;
}
/** The denoiser of `specs/unet.ts` with group norm, at given images, times and noise. */
export interface UNetCase {
  readonly name: string;
  readonly unet: UNetOptions & { readonly c: number; readonly depth: number; readonly nTime: number };
  readonly batchSize: number;
}
/** Ancestral sampling of points by an MLP: of `points` from x_T through T = `steps`. */
export interface DdpmCase {
  readonly name: string;
  readonly points: number;
  readonly steps: number;
  readonly nHidden: number;
  readonly layers: number;
}
export type TrainingCase = MlpCase | UNetCase;
export type Case = TrainingCase | DdpmCase;

const points = (name: string, sizes: readonly number[], batchSize: number): MlpCase => ({
  name: `${name} MLP, batch ${batchSize.toLocaleString("en")}`,
  sizes,
  batchSize,
});
const digits = { size: 28, channels: 1, tMax: 200, c: 32, depth: 3, nTime: 16 } as const;
const images = (batchSize: number): UNetCase => ({
  name: `UNet, batch ${batchSize}`,
  unet: digits,
  batchSize,
});
const toy = [2, 128, 128, 128, 1];

export const cases: readonly Case[] = [
  points("toy", toy, 256),
  points("toy", toy, 4096),
  points("spiral", [3, 256, 256, 256, 256, 2], 1024),
  images(4),
  images(32),
  images(256),
  { name: "DDPM, 10,000 points × 200 steps", points: 10_000, steps: 200, nHidden: 128, layers: 3 },
];

/** The case of that name. Error: there is none. */
export function caseOf(name: string): Case {
  const found = cases.find((c) => c.name === name);
  if (!found) throw new Error(`bench: there is no case ${name}`);
  return found;
}

/** Adam with these numbers everywhere. */
export const adam = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** `count` numbers in [−scale, scale), entry i being 2·frac(43758.5453·sin(12.9898·(i + 1) + 78.233·stream)) − 1. */
export function numbers(count: number, stream: number, scale: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const x = Math.sin(12.9898 * (i + 1) + 78.233 * stream) * 43758.5453;
    return scale * (2 * (x - Math.floor(x)) - 1);
  });
}

/** One linear layer of an MLP. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** [inputs, outputs], uniform with the variance 2 / inputs of He et al. 2015 (arXiv 1502.01852, eq. 10). */
  readonly weight: Float32Array;
  /** [outputs], zeros. */
  readonly bias: Float32Array;
}

/** What a contender of an MLP starts from: the layers, and the batch x [batchSize, first size], y [batchSize, last size]. */
export interface MlpStart {
  readonly layers: readonly Layer[];
  readonly x: Float32Array;
  readonly y: Float32Array;
}

export function mlpStart({ sizes, batchSize }: MlpCase): MlpStart {
  const layers = sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i] as number;
    const weight = numbers(inputs * outputs, i, Math.sqrt(6 / inputs));
    return { inputs, outputs, weight, bias: new Float32Array(outputs) };
  });
  const x = numbers(batchSize * (sizes[0] as number), 101, 1.7);
  const y = numbers(batchSize * (sizes.at(-1) as number), 102, 1.7);
  return { layers, x, y };
}

/** An array of a net. */
export interface Weights {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
/** Array number i of a net, in the net's order, is `offset` + numbers of stream i that reach to ± `scale`. */
export interface ArrayForm {
  readonly path: string;
  readonly shape: readonly number[];
  readonly scale: number;
  readonly offset: number;
}

/** Matrices and filters have the variance 1/fanIn, scales of norms are 1, biases and shifts 0. */
export const formsOf = (net: Net): readonly ArrayForm[] =>
  Object.entries(parameterSpecs(net)).map(([path, { shape }]) => {
    const fanIn = shape.slice(0, -1).reduce((n, d) => n * d, 1);
    const matrix = shape.length > 1;
    const offset = !matrix && path.endsWith("weight") ? 1 : 0;
    return { path, shape, scale: matrix ? Math.sqrt(3 / fanIn) : 0, offset };
  });

/** The arrays of a net by path. */
export const weightsOf = (net: Net): Readonly<Record<string, Weights>> =>
  Object.fromEntries(
    formsOf(net).map(({ path, shape, scale, offset }, stream) => {
      const count = shape.reduce((n, d) => n * d, 1);
      return [path, { shape, data: numbers(count, stream, scale).map((x) => x + offset) }];
    }),
  );

/** What a contender of a UNet starts from: its arrays, times [batch] in 1 … T, images and their noise. */
export interface UNetStart {
  readonly weights: Readonly<Record<string, Weights>>;
  readonly t: Int32Array;
  readonly xt: Float32Array;
  readonly eps: Float32Array;
}

export function unetStart(net: UNetCase): UNetStart {
  const { size, channels, tMax } = net.unet;
  const pixels = net.batchSize * size * size * channels;
  return {
    weights: weightsOf(unet(net.unet)),
    t: Int32Array.from({ length: net.batchSize }, (_, i) => 1 + ((i * 37) % tMax)),
    xt: numbers(pixels, 201, 1.7),
    eps: numbers(pixels, 202, 1.7),
  };
}

/** What sampling starts from: the model's arrays, and x_T [points, 1]. */
export interface DdpmStart {
  readonly model: Net;
  readonly weights: Readonly<Record<string, Weights>>;
  readonly schedule: Schedule;
  readonly xT: Float32Array;
}

export function ddpmStart({ points, steps, nHidden, layers }: DdpmCase): DdpmStart {
  const model = mlp({ nDim: 1, tMax: steps, nHidden, layers });
  const schedule = linearSchedule({ steps, betaStart: 1e-4, betaEnd: 0.2 });
  return { model, weights: weightsOf(model), schedule, xT: numbers(points, 301, Math.sqrt(3)) };
}
