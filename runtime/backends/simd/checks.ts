/** What the tests of this backend share: builds to test, random arrays, and a comparison with the reference. */
import * as assert from "uvu/assert";
import { sizeOf } from "../../../dsl/array.js";
import { normals } from "../../../dsl/random.js";
import { interpret } from "../../../test/interpret.js";
import type { Program } from "../../program.js";
import { prepareWith } from "./executable.js";
import { bestBuild, type KernelBuild } from "./load-kernels.js";

/** The builds that this engine takes. */
export const builds: readonly KernelBuild[] = [...new Set<KernelBuild>(["plain", bestBuild()])];

type Data = Float32Array | Int32Array;
let draws = 0;
/** Standard normal numbers, others at every call. */
export const noise = (shape: readonly number[]): Float32Array =>
  normals(sizeOf(shape), { seed: 7, step: draws++ });

/** The largest distance of corresponding numbers, each as a part of 1 + |expected|. NaN and infinities must agree. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.is(actual.length, expected.length);
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] as number, expected[i] as number];
    if (Object.is(a, e) || a === e) continue;
    const d = Math.abs(a - e) / (1 + Math.abs(e));
    most = Number.isNaN(d) || d > most ? d : most;
    if (Number.isNaN(d)) return Number.NaN;
  }
  return most;
}

/** Runs the program once on every build, and compares every output with the reference. */
export async function agree(
  program: Program,
  given: Readonly<Record<string, Data>>,
  { tolerance = 1e-5, label = "" } = {},
): Promise<void> {
  const expected = interpret(program, given);
  for (const build of builds) {
    const executable = await prepareWith(program, build);
    for (const [name, data] of Object.entries(given)) executable.write(name, data);
    executable.run();
    for (const [name, wanted] of Object.entries(expected)) {
      const far = distance(await executable.read(name), wanted);
      assert.ok(far <= tolerance, `${label} ${name} on the ${build} build is ${far} away`);
    }
    executable.dispose();
  }
}
