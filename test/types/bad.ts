/**
 * What must not compile. Above each mistake stands the sentence that the compiler prints for it, and that
 * `inferShapes` throws for the same value.
 */
import {
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
  embedding,
  flatten,
  fn,
  fold,
  graph,
  groupNorm,
  integer,
  layerNorm,
  linear,
  map,
  maxPool,
  mean,
  meanSquaredLoss,
  nest,
  pad,
  part,
  plus,
  randomNormal,
  real,
  relu,
  reshape,
  residual as residualOf,
  resize,
  rmsNorm,
  sinusoidalEmbedding,
  slice,
  softmax,
  thread,
  transpose,
  upsample,
} from "../../dsl/index.js";

// ---- names ---------------------------------------------------------------------------------------------------

/** out: port input comes from hiden, which is no input or node */
export const unknownSource = graph({
  inputs: { x: [2] },
  nodes: { hidden: linear(8), out: linear(1) },
  edges: { hidden: "x", out: "hiden" },
  outputs: "out",
});

/** sum: port 1 comes from y, which is no input or node */
export const unknownSourceInList = graph({
  inputs: { x: [2] },
  nodes: { sum: plus() },
  edges: { sum: ["x", "y"] },
  outputs: "sum",
});

/** loss: port target comes from ep, which is no input or node */
export const unknownSourceInRecord = graph({
  inputs: { x: [2], eps: [2] },
  nodes: { loss: meanSquaredLoss() },
  edges: { loss: { input: "x", target: "ep" } },
  outputs: "loss",
});

/** hiden: there is no node of this name */
export const unknownNode = graph({
  inputs: { x: [2] },
  nodes: { hidden: linear(8) },
  edges: { hidden: "x", hiden: "x" },
  outputs: "hidden",
});

/** output ot comes from ot, which is no input or node */
export const unknownOutput = graph({
  inputs: { x: [2] },
  nodes: { out: linear(8) },
  edges: { out: "x" },
  outputs: "ot",
});

/** output loss comes from los, which is no input or node */
export const unknownOutputInRecord = graph({
  inputs: { x: [2] },
  nodes: { out: linear(8) },
  edges: { out: "x" },
  outputs: { y: "out", loss: "los" },
});

const inner = graph({
  inputs: { x: [2], t: integer(1, 200) },
  nodes: { code: embedding(4), both: concat(), out: linear(2) },
  edges: { code: "t", both: ["x", "code"], out: "both" },
  outputs: ["out", "both"],
});

/** y: port input comes from net.bth, which is no input or node */
export const unknownInterior = graph({
  inputs: { x: [2], t: integer(1, 200) },
  nodes: { net: inner, y: linear(2) },
  edges: { net: { x: "x", t: "t" }, y: "net.bth" },
  outputs: "y",
});

/** cycle: q -> p -> q */
export const cycle = graph({
  inputs: { x: [2] },
  nodes: { p: plus(), q: linear(2), r: relu },
  edges: { p: ["x", "q"], q: "p", r: "q" },
  outputs: "r",
});

// ---- ports ---------------------------------------------------------------------------------------------------

/** out: port input receives nothing */
export const noEdges = graph({
  inputs: { x: [2] },
  nodes: { hidden: linear(8), out: linear(1) },
  edges: { hidden: "x" },
  outputs: "out",
});

/** sum: port 1 receives nothing */
export const oneOfTwo = graph({
  inputs: { x: [2] },
  nodes: { sum: append() },
  edges: { sum: "x" },
  outputs: "sum",
});

/** sum: port 1 receives nothing */
export const listTooShort = graph({
  inputs: { x: [2] },
  nodes: { sum: append() },
  edges: { sum: ["x"] },
  outputs: "sum",
});

/** sum: there is no port 2 */
export const listTooLong = graph({
  inputs: { x: [2], t: real },
  nodes: { sum: append() },
  edges: { sum: ["x", "t", "t"] },
  outputs: "sum",
});

