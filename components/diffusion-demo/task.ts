/** What a run is made of: the settings with what follows from them. */
import type { NDArray } from "../../dsl/array.js";
import type { Net } from "../../dsl/net.js";
import { draw } from "../../runtime/data/index.js";
import { trainingNet } from "../../specs/index.js";
import { leastLoss } from "./least-loss.js";
import type { ImagesSettings, PointsSettings, Settings } from "./settings.js";

interface WithNet {
  /** The training net. */
  readonly net: Net;
  /** Whether it has weights, from a checkpoint. */
  readonly loaded: boolean;
}

export interface PointsTask extends PointsSettings, WithNet {
  /** The data, drawn and standardized. */
  readonly drawn: NDArray;
  /** The least that the loss can come to, where it is known. */
  readonly leastLoss: number | null;
}

export interface ImagesTask extends ImagesSettings, WithNet {}

export type Task = PointsTask | ImagesTask;

export function taskOf(settings: Settings): Task {
  const { model, schedule } = settings;
  const net = trainingNet({
    model,
    schedule,
    nDim: settings.kind === "points" ? settings.nDim : settings.shape,
  });
  if (settings.kind === "images") return { ...settings, net, loaded: false };
  const { dataSet } = settings;
  return { ...settings, net, loaded: false, drawn: draw(dataSet), leastLoss: leastLoss(dataSet, schedule) };
}
