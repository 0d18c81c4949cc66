/** What the tests of this folder are made of: naive references, and one operation on every backend here. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Data, sizeOf } from "../../../dsl/array.js";
import { normals } from "../../../dsl/random.js";
import { ProgramBuilder } from "../../builder.js";
import type { Program, ValueId } from "../../program.js";
import type { Backend } from "../backend.js";

/** In Node the reference; in a browser's worker both. */
const backends: Backend[] = [
  (await import("./cpu.js")).cpu,
  ...("OffscreenCanvas" in globalThis ? [(await import("../webgl/index.js")).webgl] : []),
];

let draws = 0;
export const random = (shape: readonly number[]): Float32Array =>
  normals(sizeOf(shape), { seed: 1, step: draws++ });

/** Runs the program once on these inputs and states, and gives the output `y`. */
export async function evaluate(
  backend: Backend,
  program: Program,
  inputs: Record<string, Data>,
): Promise<Data> {
  const executable = await backend.prepare(program);
  for (const [name, data] of Object.entries(inputs)) executable.write(name, data);
  executable.run();
  const y = await executable.read("y");
  executable.dispose();
  return y;
}

/** The largest error, relative where the numbers are larger than 1; Infinity where one is NaN and the other is not. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.is(a.length, b.length);
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    if (Object.is(x, y) || x === y) continue;
    const error = Math.abs(x - y) / Math.max(1, Math.abs(y));
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  }
  return worst;
}
export const near = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 2e-6, what = ""): void => {
  const d = distance(a, b);
  assert.ok(d <= tolerance, `${what} differs by ${d}`);
};

/** Every index of a shape, in row-major order. */
export function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, d) => all.flatMap((i) => Array.from({ length: d }, (_, k) => [...i, k])),
    [[]],
  );
}
export const at = (data: ArrayLike<number>, shape: readonly number[], index: readonly number[]): number =>
  data[shape.reduce((sum, d, i) => sum * d + (index[i] as number), 0)] as number;

export interface Operand {
  readonly shape: readonly number[];
  readonly data: Data;
}
/** Compares one operation on these operands with what is expected. */
export type Check = (
  build: (b: ProgramBuilder, ids: ValueId[]) => ValueId,
  operands: readonly Operand[],
  expected: ArrayLike<number>,
  options?: { readonly tolerance?: number; readonly what?: string },
) => Promise<void>;

/** Defines tests for each backend. */
export function onEach(
  define: (on: (name: string, run: () => Promise<void>) => void, check: Check, backend: Backend) => void,
): void {
  for (const backend of backends) {
    const check: Check = async (build, operands, expected, { tolerance = 2e-6, what = "" } = {}) => {
      // Once on operands from the host, and once on those that the device has computed and laid out.
      for (const kind of ["given", "computed"] as const) {
        const b = new ProgramBuilder();
        const ids = operands.map(({ shape, data }, i) => {
          const id = b.input(`x${i}`, shape, data instanceof Int32Array ? "int32" : "float32");
          return kind === "given" || data instanceof Int32Array ? id : b.apply("neg", b.apply("neg", id));
        });
        b.outputs.y = build(b, ids);
        const inputs = Object.fromEntries(operands.map(({ data }, i) => [`x${i}`, data]));
        near(await evaluate(backend, b.program(), inputs), expected, tolerance, `${what} (${kind})`);
      }
    };
    define((name, run) => test(`${backend.name}: ${name}`, run), check, backend);
  }
}
