import type { Program } from "../program.js";
import { dropDead } from "./drop.js";
import { fuse } from "./fuse.js";
import { simplify } from "./simplify.js";

/** The passes by name, in order, so that a viewer can show the program before and after each. */
export const passes: readonly { readonly name: string; readonly pass: (program: Program) => Program }[] = [
  { name: "simplify", pass: simplify },
  { name: "drop dead code", pass: dropDead },
  { name: "fuse", pass: fuse },
];

/** The program that computes the same outputs and updates with less work. */
export const optimise = (program: Program): Program => passes.reduce((p, { pass }) => pass(p), program);
