import type { Program } from "./program.js";

/** A text that two programs have in common only if they are the same, constants included. */
export const programKey = ({ constants, ...program }: Program): string =>
  JSON.stringify([program, [...constants].map(([id, data]) => [id, [...data]])]);
