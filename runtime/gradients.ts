import type { NDArray } from "../dsl/array.js";
import { hint } from "../dsl/message.js";
import type { Net } from "../dsl/net.js";
import { initialize } from "../dsl/parameters.js";
import type { BackendName } from "./backends/backend.js";
import { toBatch } from "./batch.js";
import { lowerNet, readArrays, withExecutable, writeKeys, writeWeights } from "./compile.js";
import { differentiate } from "./differentiate.js";
import { lossOf } from "./loss.js";
import type { ValueId } from "./program.js";
import type { Column } from "./training.js";

export interface GradientOptions {
  readonly backend?: BackendName;
  readonly seed?: number;
  readonly mode?: "train" | "evaluate";
  /** Parameter paths and real input ports. Default: every trained parameter. */
  readonly of?: readonly string[];
  /** The weight of each scalar output in the loss. Default: 1 for every one. */
  readonly losses?: Readonly<Record<string, number>>;
}

/**
 * The loss of a batch, Σ weight · mean over the batch of each scalar output, and its gradient with respect to
 * parameters (by path) and inputs (by port). Every output of the net that is not a scalar is left out.
 */
export async function gradients(
  net: Net,
  inputs: Readonly<Record<string, Column>> = {},
  { backend = "simd", seed = 0, mode = "train", of, losses }: GradientOptions = {},
): Promise<{ readonly loss: number; readonly gradients: Record<string, NDArray> }> {
  const { columns, count = 1, given } = toBatch(net, inputs);
  const ready = initialize(net, { seed, given });
  const lowering = lowerNet(ready, { batch: count, mode, given });
  const { b, layout, weights } = lowering;
  const { loss } = lossOf(lowering, losses);
  const wanted = of ?? layout.parameters.parts.map((part) => part.path);
  const wrt = wanted.map((name) => weights.get(name) ?? b.inputs[name]);
  const missing = wrt.indexOf(undefined);
  if (missing >= 0) {
    const name = wanted[missing] as string;
    throw new Error(
      `of: the net has no parameter or input "${name}"${hint(name, [...weights.keys(), ...Object.keys(b.inputs)])}`,
    );
  }
  differentiate(b, loss, wrt as ValueId[]).forEach((id, i) => {
    b.outputs[wanted[i] as string] = id;
  });
  b.outputs["#loss"] = loss;
  return withExecutable(b.program(), backend, async (executable) => {
    writeWeights(executable, ready, layout);
    writeKeys(executable, b, seed, 0);
    for (const [name, { data }] of Object.entries(columns)) executable.write(name, data);
    executable.run();
    const [value] = await executable.read("#loss");
    return { loss: value as number, gradients: await readArrays(executable, b, wanted) };
  });
}
