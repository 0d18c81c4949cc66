/** What must compile, and the shapes that TypeScript computes for it. */
import {
  any,
  anything,
  append,
  attention,
  averagePool,
  batchNorm,
  chain,
  concat,
  conv2d,
  conv2dTranspose,
  crossEntropyLoss,
  depthwiseConv2d,
  downsample,
  dropout,
  embedding,
  flatten,
  fn,
  fold,
  gelu,
  graph,
  groupNorm,
  integer,
  layerNorm,
  linear,
  map,
  maxPool,
  mean,
  meanSquaredLoss,
  type Net,
  nest,
  pad,
  parameter,
  part,
  plus,
  randomInteger,
  randomNormal,
  real,
  relu,
  reshape,
  residual,
  resize,
  rmsNorm,
  silu,
  sinusoidalEmbedding,
  slice,
  softmax,
  thread,
  times,
  total,
  transpose,
  upsample,
} from "../../dsl/index.js";
import type { Integer } from "../../dsl/ports.js";
import type { Apply, Outputs, RuleOf } from "../../dsl/rule.js";
import type { Unknown } from "../../dsl/shape.js";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_?: T): void => {};
/** What a node inside a graph carries. */
type Of<G, Node extends string> = RuleOf<G>["inside"] extends infer S
  ? Node extends keyof S
    ? S[Node]
    : never
  : never;
type Out<N, In> = Apply<RuleOf<N>, In>;

// ---- the denoiser and the net that trains it -----------------------------------------------------------------

const parameters = { nDim: 2, tMax: 200, nHidden: 256 } as const;
const { nDim, tMax, nHidden } = parameters;

export const denoiser = graph({
  inputs: { t: integer(1, tMax), xt: [nDim] },
  nodes: {
    tScale: fn({ t: integer(1, tMax) }, ({ t }) =>
      t
        .sub(1)
        .div(tMax - 1)
        .sub(0.5),
    ),
    model: chain([
      append(),
      linear(nHidden),
      relu,
      linear(nHidden),
      relu,
      linear(nHidden),
      relu,
      linear(nDim),
    ]),
  },
  edges: { tScale: "t", model: ["xt", "tScale"] },
  outputs: "model",
});
holds<Equal<Of<typeof denoiser, "tScale">, readonly []>>();
holds<Equal<Of<typeof denoiser, "model">, readonly [2]>>();
holds<Equal<RuleOf<typeof denoiser>["output"], "model">>();

const forwardProcess = fn({ t: integer(1, tMax), x0: [nDim], eps: [nDim] }, ({ t, x0, eps }) =>
  x0.mul(t).add(eps),
);

const given = fn({ label: integer(0, 9), u: real }, ({ label, u }) => u.lt(0.1).select(10, label), {
  output: integer(0, 10),
});
const conditional = graph({
  inputs: { label: integer(0, 9), u: real, x: [3, 4] },
  nodes: {
    given,
    code: embedding(4),
    mask: fn({ x: anything }, ({ x }) => x.lt(0), { output: integer(0, 1) }),
  },
  edges: { given: { label: "label", u: "u" }, code: "given", mask: "x" },
  outputs: "code",
});
holds<Equal<Of<typeof conditional, "given">, Integer<0, 10, readonly []>>>();
holds<Equal<Of<typeof conditional, "code">, readonly [4]>>();
holds<Equal<Of<typeof conditional, "mask">, Integer<0, 1, readonly [3, 4]>>>();

export const trainingNet = graph({
  inputs: { x0: [nDim] },
  nodes: {
    t: randomInteger(1, tMax),
    eps: randomNormal([nDim]),
    xt: forwardProcess,
    model: denoiser,
    loss: meanSquaredLoss(),
  },
  edges: { xt: { t: "t", x0: "x0", eps: "eps" }, model: { t: "t", xt: "xt" }, loss: ["model", "eps"] },
  outputs: "loss",
});
holds<Equal<Of<typeof trainingNet, "t">, Integer<1, 200, readonly []>>>();
holds<Equal<Of<typeof trainingNet, "xt">, readonly [2]>>();
holds<Equal<Of<typeof trainingNet, "model">, readonly [2]>>();
holds<Equal<Of<typeof trainingNet, "loss">, readonly []>>();
holds<Equal<RuleOf<typeof trainingNet>["out"], readonly []>>();

