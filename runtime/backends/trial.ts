/** Work of a program on a backend that can be timed. */
export interface Trial {
  /** Does so many steps, and waits for them. */
  run(steps: number): Promise<void>;
  dispose(): void;
}

/** Milliseconds of steps that are timed together, so that a clock of 0.1 ms is fine enough. */
const group = 5;

/**
 * Milliseconds a step: after one to warm up the median over groups of steps, as many as fit into `budget`
 * milliseconds. The warm-up stands for all where it alone exceeds the budget and there is nothing to compare with; a
 * first step of more than three times `best` ends the matter.
 */
export async function timeOf(
  trial: Trial,
  budget: number,
  best = Number.POSITIVE_INFINITY,
  now = () => performance.now(),
): Promise<number> {
  const time = async (steps: number): Promise<number> => {
    const began = now();
    await trial.run(steps);
    return (now() - began) / steps;
  };
  const began = now();
  const cold = await time(1);
  if (best === Number.POSITIVE_INFINITY && cold > budget) return cold;
  const first = await time(1);
  if (first > 3 * best) return first;
  const steps = Math.max(1, Math.min(64, Math.round(group / first)));
  const times = [first];
  while (now() - began < budget) times.push(await time(steps));
  return times.sort((a, b) => a - b)[times.length >> 1] as number;
}
