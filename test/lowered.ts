/** Nets read in float64 by the interpreter, without a backend: what lowering means. */
import { sizeOf } from "../dsl/array.js";
import type { Net, PortType } from "../dsl/net.js";
import { initialize } from "../dsl/parameters.js";
import { lowerNet } from "../runtime/compile.js";
import { pack } from "../runtime/weights.js";
import { interpret } from "./interpret.js";

export interface Reading {
  /** By output port, flat. */
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  /** What the vector of statistics becomes, where it changes. */
  readonly statistics: readonly number[] | undefined;
}

/** The outputs of a net for a batch of flat inputs by port. Weights that it has not are drawn with seed 1. */
export function read(
  net: Net,
  inputs: Readonly<Record<string, readonly number[]>>,
  {
    batch = 1,
    mode = "evaluate",
    first = 0,
    given = {},
  }: {
    readonly batch?: number;
    readonly mode?: "train" | "evaluate";
    /** The place of the first example in a larger batch. */
    readonly first?: number;
    readonly given?: Readonly<Record<string, PortType>>;
  } = {},
): Reading {
  const ready = initialize(net, { seed: 1, given });
  const { b, layout, outputs, statistics } = lowerNet(ready, { batch, mode, given });
  Object.assign(b.outputs, outputs);
  if (statistics !== undefined) b.outputs["#statistics"] = statistics;
  const values: Record<string, ArrayLike<number>> = { ...inputs };
  for (const name of ["parameters", "frozen", "statistics"] as const)
    values[name] = pack(ready, layout[name]);
  for (const name of Object.keys(b.inputs))
    if (name.startsWith("#key")) values[name] = [3, 0, first * Number(name.slice(4))];
  for (const [name, data] of Object.entries(inputs)) {
    const want = sizeOf(b.shape(b.inputs[name] as number));
    if (data.length !== want) throw new Error(`${name}: takes ${want} numbers but receives ${data.length}`);
  }
  const { "#statistics": changed, ...results } = interpret(b.program(), values);
  return {
    outputs: Object.fromEntries(Object.entries(results).map(([name, data]) => [name, [...data]])),
    statistics: changed && [...changed],
  };
}
