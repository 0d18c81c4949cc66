/** One way of doing one case on one backend. */

export interface Contender {
  /** One training step (forward, backward, Adam), and its loss, read back; of sampling: all of it, and the samples' standard deviation. */
  step(): Promise<number>;
  /** The milliseconds that one of so many steps takes, where it knows better than who calls `step`. */
  time?(steps: number): Promise<number>;
  dispose(): void | Promise<void>;
}

/** The standard deviation of numbers. */
export function deviation(x: Float32Array): number {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  return Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length);
}