// ---- sizes that are only known at run time fit everything ----------------------------------------------------

export const denoiserOf = (nDim: number, nHidden: number, depth: number): Net =>
  graph({
    inputs: { t: integer(1, 200), xt: [nDim] },
    nodes: {
      code: sinusoidalEmbedding(32),
      both: concat(),
      model: chain([...Array.from({ length: depth }, () => [linear(nHidden), silu]).flat(), linear(nDim)]),
    },
    edges: { code: "t", both: ["xt", "code"], model: "both" },
    outputs: "model",
  });
const foreign: Net = graph({ inputs: { a: [2], b: anything }, nodes: {}, edges: {}, outputs: { a: "a" } });
export const around = graph({
  inputs: { x: [2], y: anything },
  nodes: { net: foreign, sum: plus(), free: plus(), more: append() },
  edges: { net: ["x", "y"], sum: ["net", "x"], free: { 0: "x", 1: "y" }, more: { 0: "x", 1: "free" } },
  outputs: { a: "sum", b: "net.a" },
});
holds<Equal<Of<typeof around, "net">, Unknown>>();
export const numbered = graph({
  inputs: { x: [2], y: [3] },
  nodes: { sum: plus(), both: append() },
  edges: { sum: { 0: "x", 1: "x" }, both: { 1: "y", 0: "sum" } },
  outputs: "both",
});
holds<Equal<Of<typeof numbered, "both">, readonly [5]>>();
export const made = graph({
  inputs: { x: [2] },
  nodes: Object.fromEntries([["a", linear(2)]]),
  edges: Object.fromEntries([["a", "x"]]),
  outputs: "a",
});

// ---- every layer ---------------------------------------------------------------------------------------------

const of = <N extends Net, const In>(_net: N, _in: In): Out<N, In> => undefined as never;
const shape = <T>(_: T): T => _;
type Shape<T, S> = Equal<T, S>;

const a = [3, 4] as const;
const vector = [5] as const;
holds<Equal<Out<ReturnType<typeof linear<7>>, readonly [readonly [3, 4]]>, readonly [3, 7]>>();
const linear7 = of(linear(7), [a]);
holds<Shape<typeof linear7, readonly [3, 7]>>();
const gelu34 = of(gelu, [a]);
holds<Shape<typeof gelu34, readonly [3, 4]>>();
const appended = of(append(), [vector, []]);
holds<Shape<typeof appended, readonly [6]>>();
const appendedRow = of(append(), [a, [4]]);
holds<Shape<typeof appendedRow, readonly [4, 4]>>();
const appendedRows = of(append(), [a, [8, 4]]);
holds<Shape<typeof appendedRows, readonly [11, 4]>>();
const joined = of(concat(), [a, [3, 6], [3, 1]]);
holds<Shape<typeof joined, readonly [3, 11]>>();
const joinedFirst = of(concat({ axis: 0 }), [a, [2, 4]]);
holds<Shape<typeof joinedFirst, readonly [5, 4]>>();
const image = of(reshape([28, 28, 1]), [[784]]);
holds<Shape<typeof image, readonly [28, 28, 1]>>();
const opened = of(reshape([28, any, 1]), [[784]]);
holds<Shape<typeof opened, readonly [28, number, 1]>>();
const flat = of(flatten(), [[28, 28, 3]]);
holds<Shape<typeof flat, readonly [2352]>>();
const threaded = of(
  thread((x, y) => x.mul(y)),
  [a, a],
);
holds<Shape<typeof threaded, readonly [3, 4]>>();
const trailing = of(
  thread((x, y) => x.mul(y), { broadcast: "trailing" }),
  [a, [4]],
);
holds<Shape<typeof trailing, readonly [3, 4]>>();
const leading = of(
  thread((x, y, z) => x.mul(y).add(z), { broadcast: "leading" }),
  [a, [3], []],
);
holds<Shape<typeof leading, readonly [3, 4]>>();
const sum = of(plus(), [a, [3, shape<number>(4)], a]);
holds<Shape<typeof sum, readonly [3, 4]>>();
const product = of(times(), [[shape<number>(3), 4], a]);
holds<Shape<typeof product, readonly [3, 4]>>();
const learned = of(parameter([2, 3]), []);
holds<Shape<typeof learned, readonly [2, 3]>>();
const embedded = of(embedding(16), [integer(0, 9)]);
holds<Shape<typeof embedded, readonly [16]>>();
const coded = of(sinusoidalEmbedding(16), [integer(0, 9)]);
holds<Shape<typeof coded, readonly [16]>>();
const soft = of(softmax(), [a]);
holds<Shape<typeof soft, readonly [3, 4]>>();
const normed = of(layerNorm(), [a]);
holds<Shape<typeof normed, readonly [3, 4]>>();
const dropped = of(dropout(0.1), [a]);
holds<Shape<typeof dropped, readonly [3, 4]>>();
const all = of(total(), [a]);
holds<Shape<typeof all, readonly []>>();
const rows = of(mean({ axes: [0] }), [a]);
holds<Shape<typeof rows, readonly [4]>>();
const columns = of(mean({ axes: [-1] }), [a]);
holds<Shape<typeof columns, readonly [3]>>();
const none = of(total({ axes: [0, -1] }), [a]);
holds<Shape<typeof none, readonly []>>();
const classes = of(crossEntropyLoss(), [[10], integer(0, 9)]);
holds<Shape<typeof classes, readonly []>>();

