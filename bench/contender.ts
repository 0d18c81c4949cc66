/** One way of training one net on one backend. */
import type { Case } from "./cases.js";

export interface Contender {
  /** One training step (forward, backward, Adam); its loss, read back. */
  step(): Promise<number>;
  dispose(): void | Promise<void>;
}

/** Makes a contender that has taken no step yet. */
export type Make = (net: Case, backend: string) => Promise<Contender>;
