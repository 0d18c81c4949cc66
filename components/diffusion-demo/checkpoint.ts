/** Weights from a file that `toJSON` wrote. */
import { extract, fromJSON, NetError, replace } from "../../dsl/index.js";
import type { Net } from "../../dsl/net.js";
import { parameterSpecs, parametersOf, withParameters } from "../../dsl/parameters.js";
import { readBytes } from "../../runtime/data/source.js";
import type { Task } from "./task.js";

/** How many faults are told of a file that does not fit. */
const told = 3;

/** Puts weights into a task's model. Throws where they are not those of that model, or not all of them. */
export type Load = <T extends Task>(task: T) => T;

/**
 * The weights in the file at `address`, relative to the page: those of a denoiser, or of a training net with one as its
 * node `model`; gzipped or not. Throws where the file cannot be had, or holds no such net.
 */
export async function readCheckpoint(address: string, signal: AbortSignal): Promise<Load> {
  const bytes = await readBytes(new URL(address, document.baseURI), { signal });
  const weights = saying(address, () => parametersOf(denoiserOf(fromJSON(new TextDecoder().decode(bytes)))));
  return (task) => {
    const { model, net } = task;
    const missing = Object.keys(parameterSpecs(model)).filter((path) => !(path in weights));
    return saying(address, () => {
      if (missing.length > 0)
        throw new NetError(missing.map((path) => ({ path, message: "the file has no numbers for it" })));
      return { ...task, net: replace(net, "model", withParameters(model, weights)), loaded: true };
    });
  };
}

const denoiserOf = (net: Net): Net =>
  net.op === "graph" && "x0" in net.inputs && "model" in net.nodes ? extract(net, "model") : net;

/** What `read` gives; its faults are told as the checkpoint's, the first of many. */
function saying<T>(address: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof NetError)) throw cause;
    const { faults } = cause;
    const lines = faults
      .slice(0, told)
      .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
    const more = faults.length > told ? [`and ${faults.length - told} more`] : [];
    throw new Error(
      [`checkpoint: ${address} does not hold the weights of this model`, ...lines, ...more].join("\n"),
      {
        cause,
      },
    );
  }
}