/** net: port t receives nothing */
export const recordTooShort = graph({
  inputs: { x: [2] },
  nodes: { net: inner },
  edges: { net: { x: "x" } },
  outputs: "net.out",
});

/** net: there is no port s */
export const recordTooLong = graph({
  inputs: { x: [2], t: integer(1, 200) },
  nodes: { net: inner },
  edges: { net: { x: "x", t: "t", s: "t" } },
  outputs: "net.out",
});

/** loss: there is no port goal */
export const wrongPort = graph({
  inputs: { x: [2] },
  nodes: { loss: meanSquaredLoss() },
  edges: { loss: { input: "x", goal: "x" } },
  outputs: "loss",
});

/** eps: there is no port 0 */
export const intoASource = graph({
  inputs: { x: [2] },
  nodes: { eps: randomNormal([2]) },
  edges: { eps: ["x"] },
  outputs: "eps",
});

// ---- sizes ---------------------------------------------------------------------------------------------------

/** loss: meanSquaredLoss takes [3] but receives [2] */
export const twoSizes = graph({
  inputs: { x: [2] },
  nodes: { model: chain([8, relu, 3]), loss: meanSquaredLoss() },
  edges: { model: "x", loss: ["model", "x"] },
  outputs: "loss",
});

/** res: plus takes [28, 28, 32] but receives [28, 28, 1] */
export const residual = graph({
  inputs: { x: [28, 28, 1] },
  nodes: { stem: linear(32), res: plus() },
  edges: { stem: "x", res: ["stem", "x"] },
  outputs: "res",
});

/** both: concat takes [14, ?] but receives [28, 1] */
export const joined = graph({
  inputs: { x: [14, 3], y: [28, 1] },
  nodes: { both: concat() },
  edges: { both: ["x", "y"] },
  outputs: "both",
});

/** both: concat takes an axis 2 but receives [14, 3] */
export const joinedAlongNothing = graph({
  inputs: { x: [14, 3] },
  nodes: { both: concat({ axis: 2 }) },
  edges: { both: ["x", "x"] },
  outputs: "both",
});

/** more: append takes real but receives [3, 3] */
export const appended = graph({
  inputs: { x: [2], y: [3, 3] },
  nodes: { more: append() },
  edges: { more: ["x", "y"] },
  outputs: "more",
});

/** model.2: reshape takes 784 numbers but receives [100] */
export const insideAChain = graph({
  inputs: { x: [2] },
  nodes: { model: chain([linear(100), relu, reshape([28, 28, 1])]) },
  edges: { model: "x" },
  outputs: "model",
});

/** model.1.1: softmax takes [..., ?] but receives real */
export const insideAChainInAChain = graph({
  inputs: { x: [2] },
  nodes: { model: chain([linear(100), chain([mean(), softmax()])]) },
  edges: { model: "x" },
  outputs: "model",
});

/** 1: port x takes [3] but receives [4] */
export const chainAlone = chain([randomNormal([4]), fn({ x: [3] }, ({ x }) => x.square()), relu]);

/** net: port x takes [2] but receives [3] */
export const portOfAGraph = graph({
  inputs: { x: [3], t: integer(1, 200) },
  nodes: { net: inner },
  edges: { net: { x: "x", t: "t" } },
  outputs: "net.out",
});

/** net: port t takes integer(1, 200) but receives integer(0, 255) */
export const bounds = graph({
  inputs: { x: [2], t: integer(0, 255) },
  nodes: { net: inner },
  edges: { net: { x: "x", t: "t" } },
  outputs: "net.out",
});

/** f: port t takes integer(1, 200) but receives real */
export const realForInteger = graph({
  inputs: { t: real },
  nodes: { f: fn({ t: integer(1, 200) }, ({ t }) => t.div(200)) },
  edges: { f: "t" },
  outputs: "f",
});

