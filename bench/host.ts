/** What the command line needs of the TypeScript side. */
import { profile } from "../runtime/profile.js";
import { unet } from "../specs/unet.js";
import { caseOf, formsOf, type TrainingCase } from "./cases.js";
import { taskOf } from "./graffusion.js";

export { adam, caseOf } from "./cases.js";
export { formsOf, unet };

/** What a step of a case costs on simd by count: operations, and bytes of the plan beside those of all values. */
export async function costOf(name: string) {
  const net = caseOf(name) as TrainingCase;
  const { net: training, data } = taskOf(net);
  const options = { data, batchSize: net.batchSize, backend: "simd", runs: 0 } as const;
  const { flops, microBatch, memory } = await profile(training, options);
  return { flops, microBatch, memory };
}
