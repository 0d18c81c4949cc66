/** The diffusion of handwritten digits, in one place for the command that trains it and the page that draws with it. */
import type { Graph, Net } from "../dsl/index.js";
import { cosineSchedule, type Schedule } from "../runtime/diffusion/index.js";
import { trainingNet } from "./training-net.js";
import { unet } from "./unet.js";

export interface DigitsOptions {
  /** Height and width of the images; default 28, as MNIST's are. */
  readonly size?: number;
  /** Default 1, grey. */
  readonly channels?: number;
  /** So many classes that can be asked for, by a port `label` whose value `classes` stands for none; default 0, not. */
  readonly classes?: number;
  /** The denoiser; default a UNet of three levels, 32 channels at the first. */
  readonly model?: Net;
}

export interface Digits {
  /** Without weights. */
  readonly model: Net;
  readonly trainingNet: Graph;
  /** What sampling takes: the same schedule, and pixels kept within ±1. */
  readonly sampling: { readonly schedule: Schedule; readonly clip: number };
}

/** The cosine schedule of 200 steps. */
export const digitsSchedule = cosineSchedule({ steps: 200 });

/** The denoiser of images from −1 (paper) to 1 (ink), of all of them or by class, and the net that trains it. */
export function digits({ size = 28, channels = 1, classes = 0, model }: DigitsOptions = {}): Digits {
  const schedule = digitsSchedule;
  const denoiser = model ?? unet({ size, channels, tMax: schedule.steps, classes });
  return {
    model: denoiser,
    trainingNet: trainingNet({
      model: denoiser,
      schedule,
      nDim: [size, size, channels],
      ...(classes > 0 && { label: { classes } }),
    }),
    sampling: { schedule, clip: 1 },
  };
}
