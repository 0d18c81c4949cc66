/** What the tests of this backend share: a comparison with the meaning of a program in float64, where a GPU is. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Data } from "../../../dsl/array.js";
import { backendsHere } from "../../../test/backends.js";
import { interpret } from "../../../test/interpret.js";
import { skip } from "../../../test/skip.js";
import type { Program } from "../../program.js";
import { distance } from "../simd/checks.js";
import { webgpu } from "./index.js";

let told = false;
/** A test that needs an adapter. Where there is none, the file's tests are told as skipped, once. */
export function onGpu(name: string, run: () => Promise<void>): void {
  if (backendsHere.includes("webgpu")) test(name, run);
  else if (!told) skip(test, "webgpu", "there is no adapter");
  told = true;
}

type Given = Readonly<Record<string, Data>>;

/** Runs the program once and gives its outputs. */
export async function outputsOf(program: Program, given: Given): Promise<Record<string, Data>> {
  const executable = await webgpu.prepare(program);
  for (const [name, data] of Object.entries(given)) executable.write(name, data);
  executable.run();
  const outputs: Record<string, Data> = {};
  for (const name of Object.keys(program.outputs)) outputs[name] = await executable.read(name);
  executable.dispose();
  return outputs;
}

/** Compares every output of one run with float64. */
export async function agree(
  program: Program,
  given: Given,
  { tolerance = 1e-5, label = "" } = {},
): Promise<void> {
  const got = await outputsOf(program, given);
  for (const [name, wanted] of Object.entries(interpret(program, given))) {
    const far = distance(got[name] as Data, wanted);
    assert.ok(far <= tolerance, `${label} ${name} is ${far} away`);
  }
}
