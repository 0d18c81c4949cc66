/** Images [batch, h, w, c] in other sizes. */
import type { ProgramBuilder } from "../builder.js";
import type { ValueId } from "../program.js";
import type { Lowering } from "./context.js";
import { meanOfBlocks } from "./image.js";

type Pair = readonly [number, number];
type Shape4 = readonly [number, number, number, number];
type Method = "nearest" | "bilinear" | "average";

export const resizings = {
  upsample: ({ b, outputShape, options }, x = -1) =>
    resize(b, x, outputShape.slice(0, 2) as unknown as Pair, options.method as Method),
  downsample: ({ b, outputShape, options }, x = -1) =>
    options.method === "average"
      ? meanOfBlocks(b, x, options.factor as Pair)
      : resize(b, x, outputShape.slice(0, 2) as unknown as Pair, options.method as Method),
  resize: ({ b, outputShape, options }, x = -1) =>
    resize(b, x, outputShape.slice(0, 2) as unknown as Pair, options.method as Method),
} satisfies Record<string, Lowering>;

function resize(b: ProgramBuilder, x: ValueId, size: Pair, method: Method): ValueId {
  const [, h, w] = b.shape(x) as Shape4;
  if (method === "nearest") {
    if (size[0] % h === 0 && size[1] % w === 0) return repeated(b, x, [size[0] / h, size[1] / w]);
    if (h % size[0] === 0 && w % size[1] === 0) return thinned(b, x, [h / size[0], w / size[1]]);
  }
  const weights = method === "nearest" ? nearest : bilinear;
  return alongHeight(b, alongWidth(b, x, size[1], weights), size[0], weights);
}

/** Each pixel a block of so many. */
function repeated(b: ProgramBuilder, x: ValueId, [fh, fw]: Pair): ValueId {
  const [batch, h, w, c] = b.shape(x) as Shape4;
  const blocks = b.broadcast(b.reshape(x, [batch, h, 1, w, 1, c]), [batch, h, fh, w, fw, c]);
  return b.reshape(blocks, [batch, h * fh, w * fw, c]);
}

/** The pixel ⌊f/2⌋ of each block of f, which is where ⌊(i + ½)·f⌋ lies. */
function thinned(b: ProgramBuilder, x: ValueId, [fh, fw]: Pair): ValueId {
  const [batch, h, w, c] = b.shape(x) as Shape4;
  const begin = [0, Math.floor(fh / 2), Math.floor(fw / 2), 0];
  return b.slice(x, begin, [batch, h / fh, w / fw, c], [1, fh, fw, 1]);
}

/** What pixel `at` of n' is made of: pixels of n and their weights. */
type Weights = (
  at: number,
  from: number,
  to: number,
) => readonly (readonly [pixel: number, weight: number])[];

const nearest: Weights = (at, from, to) => [[Math.floor(((at + 0.5) * from) / to), 1]];
/** Between the two pixel centres around (i + ½)·n/n' − ½; beyond the outermost centres the outermost pixel. */
const bilinear: Weights = (at, from, to) => {
  const place = Math.min(Math.max(((at + 0.5) * from) / to - 0.5, 0), from - 1);
  const low = Math.floor(place);
  return [
    [low, 1 - place + low],
    [Math.min(low + 1, from - 1), place - low],
  ];
};

/** [1, to, from], the product with which is the interpolation along an axis. */
function matrix(b: ProgramBuilder, from: number, to: number, weights: Weights): ValueId {
  const entries = new Float32Array(to * from);
  for (let at = 0; at < to; at++)
    for (const [pixel, weight] of weights(at, from, to)) {
      const i = at * from + pixel;
      entries[i] = (entries[i] as number) + weight;
    }
  return b.constant(entries, [1, to, from]);
}

function alongWidth(b: ProgramBuilder, x: ValueId, to: number, weights: Weights): ValueId {
  const [batch, h, w, c] = b.shape(x) as Shape4;
  if (w === to) return x;
  const rows = b.matmul(matrix(b, w, to, weights), b.reshape(x, [batch * h, w, c]));
  return b.reshape(rows, [batch, h, to, c]);
}
function alongHeight(b: ProgramBuilder, x: ValueId, to: number, weights: Weights): ValueId {
  const [batch, h, w, c] = b.shape(x) as Shape4;
  if (h === to) return x;
  const columns = b.matmul(matrix(b, h, to, weights), b.reshape(x, [batch, h, w * c]));
  return b.reshape(columns, [batch, to, w, c]);
}