// ---- images --------------------------------------------------------------------------------------------------

const image3 = [28, 28, 3] as const;
const conv = of(conv2d(32, 3), [image3]);
holds<Shape<typeof conv, readonly [28, 28, 32]>>();
const strided = of(conv2d(32, 3, { stride: 2 }), [[7, 28, 3]]);
holds<Shape<typeof strided, readonly [4, 14, 32]>>();
const valid = of(conv2d(32, [5, 3], { padding: "valid" }), [image3]);
holds<Shape<typeof valid, readonly [24, 26, 32]>>();
const dilated = of(conv2d(8, 3, { padding: "valid", dilation: 2, stride: [1, 3] }), [image3]);
holds<Shape<typeof dilated, readonly [24, 8, 8]>>();
const grouped = of(conv2d(8, 3, { groups: 4 }), [[100, 256, 12]]);
holds<Shape<typeof grouped, readonly [100, 256, 8]>>();
const someSize = of(conv2d(8, 3, { stride: 2 }), [[shape<number>(3), 256, 12]]);
holds<Shape<typeof someSize, readonly [number, 128, 8]>>();
const someKernel = of(conv2d(8, shape<number>(3), { padding: "valid" }), [image3]);
holds<Shape<typeof someKernel, readonly [number, number, 8]>>();
const somePadding = of(conv2d(8, 3, { padding: shape<"same" | "valid">("same") }), [image3]);
holds<Shape<typeof somePadding, readonly [number, number, 8]>>();
const depthwise = of(depthwiseConv2d(3, { multiplier: 4, stride: 2 }), [image3]);
holds<Shape<typeof depthwise, readonly [14, 14, 12]>>();
const transposed = of(conv2dTranspose(16, 3, { stride: 2 }), [[7, 9, 64]]);
holds<Shape<typeof transposed, readonly [14, 18, 16]>>();
const transposedValid = of(conv2dTranspose(16, 3, { stride: 2, padding: "valid" }), [[7, 9, 64]]);
holds<Shape<typeof transposedValid, readonly [15, 19, 16]>>();
const pooled = of(averagePool(2), [[7, 28, 3]]);
holds<Shape<typeof pooled, readonly [3, 14, 3]>>();
const pooledSame = of(maxPool(3, { stride: 2, padding: "same" }), [[7, 28, 3]]);
holds<Shape<typeof pooledSame, readonly [4, 14, 3]>>();
const up = of(upsample(), [[14, 14, 8]]);
holds<Shape<typeof up, readonly [28, 28, 8]>>();
const upUnlike = of(upsample([1, 3]), [[14, 14, 8]]);
holds<Shape<typeof upUnlike, readonly [14, 42, 8]>>();
const down = of(downsample(), [[28, 1024, 8]]);
holds<Shape<typeof down, readonly [14, 512, 8]>>();
const downFar = of(downsample(16), [[256, 1024, 8]]);
holds<Shape<typeof downFar, readonly [16, 64, 8]>>();
const resized = of(resize([10, 20]), [image3]);
holds<Shape<typeof resized, readonly [10, 20, 3]>>();
const groupNormed = of(groupNorm(8), [[28, 28, 512]]);
holds<Shape<typeof groupNormed, readonly [28, 28, 512]>>();
const batchNormed = of(batchNorm(), [image3]);
holds<Shape<typeof batchNormed, typeof image3>>();
const rmsNormed = of(rmsNorm(), [a]);
holds<Shape<typeof rmsNormed, readonly [3, 4]>>();
const attended = of(attention({ heads: 4 }), [[7, 7, 64]]);
holds<Shape<typeof attended, readonly [7, 7, 64]>>();
const attendedOther = of(attention({ heads: 4, cross: true }), [
  [10, 64],
  [77, 768],
]);
holds<Shape<typeof attendedOther, readonly [10, 64]>>();

