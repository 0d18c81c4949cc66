import { ProgramBuilder } from "../builder.js";
import { differentiate } from "../differentiate.js";
import { optimise } from "../optimise/index.js";
import type { Backend } from "./backend.js";

/** Throws unless the backend gives d/dw tanh(x·w)² = 2 tanh(x·w) (1 − tanh²(x·w)) x within 1e-5. */
export async function checkGradients(backend: Backend): Promise<void> {
  const b = new ProgramBuilder();
  const w = b.stateful("w", [2, 1]);
  const y = b.apply("square", b.apply("tanh", b.matmul(b.input("x", [1, 2]), w)));
  const [gradient] = differentiate(b, b.reshape(y, []), [w]);
  b.outputs.gradient = gradient as number;
  const executable = await backend.prepare(optimise(b.program(), backend));
  try {
    executable.write("x", Float32Array.of(1, -0.5));
    executable.write("w", Float32Array.of(0.3, -0.2));
    executable.run();
    const got = await executable.read("gradient");
    const t = Math.tanh(1 * 0.3 + -0.5 * -0.2);
    [1, -0.5].forEach((x, i) => {
      const value = 2 * t * (1 - t * t) * x;
      if (!(Math.abs((got[i] ?? Number.NaN) - value) < 1e-5))
        throw new Error(`gives the gradient ${got[i]} where ${value} is right`);
    });
  } finally {
    executable.dispose();
  }
}