/** g: port k takes integer(0, 9) but receives integer(0, 10) */
export const tooManyClasses = graph({
  inputs: { u: real },
  nodes: {
    f: fn({ u: real }, ({ u }) => u.mul(10), { output: integer(0, 10) }),
    g: fn({ k: integer(0, 9) }, ({ k }) => k.div(9)),
  },
  edges: { f: "u", g: "f" },
  outputs: "g",
});

/** code: embedding takes an integer but receives [2] */
export const embeddedReals = graph({
  inputs: { x: [2] },
  nodes: { code: embedding(4) },
  edges: { code: "x" },
  outputs: "code",
});

/** code: sinusoidalEmbedding takes real but receives [2] */
export const codedArray = graph({
  inputs: { x: [2] },
  nodes: { code: sinusoidalEmbedding(4) },
  edges: { code: "x" },
  outputs: "code",
});

/** norm: layerNorm takes [..., ?] but receives real */
export const normedNumber = graph({
  inputs: { x: real },
  nodes: { norm: layerNorm() },
  edges: { norm: "x" },
  outputs: "norm",
});

/** y: linear takes [..., ?] but receives real */
export const linearOfANumber = graph({
  inputs: { x: real },
  nodes: { y: linear(2) },
  edges: { y: "x" },
  outputs: "y",
});

/** rows: mean takes an axis -3 but receives [4, 5] */
export const meanOverNothing = graph({
  inputs: { x: [4, 5] },
  nodes: { rows: mean({ axes: [0, -3] }) },
  edges: { rows: "x" },
  outputs: "rows",
});

/** y: thread takes [2, 3] but receives [3] */
export const unlikeShapes = graph({
  inputs: { a: [2, 3], b: [3] },
  nodes: { y: thread((a, b) => a.mul(b)) },
  edges: { y: ["a", "b"] },
  outputs: "y",
});

/** y: thread takes [2, 3] but receives [3] */
export const wrongSide = graph({
  inputs: { a: [2, 3], b: [3] },
  nodes: { y: thread((a, b) => a.mul(b), { broadcast: "leading" }) },
  edges: { y: ["a", "b"] },
  outputs: "y",
});

/** loss: crossEntropyLoss takes one of 10 classes or [10] but receives integer(0, 8) */
export const classes = graph({
  inputs: { x: [10], label: integer(0, 8) },
  nodes: { loss: crossEntropyLoss() },
  edges: { loss: ["x", "label"] },
  outputs: "loss",
});

/** loss: crossEntropyLoss takes [?] but receives [2, 5] */
export const classesOfAnArray = graph({
  inputs: { x: [2, 5], label: integer(0, 9) },
  nodes: { loss: crossEntropyLoss() },
  edges: { loss: ["x", "label"] },
  outputs: "loss",
});

/** loss: meanSquaredLoss takes [2352] but receives [2353] */
export const flattened = graph({
  inputs: { x: [28, 28, 3], y: [2353] },
  nodes: { flat: flatten(), loss: meanSquaredLoss() },
  edges: { flat: "x", loss: ["flat", "y"] },
  outputs: "loss",
});

// ---- images ------------------------------------------------------------------------------------------------------

