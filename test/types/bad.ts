/**
 * What must not compile. Above each mistake stands the sentence that the compiler prints for it, and that
 * `inferShapes` throws for the same value.
 */
import {
  append,
  chain,
  concat,
  crossEntropyLoss,
  embedding,
  flatten,
  fn,
  graph,
  integer,
  layerNorm,
  linear,
  mean,
  meanSquaredLoss,
  plus,
  randomNormal,
  real,
  relu,
  reshape,
  sinusoidalEmbedding,
  softmax,
  thread,
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
