/** The names that others rely on, by the subpath that has them; the package's root has them all. */
const bySubpath = {
  dsl: [
    ...["graph", "chain", "fn", "apply", "integer"],
    ...["linear", "append", "concat", "reshape", "flatten", "thread", "plus", "times", "parameter"],
    ...[
      "relu",
      "silu",
      "gelu",
      "tanh",
      "sigmoid",
      "exp",
      "log",
      "sqrt",
      "square",
      "abs",
      "softplus",
      "sin",
      "cos",
    ],
    ...["randomNormal", "randomUniform", "randomInteger", "embedding", "sinusoidalEmbedding"],
    ...["softmax", "layerNorm", "dropout", "total", "mean"],
    ...["conv2d", "depthwiseConv2d", "conv2dTranspose", "averagePool", "maxPool"],
    ...["upsample", "downsample", "resize", "groupNorm", "batchNorm", "rmsNorm", "attention"],
    ...["transpose", "part", "slice", "pad", "residual", "map", "nest", "fold"],
    ...["meanSquaredLoss", "meanAbsoluteLoss", "crossEntropyLoss"],
    ...["initialize", "parametersOf", "withParameters", "extract", "toJSON", "fromJSON"],
  ],
  runtime: [
    ...["evaluate", "gradients", "adam", "sgd"],
    ...["gaussianMixture", "ramp", "spiral", "standardize"],
    ...["linearSchedule", "forwardProcess", "ddpm"],
    ...["wasserstein1", "slicedWasserstein"],
  ],
  workers: ["train", "generate"],
  specs: ["trainingNet", "mlp", "denoisers", "demos"],
  components: [
    ...["NetDiagram", "LossPlot", "HistogramPlot", "DensityPlot", "TrajectoryPlayer", "DiffusionDemo"],
  ],
} satisfies Record<string, readonly string[]>;

/** Subpath, or `index` for the root → names. */
export const contract: Readonly<Record<string, readonly string[]>> = {
  ...bySubpath,
  index: Object.values(bySubpath).flat(),
};
