import type { Backend } from "../backends/backend.js";
import { expansions } from "../expansions.js";
import type { CompositeName, Program } from "../program.js";
import { absorb } from "./absorb.js";
import { dropDead } from "./drop.js";
import { expandComposites } from "./expand.js";
import { fuse } from "./fuse.js";
import { simplify } from "./simplify.js";

/** What a backend runs beyond the elementary operations. */
export type Target = Pick<Backend, "composites" | "epilogues">;

/** A backend that runs elementary operations only. */
export const elementary: Target = { composites: new Set(), epilogues: false };

/** A backend that runs all there is. */
export const everything: Target = {
  composites: new Set<CompositeName>(Object.keys(expansions) as CompositeName[]),
  epilogues: true,
};

/** The passes by name, in order, so that a viewer can show the program before and after each. */
export const passes: readonly {
  readonly name: string;
  readonly pass: (program: Program, target: Target) => Program;
}[] = [
  { name: "expand", pass: (program, { composites }) => expandComposites(program, composites) },
  { name: "simplify", pass: simplify },
  { name: "drop dead code", pass: dropDead },
  { name: "fuse", pass: fuse },
  { name: "absorb", pass: (program, { epilogues }) => (epilogues ? absorb(program) : program) },
];

/** The program that computes the same outputs and updates with less work, in what the target runs. */
export const optimise = (program: Program, target: Target = elementary): Program =>
  passes.reduce((p, { pass }) => pass(p, target), program);
