/** Looks at a model: samples of it, the way to them, and how far they are from the data. */
import type { NDArray } from "../../dsl/array.js";
import { extract } from "../../dsl/index.js";
import type { Net } from "../../dsl/net.js";
import { generate } from "../../workers/index.js";
import { distance, floorOf } from "./distance.js";
import { giveWay } from "./give-way.js";
import { affordable, most, sample } from "./sampling.js";
import type { ImagesTask, PointsTask } from "./task.js";

export interface Look {
  readonly samples: NDArray;
  /** From the data, and what a perfect model would come to; null where that is not known. */
  readonly distance: number | null;
  readonly floor: number | null;
  readonly trajectory: NDArray;
  readonly times: readonly number[];
}

export interface LookOptions {
  /** How many workers there are for it. */
  readonly workers: 1 | 2;
  readonly signal: AbortSignal;
  /** The share that is done. */
  readonly onProgress: (share: number) => void;
}

/** Looks at a model of points, each from new noise. */
export class PointsLooks {
  #draws = 0;
  /** Samples a second, as last measured. */
  #speed: number | null = null;
  readonly #floors = new Map<number, number>();

  /** As many samples as `seconds` allow, or the full number where that is null. */
  async look(
    net: Net,
    task: PointsTask,
    seconds: number | null,
    { workers, ...how }: LookOptions,
  ): Promise<Look> {
    const count = seconds === null ? most : affordable(task, this.#speed, seconds);
    const began = performance.now();
    const { samples, trajectory, times } = await sample(net, task, {
      count,
      seed: task.seed + 2 * ++this.#draws,
      halves: workers === 2,
      ...how,
    });
    this.#speed = count / ((performance.now() - began) / 1000);
    await giveWay();
    const away = await distance(samples, task.drawn);
    return { samples, distance: away, floor: await this.#floor(task, count), trajectory, times };
  }

  async #floor({ again }: PointsTask, count: number): Promise<number | null> {
    if (!again) return null;
    const floor = this.#floors.get(count) ?? (await floorOf(again, count));
    this.#floors.set(count, floor);
    return floor;
  }
}

/** Images of a sheet of samples, and the most frames of the way to them. */
const [sheet, frames] = [16, 50];

/** Images of the model from noise number `draw`: the same number is the same noise. x̂₀ is kept within the pixels' ±1. */
export async function lookAtImages(
  net: Net,
  { schedule, sampler, backend, seed }: ImagesTask,
  draw: number,
  how: LookOptions,
): Promise<Look> {
  const steps = sampler.kind === "ddim" ? sampler.steps : schedule.steps;
  const { samples, trajectory, times } = await generate(extract(net, "model"), {
    ...{ schedule, sampler, backend, ...how },
    clip: 1,
    count: sheet,
    seed: seed + 1 + draw,
    trajectory: { every: Math.ceil(steps / frames) },
  });
  return { samples, distance: null, floor: null, trajectory, times };
}
