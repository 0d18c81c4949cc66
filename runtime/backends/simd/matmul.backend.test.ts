import { test } from "uvu";
import { ProgramBuilder } from "../../builder.js";
import { agree, noise } from "./checks.js";
import { sameInParts } from "./checks-parts.js";

/** op(A)·op(B) for all four ways to store the factors, stacked or not, whole and in parts. */
async function products(m: number, n: number, k: number, stackA: number[], stackB: number[]): Promise<void> {
  for (const transposeA of [false, true])
    for (const transposeB of [false, true]) {
      const program = new ProgramBuilder();
      const a = [...stackA, ...(transposeA ? [k, m] : [m, k])];
      const b = [...stackB, ...(transposeB ? [n, k] : [k, n])];
      const flags = { transposeA, transposeB };
      program.outputs.c = program.matmul(program.input("a", a), program.input("b", b), flags);
      const given = { a: noise(a), b: noise(b) };
      const label = `[${a}]·[${b}] ${JSON.stringify(flags)}`;
      await agree(program.program(), given, { label, tolerance: 2e-5 });
      await sameInParts(program.program(), given, label);
    }
}

const sizes = [
  [1, 1, 1],
  [3, 50, 7],
  [50, 3, 9],
  [50, 4, 70],
  [4, 60, 70],
  [37, 41, 3],
  [40, 23, 300],
  [13, 90, 33],
] as const;

test("products in parts are the products", async () => {
  for (const [m, n, k] of sizes) await products(m, n, k, [], []);
});

test("stacks of products, one factor for all or one each", async () => {
  for (const [m, n, k] of sizes)
    for (const [a, b] of [
      [3, 3],
      [1, 4],
      [4, 1],
    ] as const)
      await products(m, n, k, [a], [b]);
});

test.run();
