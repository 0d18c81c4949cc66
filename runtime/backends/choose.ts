import { ProgramBuilder } from "../builder.js";
import { differentiate } from "../differentiate.js";
import { optimise } from "../optimise/index.js";
import type { Backend, BackendName } from "./backend.js";
import { loadBackend } from "./load.js";

/** A backend and the reason for it, in words for the user. */
export interface Choice {
  readonly name: BackendName;
  readonly why: string;
}

/** In which order "auto" tries them: what needs no download first, the reference last. */
const candidates: readonly BackendName[] = ["simd", "webgl", "cpu"];

/**
 * The backend to use. A name stands for itself; "auto" takes the first that gives the known gradients of a small
 * function here. Errors: an unknown name; none that works, with the reason of each.
 */
export async function chooseBackend(wanted: BackendName | "auto"): Promise<Choice> {
  if (wanted !== "auto") {
    await loadBackend(wanted);
    return { name: wanted, why: "asked for" };
  }
  const faults: string[] = [];
  for (const name of candidates) {
    try {
      await checkGradients(await loadBackend(name));
      return { name, why: ["the first whose gradients are right here", ...faults].join("; ") };
    } catch (error) {
      faults.push(`${name}: ${(error as Error).message}`);
    }
  }
  throw new Error(`backend: none works here: ${faults.join("; ")}`);
}

/** Throws unless the backend gives d/dw tanh(x·w)² = 2 tanh(x·w) (1 − tanh²(x·w)) x within 1e-5. */
async function checkGradients(backend: Backend): Promise<void> {
  const b = new ProgramBuilder();
  const w = b.stateful("w", [2, 1]);
  const y = b.apply("square", b.apply("tanh", b.matmul(b.input("x", [1, 2]), w)));
  const [gradient] = differentiate(b, b.reshape(y, []), [w]);
  b.outputs.gradient = gradient as number;
  const executable = await backend.prepare(optimise(b.program()));
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
