/** The UNet that finds the noise in an image, declared level by level. Ho et al. 2020, arXiv 2006.11239, appendix B. */
import {
  any,
  attention,
  chain,
  concat,
  conv2d,
  embedding,
  type Graph,
  graph,
  groupNorm,
  integer,
  layerNorm,
  linear,
  type Net,
  plus,
  residual,
  silu,
  sinusoidalEmbedding,
  thread,
  upsample,
} from "../dsl/index.js";

export interface UNetOptions {
  /** Height and width of the image; halved between levels, so that 2^(depth − 1) divides it. */
  readonly size: number;
  /** 1 for grey, 3 for RGB. */
  readonly channels: number;
  /** T, the steps of the schedule. */
  readonly tMax: number;
  /** The channels of the first level; default 32. */
  readonly c?: number;
  /** The width of the sinusoidal code of t, even; default 16. The small MLP behind it is four times as wide. */
  readonly nTime?: number;
  /** How many levels; default 3. */
  readonly depth?: number;
  /** The channels of each level in units of `c`; default 1, 2, 4, … */
  readonly multipliers?: readonly number[];
  /** `group` (default): over the image and an eighth of the channels; `layer`: over the channels of each pixel. */
  readonly norm?: "group" | "layer";
  /** Heads of the attention at the coarsest level; default 0, no attention. */
  readonly heads?: number;
  /** So many classes to condition on, by a port `label` (0 … classes); the label `classes` stands for none. */
  readonly classes?: number;
}

/** What all blocks of a net have in common. */
interface Style {
  /** The width of the code of t that every residual block receives. */
  readonly nCode: number;
  readonly norm: () => Net;
}

/**
 * ε̂ of a noisy image: ports t (1 … tMax), xt [size, size, channels] and, with classes, label; output of xt's shape.
 * `down1` … halve the image and widen it, `middle` works at the coarsest level, … `up1` double it again, each beside
 * what its level had on the way down. The code of t is added in every residual block.
 * Errors: a size that cannot be halved so often; as many multipliers as levels are wanted.
 */
export function unet({
  size,
  channels,
  tMax,
  c = 32,
  nTime = 16,
  depth = 3,
  multipliers = Array.from({ length: depth }, (_, i) => 2 ** i),
  norm = "group",
  heads = 0,
  classes = 0,
}: UNetOptions): Graph {
  if (size % 2 ** (depth - 1) !== 0)
    throw new RangeError(`unet: takes a size that ${2 ** (depth - 1)} divides but receives ${size}`);
  if (multipliers.length !== depth)
    throw new RangeError(`unet: takes ${depth} multipliers but receives ${multipliers.length}`);
  const nCode = 4 * nTime;
  const style: Style = { nCode, norm: () => (norm === "group" ? groupNorm(Math.min(8, c)) : layerNorm()) };
  const widths = multipliers.map((multiplier) => multiplier * c);
  const width = (level: number): number => widths[level - 1] as number;

  const inputs: Graph["inputs"] = {
    t: integer(1, tMax),
    xt: { dtype: "real", shape: [size, size, channels] },
    ...(classes > 0 && { label: integer(0, classes) }),
  };
  const nodes: Record<string, Net> = {
    time: chain([sinusoidalEmbedding(nTime), linear(nCode), silu, linear(nCode)]),
    stem: conv2d(c, 3),
  };
  const edges: Record<string, Record<string, string>> = {
    time: { input: "t" },
    stem: { input: "xt" },
  };
  let code = "time";
  if (classes > 0) {
    Object.assign(nodes, { class: embedding(nCode), code: plus() });
    Object.assign(edges, { class: { input: "label" }, code: { 0: "time", 1: "class" } });
    code = "code";
  }

  let x = "stem";
  for (let level = 1; level <= depth; level++) {
    const name = `down${level}`;
    nodes[name] =
      level === 1 ? residualBlock(c, width(1), style) : down(width(level - 1), width(level), style);
    edges[name] = { x, code };
    x = name;
  }
  nodes.middle = residualBlock(width(depth), width(depth), style);
  edges.middle = { x, code };
  x = "middle";
  if (heads > 0) {
    nodes.attend = residual(chain([style.norm(), attention({ heads })]));
    edges.attend = { input: x };
    x = "attend";
  }
  for (let level = depth - 1; level >= 1; level--) {
    const name = `up${level}`;
    nodes[name] = up(width(level + 1), width(level), style);
    edges[name] = { x, skip: `down${level}`, code };
    x = name;
  }
  nodes.out = chain([style.norm(), silu, conv2d(channels, 3)]);
  edges.out = { input: x };
  return { op: "graph", inputs, nodes, edges, outputs: { epsHat: "out" } };
}

/** x + f(x, code) over an image of nIn channels, made nOut of them: norm, SiLU and convolution, twice; code between. */
export const residualBlock = (nIn: number, nOut: number, { nCode, norm }: Style): Graph =>
  graph({
    inputs: { x: [any, any, nIn], code: [nCode] },
    nodes: {
      first: chain([norm(), silu, conv2d(nOut, 3)]),
      shift: chain([silu, linear(nOut)]),
      shifted: thread((h, shift) => h.add(shift), { broadcast: "trailing" }),
      second: chain([norm(), silu, conv2d(nOut, 3)]),
      ...(nIn !== nOut && { skip: conv2d(nOut, 1) }),
      sum: plus(),
    },
    edges: {
      first: "x",
      shift: "code",
      shifted: ["first", "shift"],
      second: "shifted",
      ...(nIn !== nOut && { skip: "x" }),
      sum: [nIn !== nOut ? "skip" : "x", "second"],
    },
    outputs: "sum",
  });

/** One level down: half the image, then a residual block to nOut channels. */
export const down = (nIn: number, nOut: number, style: Style): Graph =>
  graph({
    inputs: { x: [any, any, nIn], code: [style.nCode] },
    nodes: { half: conv2d(nIn, 3, { stride: 2 }), block: residualBlock(nIn, nOut, style) },
    edges: { half: "x", block: { x: "half", code: "code" } },
    outputs: "block",
  });

/** One level up: twice the image, beside what this level had on the way down, then a residual block to nOut channels. */
export const up = (nIn: number, nOut: number, style: Style): Graph =>
  graph({
    inputs: { x: [any, any, nIn], skip: [any, any, nOut], code: [style.nCode] },
    nodes: { twice: upsample(), both: concat(), block: residualBlock(nIn + nOut, nOut, style) },
    edges: { twice: "x", both: ["twice", "skip"], block: { x: "both", code: "code" } },
    outputs: "block",
  });