// ---- axes ----------------------------------------------------------------------------------------------------

const exchanged = of(transpose([2, 0, 1]), [[28, 14, 3]]);
holds<Shape<typeof exchanged, readonly [3, 28, 14]>>();
const first = of(part(0), [a]);
holds<Shape<typeof first, readonly [4]>>();
const lastColumn = of(part(-4, { axis: -1 }), [a]);
holds<Shape<typeof lastColumn, readonly [3]>>();
const lastToken = of(part(-1), [{ dtype: "integer", shape: [7], min: 0, max: 9 }]);
holds<Shape<typeof lastToken, Integer<0, 9, readonly []>>>();
const middle = of(slice(1, -1), [[100, 2]]);
holds<Shape<typeof middle, readonly [98, 2]>>();
const columnsFrom = of(slice(2, null, { axis: 1 }), [[3, 4]]);
holds<Shape<typeof columnsFrom, readonly [3, 2]>>();
const lastTwo = of(slice(-2), [[10, 4]]);
holds<Shape<typeof lastTwo, readonly [2, 4]>>();
const padded = of(pad([1, 2], [0, 96]), [a]);
holds<Shape<typeof padded, readonly [4, 102]>>();

// ---- nets used many times ------------------------------------------------------------------------------------

const mapped = of(map(chain([linear(8), relu, mean()])), [[5, 2, 3]]);
holds<Shape<typeof mapped, readonly [5]>>();
const mappedTokens = of(map(embedding(16)), [{ dtype: "integer", shape: [7], min: 0, max: 9 }]);
holds<Shape<typeof mappedTokens, readonly [7, 16]>>();
const nested = of(nest(residual(conv2d(3, 3)), 4), [image3]);
holds<Shape<typeof nested, readonly [28, 28, 3]>>();
const cell = graph({
  inputs: { state: [8], input: [3] },
  nodes: { both: concat(), next: chain([linear(8), relu]) },
  edges: { both: ["state", "input"], next: "both" },
  outputs: "next",
});
const folded = of(fold(cell), [[8], [20, 3]]);
holds<Shape<typeof folded, readonly [8]>>();
const foldedAll = of(fold(cell, { all: true }), [[8], [20, 3]]);
holds<Shape<typeof foldedAll, readonly [20, 8]>>();

export const repeated = graph({
  inputs: { xs: [20, 2], s: [8] },
  nodes: {
    rows: map(residual(chain([linear(4), gelu, linear(2)]))),
    wide: map(linear(3)),
    run: fold(cell, { all: true }),
    deep: nest(chain([layerNorm(), linear(8)]), 3),
    last: part(-1),
  },
  edges: { rows: "xs", wide: "rows", run: { state: "s", input: "wide" }, deep: "run", last: "deep" },
  outputs: "last",
});
holds<Equal<Of<typeof repeated, "rows">, readonly [20, 2]>>();
holds<Equal<Of<typeof repeated, "run">, readonly [20, 8]>>();
holds<Equal<RuleOf<typeof repeated>["out"], readonly [8]>>();

