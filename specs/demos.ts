/** The demos, by the words of their attributes: what is learned, and settings that learn it within a minute or two. */
import {
  checkerboard,
  circles,
  type DataSet,
  gaussianMixture,
  moons,
  ramp,
  spiral,
  swissRoll,
} from "../runtime/data/index.js";
import { type Ddpm, ddpm, linearSchedule, type Schedule } from "../runtime/diffusion/index.js";

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
}

const n = 10_000;
const line = { nDim: 1, nHidden: 128, layers: 3, batchSize: 256, learningRate: 1e-3 } as const;
const plane = { nDim: 2, nHidden: 256, layers: 4, batchSize: 1024, learningRate: 1e-3 } as const;

export const demos = {
  gaussianMixture: { ...line, label: "Two normals", data: (seed: number) => gaussianMixture(n, { seed }) },
  ramp: { ...line, label: "Ramp", data: (seed: number) => ramp(n, { seed }) },
  spiral: { ...plane, label: "Spiral", data: (seed: number) => spiral(n, { seed }) },
  moons: { ...plane, label: "Two moons", data: (seed: number) => moons(n, { seed }) },
  circles: { ...plane, label: "Two circles", data: (seed: number) => circles(n, { seed }) },
  checkerboard: { ...plane, label: "Checkerboard", data: (seed: number) => checkerboard(n, { seed }) },
  swissRoll: { ...plane, label: "Swiss roll", data: (seed: number) => swissRoll(n, { seed }) },
} as const satisfies Record<string, Demo>;

/** Noise schedules of so many steps. */
export const schedules = {
  linear: (steps: number): Schedule => linearSchedule({ steps, betaStart: 1e-4, betaEnd: 0.2 }),
} as const;

/** Samplers. */
export const samplers: { readonly [word in "ddpm" | "ddpmBetaTilde"]: Ddpm } = {
  ddpm: ddpm({ variance: "beta" }),
  ddpmBetaTilde: ddpm({ variance: "betaTilde" }),
};
