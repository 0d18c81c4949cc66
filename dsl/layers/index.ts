/** The table of layers. A new name in `LayerName` without a row here does not compile. */
import type { LayerName } from "../net.js";
import { flattenDefinition, reshapeDefinition } from "./arrange.js";
import type { LayerDefinition } from "./definition.js";
import { elementwiseDefinition } from "./elementwise.js";
import { embeddingDefinition, sinusoidalEmbeddingDefinition } from "./embedding.js";
import { appendDefinition, concatDefinition } from "./join.js";
import { linearDefinition } from "./linear.js";
import {
  crossEntropyLossDefinition,
  meanAbsoluteLossDefinition,
  meanSquaredLossDefinition,
} from "./losses.js";
import { dropoutDefinition, layerNormDefinition, softmaxDefinition } from "./normalize.js";
import { meanDefinition, totalDefinition } from "./reduce.js";
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
  dropout: dropoutDefinition,
  total: totalDefinition,
  mean: meanDefinition,
  meanSquaredLoss: meanSquaredLossDefinition,
  meanAbsoluteLoss: meanAbsoluteLossDefinition,
  crossEntropyLoss: crossEntropyLossDefinition,
};
