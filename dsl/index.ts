/** The language: nets as plain data, typed where sizes are literal. */
export { apply, evaluateBody, evaluateSteps, type Nested } from "./apply.js";
export { type Data, type NDArray, sizeOf } from "./array.js";
export { chain, type Member } from "./chain.js";
export { lookup, type Operand, type Symbolic, scalarOps, table, trace } from "./expression.js";
export { flattenNet } from "./flatten-net.js";
export { fn } from "./fn.js";
export { type Formula, formulaOf } from "./formula.js";
export { graph, type Wires } from "./graph.js";
export { checkNet, inferShapes, type Shapes } from "./infer.js";
export { type Information, information } from "./information.js";
export { fromJSON, parseNet, toJSON } from "./json.js";
export { flatten, reshape } from "./layers/arrange.js";
export type { Init, LayerDefinition, LayerKind, Parameter } from "./layers/definition.js";
export {
  abs,
  cos,
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
export { embedding, sinusoidalEmbedding } from "./layers/embedding.js";
export { layers } from "./layers/index.js";
export { append, concat } from "./layers/join.js";
export { linear } from "./layers/linear.js";
export { crossEntropyLoss, meanAbsoluteLoss, meanSquaredLoss } from "./layers/losses.js";
export { dropout, layerNorm, softmax } from "./layers/normalize.js";
export { mean, total } from "./layers/reduce.js";
export { parameter, randomInteger, randomNormal, randomUniform } from "./layers/sources.js";
export { plus, times } from "./layers/sum.js";
export { thread } from "./layers/thread.js";
export { type Fault, NetError } from "./message.js";
export type {
  Chain,
  Fn,
  Graph,
  Layer,
  LayerName,
  Net,
  PortType,
  ScalarOp,
  Shape,
  Size,
  Step,
} from "./net.js";
export {
  initialize,
  type ParameterSpec,
  parameterSpecs,
  parametersOf,
  withParameters,
} from "./parameters.js";
export { any, anything, integer, type PortSpec, type PortSpecs, real } from "./ports.js";
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
export { extract, freeze, replace, share, unfreeze } from "./surgery.js";
export { inputPortsOf, outputPortsOf } from "./wiring.js";
