/** The language: nets as plain data, typed where sizes are literal. */
export { apply, evaluateBody, evaluateSteps, type Nested } from "./apply.js";
export { type Data, type NDArray, sizeOf } from "./array.js";
export { type ChainRule, chain, type Member } from "./chain.js";
export { lookup, type Operand, type Symbolic, scalarOps, table, trace } from "./expression.js";
export { flattenNet } from "./flatten-net.js";
export { type FnRule, fn } from "./fn.js";
export { type Formula, formulaOf } from "./formula.js";
export { graph, type Wires } from "./graph.js";
export type { Carried, GraphRule } from "./graph-carried.js";
export { checkNet, inferShapes, type Shapes } from "./infer.js";
export { type Information, information, type NodeInformation } from "./information.js";
export { fromJSON, parseNet, type ToJSONOptions, toJSON } from "./json.js";
export { type Flatten, flatten, type Reshape, reshape } from "./layers/arrange.js";
export { type Attention, attention } from "./layers/attention.js";
export {
  type Conv2d,
  type Conv2dTranspose,
  conv2d,
  conv2dTranspose,
  type DepthwiseConv2d,
  depthwiseConv2d,
} from "./layers/convolve.js";
export type { Init, LayerDefinition, LayerKind, Parameter } from "./layers/definition.js";
export {
  abs,
  cos,
  type Elementwise,
  erf,
  exp,
  floor,
  gelu,
  log,
  neg,
  reciprocal,
  relu,
  rsqrt,
  sigmoid,
  sign,
  silu,
  sin,
  softplus,
  sqrt,
  square,
  tanh,
} from "./layers/elementwise.js";
export {
  type Embedding,
  embedding,
  type SinusoidalEmbedding,
  sinusoidalEmbedding,
} from "./layers/embedding.js";
export { batchNorm, type GroupNorm, groupNorm } from "./layers/group-norm.js";
export type { Padding, Pair } from "./layers/image.js";
export { layers } from "./layers/index.js";
export { type Append, append, type Concat, concat } from "./layers/join.js";
export { type Linear, linear } from "./layers/linear.js";
export {
  type CrossEntropyLoss,
  crossEntropyLoss,
  type Distance,
  meanAbsoluteLoss,
  meanSquaredLoss,
} from "./layers/losses.js";
export { dropout, type LastAxis, layerNorm, rmsNorm, softmax } from "./layers/normalize.js";
export {
  type Pad,
  type Part,
  pad,
  part,
  type Slice,
  slice,
  type Transpose,
  transpose,
} from "./layers/pick.js";
export { averagePool, maxPool, type Pool } from "./layers/pool.js";
export { mean, type Reduce, total } from "./layers/reduce.js";
export {
  type Downsample,
  downsample,
  type Resize,
  resize,
  type Upsample,
  upsample,
} from "./layers/resize.js";
export { parameter, randomInteger, randomNormal, randomUniform } from "./layers/sources.js";
export { type Alike, plus, times } from "./layers/sum.js";
export { type Broadcast, type Thread, thread } from "./layers/thread.js";
export { type Fault, NetError } from "./message.js";
export type {
  Chain,
  Fn,
  Graph,
  Layer,
  LayerName,
  Net,
  PortType,
  Repeat,
  ScalarOp,
  Shape,
  Size,
  Step,
  WholeNumber,
} from "./net.js";
export {
  initialize,
  type ParameterSpec,
  parameterSpecs,
  parametersOf,
  withParameters,
} from "./parameters.js";
export {
  any,
  anything,
  type Integer,
  integer,
  type PortSpec,
  type PortSpecs,
  type Real,
  real,
} from "./ports.js";
export {
  integers,
  normals,
  pcg,
  pcg3d,
  permutation,
  type RandomKey,
  streamOf,
  uniforms,
} from "./random.js";
export { rename } from "./rename.js";
export { type FoldRule, fold, type MapRule, map, type NestRule, nest } from "./repeat.js";
export { type Residual, residual } from "./residual.js";
export type {
  AnyRule,
  Apply,
  Outputs,
  Rule,
  RuleOf,
  Source,
  Typed,
  TypedChain,
  TypedFn,
  TypedGraph,
  TypedLayer,
  TypedRepeat,
} from "./rule.js";
export { extract, freeze, replace, share, unfreeze } from "./surgery.js";
export { inputPortsOf, outputPortsOf } from "./wiring.js";
