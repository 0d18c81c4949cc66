/**
 * The words by which the threads of a shared memory wait for one another, each in a cache line of its own. Offsets are
 * in bytes from the start of the control block.
 */
export const control = {
  /** How many threads have come to the barrier. */
  arrived: 0,
  /** How many barriers have been passed: what those who wait look at. */
  turn: 64,
  /** How many wait asleep, and must be woken. */
  asleep: 128,
  /** Not 0 once a thread has failed: nobody waits any more. */
  failed: 192,
  /** How many orders have been given to the helpers. */
  order: 256,
  /** What the last order is: a program's number, or `listen`. */
  program: 320,
} as const;
export const controlBytes = 384;

/** The order to read messages. */
export const listen = -1;

/** The word's position in an Int32Array over the memory. */
export const wordAt = (address: number, word: keyof typeof control): number => (address + control[word]) / 4;
