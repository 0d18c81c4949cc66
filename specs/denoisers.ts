/** Denoisers: ε̂ of a noisy point x_t and its time t. Each takes ports t (1 … tMax) and xt [nDim], and gives [nDim]. */
import {
  append,
  chain,
  fn,
  type Graph,
  graph,
  integer,
  linear,
  type Net,
  plus,
  relu,
  silu,
  sinusoidalEmbedding,
} from "../dsl/index.js";

export interface DenoiserSize {
  /** The numbers of one point. */
  readonly nDim: number;
  /** T, the steps of the schedule. */
  readonly tMax: number;
  /** The width of the hidden layers; default 128. Even for the sinusoidal ones. */
  readonly nHidden?: number;
  /** How many hidden layers, or residual blocks; default 3. */
  readonly layers?: number;
}

const repeat = (count: number, members: readonly Net[]): Net[] =>
  Array.from({ length: count }, () => members).flat();

/** t and x_t side by side through hidden layers with ReLU, t scaled to −1/2 … 1/2; after François Fleuret's minidiffusion. */
export const mlp = ({ nDim, tMax, nHidden = 128, layers = 3 }: DenoiserSize): Graph =>
  graph({
    inputs: { t: integer(1, tMax), xt: [nDim] },
    nodes: {
      tScale: fn({ t: integer(1, tMax) }, ({ t }) =>
        t
          .sub(1)
          .div(Math.max(tMax - 1, 1))
          .sub(0.5),
      ),
      model: chain([append(), ...repeat(layers, [linear(nHidden), relu]), linear(nDim)]),
    },
    edges: { tScale: "t", model: ["xt", "tScale"] },
    outputs: "model",
  });

/** The same with a sinusoidal code of t, as wide as the hidden layers, and SiLU. */
export const sinusoidalMlp = ({ nDim, tMax, nHidden = 128, layers = 3 }: DenoiserSize): Graph =>
  graph({
    inputs: { t: integer(1, tMax), xt: [nDim] },
    nodes: {
      code: sinusoidalEmbedding(nHidden),
      model: chain([append(), ...repeat(layers, [linear(nHidden), silu]), linear(nDim)]),
    },
    edges: { code: "t", model: ["xt", "code"] },
    outputs: "model",
  });

/** h + f(h) over [n], f two layers of that width. */
const residual = (n: number): Graph =>
  graph({
    inputs: { h: [n] },
    nodes: { f: chain([silu, linear(n), silu, linear(n)]), sum: plus() },
    edges: { f: "h", sum: ["h", "f"] },
    outputs: "sum",
  });

/** x_t and a sinusoidal code of t through `layers` residual blocks. */
export const residualMlp = ({ nDim, tMax, nHidden = 128, layers = 3 }: DenoiserSize): Graph =>
  graph({
    inputs: { t: integer(1, tMax), xt: [nDim] },
    nodes: {
      code: sinusoidalEmbedding(nHidden),
      model: chain([append(), linear(nHidden), ...repeat(layers, [residual(nHidden)]), silu, linear(nDim)]),
    },
    edges: { code: "t", model: ["xt", "code"] },
    outputs: "model",
  });

/** The denoisers by the word for them. */
export const denoisers = { mlp, sinusoidalMlp, residualMlp } as const;