/** y: conv2d takes [?, ?, ?] but receives [28, 28] */
export const convolvedRows = graph({
  inputs: { x: [28, 28] },
  nodes: { y: conv2d(8, 3) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: conv2d takes at least [5, 3, ?] but receives [4, 28, 1] */
export const kernelTooLarge = graph({
  inputs: { x: [4, 28, 1] },
  nodes: { y: conv2d(8, [3, 3], { dilation: [2, 1], padding: "valid" }) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: conv2d takes a multiple of 4 channels but receives [28, 28, 6] */
export const unevenGroups = graph({
  inputs: { x: [28, 28, 6] },
  nodes: { y: conv2d(8, 3, { groups: 4 }) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: depthwiseConv2d takes [?, ?, ?] but receives real */
export const depthwiseNumber = graph({
  inputs: { x: real },
  nodes: { y: depthwiseConv2d(3) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: depthwiseConv2d takes at least [3, 3, ?] but receives [28, 2, 1] */
export const depthwiseTooLarge = graph({
  inputs: { x: [28, 2, 1] },
  nodes: { y: depthwiseConv2d(3, { padding: "valid" }) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: conv2dTranspose takes [?, ?, ?] but receives [7, 7, 8, 2] */
export const transposedVolume = graph({
  inputs: { x: [7, 7, 8, 2] },
  nodes: { y: conv2dTranspose(8, 3, { stride: 2 }) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: averagePool takes [?, ?, ?] but receives [9] */
export const pooledList = graph({
  inputs: { x: [9] },
  nodes: { y: averagePool(3) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: maxPool takes at least [3, 3, ?] but receives [2, 28, 8] */
export const poolTooLarge = graph({
  inputs: { x: [2, 28, 8] },
  nodes: { y: maxPool(3) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: upsample takes [?, ?, ?] but receives [14, 14] */
export const largerRows = graph({
  inputs: { x: [14, 14] },
  nodes: { y: upsample() },
  edges: { y: "x" },
  outputs: "y",
});

/** y: downsample takes sizes in multiples of [2, 2] but receives [7, 8, 3] */
export const oddSize = graph({
  inputs: { x: [7, 8, 3] },
  nodes: { y: downsample() },
  edges: { y: "x" },
  outputs: "y",
});

/** y: resize takes [?, ?, ?] but receives integer(0, 9) */
export const resizedClass = graph({
  inputs: { x: integer(0, 9) },
  nodes: { y: resize(7) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: groupNorm takes a multiple of 8 channels but receives [28, 28, 12] */
export const unevenNorm = graph({
  inputs: { x: [28, 28, 12] },
  nodes: { y: groupNorm(8) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: groupNorm takes [..., ?] but receives real */
export const groupedNumber = graph({
  inputs: { x: real },
  nodes: { y: groupNorm(8) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: batchNorm takes [..., ?] but receives real */
export const batchedNumber = graph({
  inputs: { x: real },
  nodes: { y: batchNorm() },
  edges: { y: "x" },
  outputs: "y",
});

/** y: rmsNorm takes [..., ?] but receives real */
export const rootOfANumber = graph({
  inputs: { x: real },
  nodes: { y: rmsNorm() },
  edges: { y: "x" },
  outputs: "y",
});

/** y: attention takes [?, ?] or [?, ?, ?] but receives [64] */
export const attendedVector = graph({
  inputs: { x: [64] },
  nodes: { y: attention() },
  edges: { y: "x" },
  outputs: "y",
});

/** y: attention takes a multiple of 4 channels but receives [7, 7, 6] */
export const unevenHeads = graph({
  inputs: { x: [7, 7, 6] },
  nodes: { y: attention({ heads: 4 }) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: port context takes [?, ?] or [?, ?, ?] but receives [768] */
export const contextOfAVector = graph({
  inputs: { x: [10, 64], z: [768] },
  nodes: { y: attention({ cross: true }) },
  edges: { y: { input: "x", context: "z" } },
  outputs: "y",
});

/** y: port context receives nothing */
export const noContext = graph({
  inputs: { x: [10, 64] },
  nodes: { y: attention({ cross: true }) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: transpose takes [?, ?] but receives [28, 28, 3] */
export const transposedImage = graph({
  inputs: { x: [28, 28, 3] },
  nodes: { y: transpose([1, 0]) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: part takes an axis 2 but receives [3, 4] */
export const partOfNothing = graph({
  inputs: { x: [3, 4] },
  nodes: { y: part(0, { axis: 2 }) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: part takes at least 5 along axis -1 but receives [3, 4] */
export const partBeyond = graph({
  inputs: { x: [3, 4] },
  nodes: { y: part(4, { axis: -1 }) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: part takes at least 4 along axis 0 but receives [3, 4] */
export const partBefore = graph({
  inputs: { x: [3, 4] },
  nodes: { y: part(-4) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: slice takes an axis 1 but receives [10] */
export const sliceOfNothing = graph({
  inputs: { x: [10] },
  nodes: { y: slice(0, 2, { axis: 1 }) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: slice takes more along axis 0 but receives [10] */
export const sliceBeyond = graph({
  inputs: { x: [10] },
  nodes: { y: slice(8, 11) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: slice takes more along axis 0 but receives [10] */
export const sliceEmpty = graph({
  inputs: { x: [10] },
  nodes: { y: slice(6, -4) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: slice takes more along axis 0 but receives [10] */
export const sliceBefore = graph({
  inputs: { x: [10] },
  nodes: { y: slice(-11) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: pad takes [?, ?] but receives [3] */
export const paddedList = graph({
  inputs: { x: [3] },
  nodes: { y: pad([1, 1]) },
  edges: { y: "x" },
  outputs: "y",
});

/** sum: plus takes [14, 14, 32] but receives [28, 28, 32] */
export const unlikeLevels = graph({
  inputs: { x: [28, 28, 1] },
  nodes: { stem: conv2d(32, 3), down: conv2d(32, 3, { stride: 2 }), sum: plus() },
  edges: { stem: "x", down: "stem", sum: ["down", "stem"] },
  outputs: "sum",
});

/** both: concat takes [14, 14, ?] but receives [28, 28, 32] */
export const unlikeSkip = graph({
  inputs: { x: [28, 28, 1] },
  nodes: { stem: conv2d(32, 3), down: chain([downsample(), conv2d(64, 3)]), both: concat() },
  edges: { stem: "x", down: "stem", both: ["down", "stem"] },
  outputs: "both",
});

/** block.plus: plus takes [28, 28, 64] but receives [28, 28, 32] */
export const wideResidual = graph({
  inputs: { x: [28, 28, 32] },
  nodes: { block: residualOf(conv2d(64, 3)) },
  edges: { block: "x" },
  outputs: "block",
});

/** block.net.1: groupNorm takes a multiple of 5 channels but receives [28, 28, 64] */
export const insideAResidual = graph({
  inputs: { x: [28, 28, 32] },
  nodes: { block: residualOf(chain([conv2d(64, 3), groupNorm(5)])) },
  edges: { block: "x" },
  outputs: "block",
});

/** y: map takes [?, ...] but receives real */
export const mappedNumber = graph({
  inputs: { x: real },
  nodes: { y: map(linear(2)) },
  edges: { y: "x" },
  outputs: "y",
});

/** y: nest takes a net that gives [3] but receives one that gives [2] */
export const narrowNest = graph({
  inputs: { x: [3] },
  nodes: { y: nest(linear(2), 4) },
  edges: { y: "x" },
  outputs: "y",
});

/** rows.net.1: softmax takes [..., ?] but receives real */
export const insideAMap = graph({
  inputs: { x: [5, 3] },
  nodes: { rows: map(chain([mean(), softmax()])) },
  edges: { rows: "x" },
  outputs: "rows",
});

const step = graph({
  inputs: { state: [8], input: [3] },
  nodes: { both: concat(), next: linear(8) },
  edges: { both: ["state", "input"], next: "both" },
  outputs: "next",
});

/** run: fold takes [?, ...] but receives real */
export const foldedNumber = graph({
  inputs: { s: [8], x: real },
  nodes: { run: fold(step) },
  edges: { run: ["s", "x"] },
  outputs: "run",
});

/** run.net: port input takes [3] but receives [4] */
export const foldedOthers = graph({
  inputs: { s: [8], x: [20, 4] },
  nodes: { run: fold(step) },
  edges: { run: ["s", "x"] },
  outputs: "run",
});

/** y: port input comes from rows.net.hidden, which is no input or node */
export const insideIsMany = graph({
  inputs: { x: [20, 3] },
  nodes: { rows: map(chain([linear(4)])), y: linear(2) },
  edges: { rows: "x", y: "rows.net.hidden" },
  outputs: "y",
});
