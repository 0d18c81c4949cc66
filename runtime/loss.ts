import { hint } from "../dsl/message.js";
import { constant } from "./builder.js";
import type { Lowering } from "./compile.js";
import type { ValueId } from "./program.js";

/**
 * The total loss as a scalar value, and the unweighted mean over the batch of each loss by output port. `shares`, the
 * share of each example in the mean [batch], is 1/batch by default.
 */
export function lossOf(
  { b, outputs }: Pick<Lowering, "b" | "outputs">,
  weights?: Readonly<Record<string, number>>,
  shares?: ValueId,
): { readonly loss: ValueId; readonly parts: Readonly<Record<string, ValueId>> } {
  const scalars = Object.keys(outputs).filter((name) => b.shape(outputs[name] as ValueId).length === 1);
  for (const [name, weight] of Object.entries(weights ?? {})) {
    if (!scalars.includes(name))
      throw new Error(`losses: the net has no scalar output "${name}"${hint(name, scalars)}`);
    if (!Number.isFinite(weight))
      throw new Error(`losses: ${name} takes a finite weight but receives ${weight}`);
  }
  const names = weights ? Object.keys(weights) : scalars;
  if (names.length === 0)
    throw new Error(
      `losses: the net has no scalar output, only ${Object.keys(outputs).join(", ")}; add a loss layer`,
    );
  b.node = "loss";
  const mean = (losses: ValueId): ValueId =>
    shares === undefined ? b.mean(losses, [0]) : b.reduce("sum", b.apply("mul", losses, shares), [0]);
  const parts = Object.fromEntries(
    names.map((name) => [name, b.reshape(mean(outputs[name] as ValueId), [])]),
  );
  const loss = names
    .map((name) => b.apply("mul", parts[name] as ValueId, constant(weights?.[name] ?? 1)))
    .reduce((sum, term) => b.apply("add", sum, term));
  return { loss, parts };
}
