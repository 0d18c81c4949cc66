/** Drawing samples of a training net's model, in one worker or two. */
import { extract } from "../../dsl/index.js";
import type { Net } from "../../dsl/net.js";
import type { Generated } from "../../runtime/generator.js";
import { generate } from "../../workers/index.js";
import { joined } from "./rows.js";
import type { PointsSettings } from "./settings.js";

/** The samples of the last word. */
export const most = 10_000;
/** How many a look while training may be of. */
const looks = [250, 500, 1000, 2000, 5000, most];

/**
 * The look that comes nearest to so many seconds: by the speed in samples a second as last measured, or null, when
 * the size of the model tells (25 billion multiplications and additions a second).
 */
export function affordable(
  { layers, nHidden, schedule }: PointsSettings,
  speed: number | null,
  seconds: number,
): number {
  const operations = 2 * layers * nHidden ** 2 * schedule.steps;
  const count = seconds * (speed ?? 25e9 / operations);
  const off = (look: number): number => Math.abs(Math.log(look / count));
  return looks.reduce((best, look) => (off(look) < off(best) ? look : best));
}

export interface Sampling {
  readonly count: number;
  /** Also the seed of the first half; the second takes the next. */
  readonly seed: number;
  /** True: two workers draw a half each. */
  readonly halves: boolean;
  readonly signal: AbortSignal;
  /** The share that is done. */
  readonly onProgress: (share: number) => void;
}

/** Samples of the net's `model`; the trajectory is that of the first half. */
export async function sample(
  net: Net,
  { schedule, sampler, backend }: PointsSettings,
  { count, seed, halves, signal, onProgress }: Sampling,
): Promise<Required<Generated>> {
  const model = extract(net, "model");
  const sizes = halves ? [Math.ceil(count / 2), Math.floor(count / 2)] : [count];
  const done = sizes.map(() => 0);
  const parts = await Promise.all(
    sizes.map((size, i) =>
      generate(model, {
        schedule,
        sampler,
        backend,
        count: size,
        seed: seed + i,
        trajectory: true,
        signal,
        onProgress: (share) => {
          done[i] = share * size;
          onProgress(done.reduce((sum, d) => sum + d, 0) / count);
        },
      }),
    ),
  );
  const [first] = parts as [Required<Generated>];
  return { ...first, samples: joined(parts.map(({ samples }) => samples)) };
}
