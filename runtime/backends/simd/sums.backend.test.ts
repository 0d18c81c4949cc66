import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Step } from "../../../dsl/net.js";
import { integers } from "../../../dsl/random.js";
import { sameShape } from "../../builder.js";
import type { Op, Program, Value } from "../../program.js";
import { agree, noise } from "./checks.js";
import { sumEarly } from "./sums.js";

/** x·scale + shift, as it is, and the sums of it and of its square over `axes`. */
function program(shape: readonly number[], scale: readonly number[], axes: readonly number[]): Program {
  const body: readonly Step[] = [
    { op: "input", name: "0" },
    { op: "input", name: "1" },
    { op: "input", name: "2" },
    { op: "mul", args: [0, 1] },
    { op: "add", args: [3, 2] },
    { op: "square", args: [4] },
  ];
  const left = shape.map((d, axis) => (axes.includes(axis) ? 1 : d));
  const float = (s: readonly number[]): Value => ({ dtype: "float32", shape: s });
  const sum = (from: number, to: number): Op => ({
    ...{ prim: "reduce", attrs: { kind: "sum", axes }, inputs: [from], outputs: [to], node: "" },
  });
  return {
    values: [shape, scale, [shape.at(-1) as number], shape, shape, shape, left, left].map(float),
    ops: [
      {
        ...{ prim: "elementwise", attrs: { body, results: [4, 4, 5] }, node: "" },
        ...{ inputs: [0, 1, 2], outputs: [3, 4, 5] },
      },
      sum(4, 6),
      sum(5, 7),
    ],
    ...{ inputs: { x: 0, scale: 1, shift: 2 }, state: {}, constants: new Map(), updates: {} },
    outputs: { y: 3, sum: 6, squares: 7 },
  };
}

test("sums over positions are those of the arrays that are not kept", async () => {
  const draws = integers(2000, 0, 999, { seed: 3 });
  let drawn = 0;
  const from = <T>(...items: readonly T[]): T => items[(draws[drawn++] as number) % items.length] as T;
  let early = 0;
  for (let round = 0; round < 60; round++) {
    const last = from(5, 8, 9, 16, 34);
    const shape = from<number[]>(
      [from(1, 2, 5), from(8, 21), last],
      [from(2, 3), from(1, 4), from(9, 12), last],
    );
    const middle = shape.slice(1, -1).map((_, i) => i + 1);
    const axes = from([0, ...middle], [0, ...middle], middle, middle, [0], [shape.length - 1]);
    const scale = from<number[]>([last], [shape[0] as number, ...middle.map(() => 1), last], shape);
    const made = program(shape, scale, axes);
    const label = JSON.stringify({ shape, scale, axes });
    const given = { x: noise(shape), scale: noise(scale), shift: noise([last]) };
    await agree(made, given, { label });
    if (!sameShape(sumEarly(made).values[4]?.shape ?? [], shape)) early++;
  }
  assert.ok(early > 5, `only ${early} programs had such sums`);
});

test.run();
