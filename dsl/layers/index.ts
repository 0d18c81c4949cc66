/** The table of layers. A new name in `LayerName` without a row here does not compile. */
import type { LayerName } from "../net.js";
import { flattenDefinition, reshapeDefinition } from "./arrange.js";
import { attentionDefinition } from "./attention.js";
import { conv2dDefinition, conv2dTransposeDefinition, depthwiseConv2dDefinition } from "./convolve.js";
import type { LayerDefinition } from "./definition.js";
import { elementwiseDefinition } from "./elementwise.js";
import { embeddingDefinition, sinusoidalEmbeddingDefinition } from "./embedding.js";
import { batchNormDefinition, groupNormDefinition } from "./group-norm.js";
import { appendDefinition, concatDefinition } from "./join.js";
import { linearDefinition } from "./linear.js";
import {
  crossEntropyLossDefinition,
  meanAbsoluteLossDefinition,
  meanSquaredLossDefinition,
} from "./losses.js";
import { dropoutDefinition, layerNormDefinition, rmsNormDefinition, softmaxDefinition } from "./normalize.js";
import { padDefinition, partDefinition, sliceDefinition, transposeDefinition } from "./pick.js";
import { averagePoolDefinition, maxPoolDefinition } from "./pool.js";
import { meanDefinition, totalDefinition } from "./reduce.js";
import { downsampleDefinition, resizeDefinition, upsampleDefinition } from "./resize.js";
import {
  parameterDefinition,
  randomIntegerDefinition,
  randomNormalDefinition,
  randomUniformDefinition,
} from "./sources.js";
import { plusDefinition, timesDefinition } from "./sum.js";
import { threadDefinition } from "./thread.js";

export const layers: { readonly [K in LayerName]: LayerDefinition } = {
  linear: linearDefinition,
  elementwise: elementwiseDefinition,
  append: appendDefinition,
  concat: concatDefinition,
  reshape: reshapeDefinition,
  flatten: flattenDefinition,
  thread: threadDefinition,
  plus: plusDefinition,
  times: timesDefinition,
  parameter: parameterDefinition,
  randomNormal: randomNormalDefinition,
  randomUniform: randomUniformDefinition,
  randomInteger: randomIntegerDefinition,
  embedding: embeddingDefinition,
  sinusoidalEmbedding: sinusoidalEmbeddingDefinition,
  softmax: softmaxDefinition,
  layerNorm: layerNormDefinition,
  groupNorm: groupNormDefinition,
  batchNorm: batchNormDefinition,
  rmsNorm: rmsNormDefinition,
  dropout: dropoutDefinition,
  conv2d: conv2dDefinition,
  depthwiseConv2d: depthwiseConv2dDefinition,
  conv2dTranspose: conv2dTransposeDefinition,
  averagePool: averagePoolDefinition,
  maxPool: maxPoolDefinition,
  upsample: upsampleDefinition,
  downsample: downsampleDefinition,
  resize: resizeDefinition,
  transpose: transposeDefinition,
  part: partDefinition,
  slice: sliceDefinition,
  pad: padDefinition,
  attention: attentionDefinition,
  total: totalDefinition,
  mean: meanDefinition,
  meanSquaredLoss: meanSquaredLossDefinition,
  meanAbsoluteLoss: meanAbsoluteLossDefinition,
  crossEntropyLoss: crossEntropyLossDefinition,
};
