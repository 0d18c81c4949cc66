/** What happens inside a net, computed in a worker. */
import type { Net } from "../dsl/net.js";
import type { InspectOptions, Summary } from "../runtime/inspect.js";
import type { Column } from "../runtime/training.js";
import { seat } from "./pool.js";

/**
 * Summaries of the numbers at every port of a net for a batch of inputs, by path and `path.port`, computed in a worker:
 * see `inspect` of the runtime. `first`, the first numbers of the first example, is what a diagram shows at its ports.
 */
export function inspectNet(
  net: Net,
  inputs: Readonly<Record<string, Column>>,
  options: InspectOptions = {},
): Promise<Record<string, Summary>> {
  return seat().ask((service) => service.inspect(net, inputs, options));
}