export const smallUNet = graph({
  inputs: { xt: [28, 28, 1], t: integer(1, 1000) },
  nodes: {
    code: chain([sinusoidalEmbedding(32), linear(32), silu]),
    stem: conv2d(32, 3),
    down: conv2d(64, 3, { stride: 2 }),
    shift: linear(64),
    shifted: thread((h, s) => h.add(s), { broadcast: "trailing" }),
    middle: chain([groupNorm(8), silu, residual(attention({ heads: 4 })), conv2d(64, 3)]),
    up: upsample(),
    both: concat(),
    out: chain([residual(chain([groupNorm(8), silu, conv2d(96, 3)])), conv2d(1, 3)]),
    sum: plus(),
  },
  edges: {
    code: "t",
    stem: "xt",
    down: "stem",
    shift: "code",
    shifted: ["down", "shift"],
    middle: "shifted",
    up: "middle",
    both: ["up", "stem"],
    out: "both",
    sum: ["out", "xt"],
  },
  outputs: { epsHat: "sum" },
});
holds<Equal<Of<typeof smallUNet, "middle">, readonly [14, 14, 64]>>();
holds<Equal<Of<typeof smallUNet, "both">, readonly [28, 28, 96]>>();
holds<Equal<RuleOf<typeof smallUNet>["out"], readonly [28, 28, 1]>>();

// ---- several outputs, interior values, a number for a linear layer -----------------------------------------------

const inner = graph({
  inputs: { x: [2], label: integer(0, 9) },
  nodes: { hidden: chain([16, relu]), code: embedding(16), sum: plus(), out: chain([2]) },
  edges: { hidden: "x", code: "label", sum: ["hidden", "code"], out: "sum" },
  outputs: ["out", "sum"],
});
holds<
  Equal<RuleOf<typeof inner>["out"], Outputs<{ readonly out: readonly [2]; readonly sum: readonly [16] }>>
>();

export const outer = graph({
  inputs: { x: [2], label: integer(1, 8) },
  nodes: { net: inner, second: linear(4), interior: linear(5), res: plus() },
  edges: {
    net: { x: "x", label: "label" },
    second: "net.sum",
    interior: "net.hidden",
    res: ["net.out", "x"],
  },
  outputs: { second: "second", interior: "interior", res: "res" },
});
holds<Equal<Of<typeof outer, "second">, readonly [4]>>();
holds<Equal<Of<typeof outer, "interior">, readonly [5]>>();
holds<Equal<Of<typeof outer, "res">, readonly [2]>>();

/** Declared open, known from what it receives. */
export const scaled = graph({
  inputs: { x: [3], k: real },
  nodes: {
    f: fn({ x: anything, k: real }, ({ x, k }) => x.mul(k)),
    g: fn({ x: [any] }, ({ x }) => x.square()),
  },
  edges: { f: ["x", "k"], g: "f" },
  outputs: "g",
});

// ---- outputs that are inputs, and outputs whose names are only known at run time --------------------------------

export const through = graph({
  inputs: { x: [2], y: [3] },
  nodes: { both: concat() },
  edges: { both: ["x", "y"] },
  outputs: "x",
});
export const outputOf = (name: string): Net =>
  graph({
    inputs: { x: [2], y: [3] },
    nodes: { both: append() },
    edges: { both: ["x", "y"] },
    outputs: name,
  });

// ---- lists for nodes whose ports are named: their names and length are checked -----------------------------------

export const listed = graph({
  inputs: { x: [2], label: integer(0, 9) },
  nodes: { net: inner },
  edges: { net: ["x", "label"] },
  outputs: "net.out",
});
holds<Equal<RuleOf<typeof listed>["out"], readonly [2]>>();
export const listedShort = graph({
  inputs: { x: [2] },
  nodes: { net: inner },
  // @ts-expect-error net: it takes 2 inputs but receives 1
  edges: { net: ["x"] },
  outputs: "net.out",
});
