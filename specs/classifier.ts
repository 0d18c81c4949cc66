/** A small classifier of images: what samples are judged by. */
import {
  chain,
  conv2d,
  crossEntropyLoss,
  dropout,
  flatten,
  type Graph,
  graph,
  integer,
  linear,
  maxPool,
  relu,
} from "../dsl/index.js";

export interface ClassifierOptions {
  readonly size: number;
  /** 1 for grey, 3 for RGB; default 1. */
  readonly channels?: number;
  /** Default 10. */
  readonly classes?: number;
}

/**
 * image [size, size, channels] → logits [classes], by two convolutions with max-pooling and the 64 numbers of its node
 * `features`, in which samples are compared (`frechetDistance`).
 */
export const classifier = ({ size, channels = 1, classes = 10 }: ClassifierOptions): Graph =>
  graph({
    inputs: { image: [size, size, channels] },
    nodes: {
      features: chain([
        conv2d(16, 3),
        relu,
        maxPool(2),
        conv2d(32, 3),
        relu,
        maxPool(2),
        flatten(),
        dropout(0.3),
        linear(64),
        relu,
      ]),
      logits: linear(classes),
    },
    edges: { features: "image", logits: "features" },
    outputs: "logits",
  });

/** The net that trains a classifier, its node `model`: inputs image and label (0 … classes − 1), output `loss`, the cross entropy. */
export const classifierTrainingNet = ({ size, channels = 1, classes = 10 }: ClassifierOptions): Graph =>
  graph({
    inputs: { image: [size, size, channels], label: integer(0, classes - 1) },
    nodes: { model: classifier({ size, channels, classes }), loss: crossEntropyLoss() },
    edges: { model: "image", loss: ["model", "label"] },
    outputs: "loss",
  });
