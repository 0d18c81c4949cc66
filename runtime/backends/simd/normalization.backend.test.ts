import { test } from "uvu";
import { ProgramBuilder } from "../../builder.js";
import { agree, noise } from "./checks.js";
import { sameInParts } from "./checks-parts.js";

test("softmax of rows of every length", async () => {
  for (const shape of [[1], [3, 2], [2, 3, 5], [7, 64], [5, 131]]) {
    const b = new ProgramBuilder();
    b.outputs.y = b.softmax(b.input("x", shape));
    const given = { x: noise(shape).map((v) => 20 * v) };
    await agree(b.program(), given, { label: `[${shape}]`, tolerance: 2e-6 });
    await sameInParts(b.program(), given);
  }
});

/** The means over the last axes, over pixels and channels of groups, and over all but channels. */
const layouts: readonly (readonly [shape: readonly number[], axes: readonly number[]])[] = [
  [[5, 7], [1]],
  [[3, 4, 33], [2]],
  [
    [2, 6, 10],
    [1, 2],
  ],
  [
    [2, 9, 3, 4],
    [1, 3],
  ],
  [
    [3, 49, 8, 16],
    [1, 3],
  ],
  [
    [2, 300, 2, 24],
    [1, 3],
  ],
  [
    [2, 12, 5, 3],
    [1, 3],
  ],
  // Many examples, which are the parts of the work.
  [
    [17, 6, 5, 4],
    [1, 3],
  ],
  [
    [2, 12, 1, 20],
    [1, 3],
  ],
  [
    [2, 12, 5, 1],
    [1, 3],
  ],
  [
    [4, 5, 6, 7],
    [0, 1, 2],
  ],
  [
    [2, 5, 6, 19],
    [1, 2],
  ],
  [[30, 32], [0]],
  [[1, 7], [0]],
];

test("normalization and its gradient in every layout", async () => {
  for (const [shape, axes] of layouts)
    for (const centred of [true, false]) {
      const b = new ProgramBuilder();
      const x = b.input("x", shape);
      const attrs = { axes, centred };
      const [y, mean, rate] = b.normalize(x, { ...attrs, epsilon: 1e-5 });
      Object.assign(b.outputs, { y, mean, rate });
      b.outputs.dx = b.normalizeGradient(b.input("g", shape), y, rate, attrs);
      const given = { x: noise(shape).map((v) => 3 * v + 2), g: noise(shape) };
      const label = `[${shape}] over ${axes}${centred ? "" : ", not centred"}`;
      await agree(b.program(), given, { label, tolerance: 1e-5 });
      await sameInParts(b.program(), given, label);
    }
});

test("a mean a thousand times the deviation costs no digits", async () => {
  for (const [shape, axes] of [
    [[20, 400], [1]],
    [
      [2, 784, 8, 4],
      [1, 3],
    ],
    [[3000, 6], [0]],
  ] as const) {
    const b = new ProgramBuilder();
    const [y, mean, rate] = b.normalize(b.input("x", shape), { axes, centred: true, epsilon: 1e-6 });
    Object.assign(b.outputs, { y, mean, rate });
    const x = noise(shape).map((v) => 1000 + v);
    // The mean itself is rounded to 6·10⁻⁵.
    await agree(b.program(), { x }, { label: `[${shape}]`, tolerance: 8e-5 });
  }
});

test.run();
