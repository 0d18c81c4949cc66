/** Integers and times as vectors. */
import type { PortType } from "../../dsl/net.js";
import type { Operand, ProgramBuilder } from "../builder.js";
import type { ValueId } from "../program.js";
import { firstOf, type Lowering } from "./context.js";

export const embeddings = {
  embedding: ({ b, parameter, inputTypes }, index = -1) =>
    b.gather(parameter("weight"), index, firstOf(inputTypes.input)),
  sinusoidalEmbedding: ({ b, batch, options, inputTypes, outputShape }, t = -1) =>
    sinusoidal(b, t, batch, outputShape[0] as number, options.maxPeriod as number, inputTypes.input),
} satisfies Record<string, Lowering>;

/**
 * PE(t, 2i) = sin(t ω_i), PE(t, 2i + 1) = cos(t ω_i), ω_i = maxPeriod^(−2i/n) (arXiv 1706.03762, section 3.5).
 * An integer port of a moderate range reads a table made in float64, since a GPU's sine of a large angle is poor.
 */
function sinusoidal(
  b: ProgramBuilder,
  t: ValueId,
  batch: number,
  n: number,
  maxPeriod: number,
  type: PortType | undefined,
): ValueId {
  const omega = (j: number): number => maxPeriod ** (-(j - (j % 2)) / n);
  const code = (at: number, j: number): number => (j % 2 ? Math.cos : Math.sin)(at * omega(j));
  const rows = type?.dtype === "integer" ? type.max - type.min + 1 : Number.POSITIVE_INFINITY;
  if (type?.dtype === "integer" && rows * n <= 2 ** 20) {
    const table = Float32Array.from({ length: rows * n }, (_, i) =>
      code(type.min + Math.floor(i / n), i % n),
    );
    return b.gather(b.constant(table, [rows, n]), t, type.min);
  }
  // cos x = sin(x + π/2)
  const row = (f: (j: number) => number): Operand =>
    b.constant(
      Float32Array.from({ length: n }, (_, j) => f(j)),
      [1, n],
    );
  const angle = b.apply("mul", b.reshape(t, [batch, 1]), row(omega));
  return b.apply(
    "sin",
    b.apply(
      "add",
      angle,
      row((j) => (j % 2) * (Math.PI / 2)),
    ),
  );
}
