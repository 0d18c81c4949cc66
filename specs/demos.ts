/** The demos, by the words of their attributes: what is learned, and settings that learn it within a minute or two. */
import {
  checkerboard,
  circles,
  type DataSet,
  gaussianMixture,
  moons,
  ramp,
  spiral,
  strokes,
  swissRoll,
} from "../runtime/data/index.js";
import {
  type BetaRange,
  cosineSchedule,
  ddim,
  ddpm,
  linearSchedule,
  type Sampler,
  type Schedule,
  scaledLinearSchedule,
  sigmoidSchedule,
} from "../runtime/diffusion/index.js";
import { unet } from "./unet.js";

export interface Demo {
  readonly label: string;
  /** Its 10,000 points drawn with a seed, to be standardized before training. */
  readonly data: (seed: number) => DataSet;
  readonly nDim: 1 | 2;
  /** The width and the number of the hidden layers. */
  readonly nHidden: number;
  readonly layers: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** How long its training takes. */
  readonly seconds: number;
}

const n = 10_000;
const line = { nDim: 1, nHidden: 128, layers: 3, batchSize: 256, learningRate: 1e-3, seconds: 60 } as const;
const plane = { nDim: 2, nHidden: 256, layers: 4, batchSize: 1024, learningRate: 1e-3, seconds: 80 } as const;

export const demos = {
  gaussianMixture: { ...line, label: "Two normals", data: (seed: number) => gaussianMixture(n, { seed }) },
  ramp: { ...line, label: "Ramp", data: (seed: number) => ramp(n, { seed }) },
  spiral: { ...plane, label: "Spiral", data: (seed: number) => spiral(n, { seed }) },
  moons: { ...plane, label: "Two moons", data: (seed: number) => moons(n, { seed }) },
  circles: { ...plane, label: "Two circles", data: (seed: number) => circles(n, { seed }) },
  checkerboard: { ...plane, label: "Checkerboard", data: (seed: number) => checkerboard(n, { seed }) },
  swissRoll: { ...plane, label: "Swiss roll", data: (seed: number) => swissRoll(n, { seed }) },
} as const satisfies Record<string, Demo>;

/** A demo of images from −1 to 1, which a UNet learns. */
export interface ImageDemo extends Omit<Demo, "data" | "nDim"> {
  /** Its 10,000 images drawn with a seed; null where they are the user's files. */
  readonly data: ((seed: number) => DataSet) | null;
  /** The channels of the first level. */
  readonly nHidden: number;
  /** How many levels. */
  readonly layers: number;
}

const image = { nHidden: 32, layers: 3, batchSize: 32, learningRate: 1e-3, seconds: 600 } as const;

export const imageDemos = {
  strokes: { ...image, label: "Drawn digits", data: (seed: number) => strokes({ n, seed }).images },
  digits: { ...image, label: "MNIST files", data: null },
} as const satisfies Record<string, ImageDemo>;

/** The denoisers of images by the word for them. */
export const imageDenoisers = { unet } as const;

type Betas = Omit<BetaRange, "steps">;

/** Noise schedules of so many steps; all but the cosine take a first and a last β, by default 10⁻⁴ and 0.2. */
export const schedules = {
  linear: (steps: number, betas: Betas = {}): Schedule => linearSchedule({ steps, ...betas }),
  cosine: (steps: number): Schedule => cosineSchedule({ steps }),
  scaledLinear: (steps: number, betas: Betas = {}): Schedule => scaledLinearSchedule({ steps, ...betas }),
  sigmoid: (steps: number, betas: Betas = {}): Schedule => sigmoidSchedule({ steps, ...betas }),
} as const;

/** Samplers. */
export const samplers: { readonly [word in "ddpm" | "ddpmBetaTilde" | "ddim" | "ddim25"]: Sampler } = {
  ddpm: ddpm({ variance: "beta" }),
  ddpmBetaTilde: ddpm({ variance: "betaTilde" }),
  ddim: ddim({ steps: 50 }),
  ddim25: ddim({ steps: 25 }),
};
