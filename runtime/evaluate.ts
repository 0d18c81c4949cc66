import type { NDArray } from "../dsl/array.js";
import type { Net } from "../dsl/net.js";
import { initialize } from "../dsl/parameters.js";
import type { BackendName } from "./backends/backend.js";
import { toBatch } from "./batch.js";
import { lowerNet, readArrays, withExecutable, writeKeys, writeWeights } from "./compile.js";
import type { Column } from "./training.js";

export interface EvaluateOptions {
  /** Default "simd". */
  readonly backend?: BackendName;
  /** Of the random layers and, where the net has none yet, of the weights. Default 0. */
  readonly seed?: number;
  /** What `dropout` does. Default "evaluate". */
  readonly mode?: "train" | "evaluate";
  /** What to give: output ports, or interior values as `"node"` or `"node.port"`. Default: the output ports. */
  readonly of?: readonly string[];
  /** The number of examples, for a net without inputs. Default 1. */
  readonly batchSize?: number;
}

/**
 * The outputs of a net for a batch of inputs: `{ shape: [n, …], dtype, data }` by output port.
 * Inputs are arrays or nested numbers with the examples along the first axis. A net without weights is
 * initialised with `seed`.
 */
export async function evaluate(
  net: Net,
  inputs: Readonly<Record<string, Column>> = {},
  { backend = "simd", seed = 0, mode = "evaluate", of, batchSize = 1 }: EvaluateOptions = {},
): Promise<Record<string, NDArray>> {
  const { columns, count = batchSize, given } = toBatch(net, inputs);
  const ready = initialize(net, { seed, given });
  const { b, layout, value, outputs } = lowerNet(ready, { batch: count, mode, given });
  const wanted = of ?? Object.keys(outputs);
  for (const name of wanted) b.outputs[name] = value(name);
  return withExecutable(b.program(), backend, async (executable) => {
    writeWeights(executable, ready, layout);
    writeKeys(executable, b, seed, 0);
    for (const [name, { data }] of Object.entries(columns)) executable.write(name, data);
    executable.run();
    return readArrays(executable, b, wanted);
  });
}
