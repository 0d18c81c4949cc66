import { test } from "uvu";
import { ProgramBuilder } from "../../builder.js";
import { agree, noise } from "./checks.js";
import { sameInParts } from "./checks-parts.js";

test("attention and its gradient, causal or not, of one block of queries or several", async () => {
  for (const [g, n, m, d, e] of [
    [1, 1, 1, 1, 1],
    [3, 5, 7, 2, 3],
    [2, 49, 49, 16, 16],
    [2, 130, 600, 5, 9],
    [1, 150, 150, 32, 8],
    [2, 9, 4, 3, 5],
  ] as const)
    for (const causal of [false, true]) {
      const b = new ProgramBuilder();
      const shapes = { q: [g, n, d], k: [g, m, d], v: [g, m, e], dy: [g, n, e] };
      const [q, k, v, dy] = Object.entries(shapes).map(([name, shape]) => b.input(name, shape)) as [
        number,
        number,
        number,
        number,
      ];
      const attrs = { scale: 1 / Math.sqrt(d), causal };
      const [y, l] = b.attention(q, k, v, attrs);
      const [dq, dk, dv] = b.attentionGradient([q, k, v, y, l, dy], attrs);
      Object.assign(b.outputs, { y, l, dq, dk, dv });
      const given = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, noise(shape)]));
      const label = `g ${g}, n ${n}, m ${m}, d ${d}, e ${e}${causal ? ", causal" : ""}`;
      await agree(b.program(), given, { label, tolerance: 1e-5 });
      await sameInParts(b.program(), given, label);
    }
});

test.run();
