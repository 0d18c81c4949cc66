/** The worker in which the contenders live. `worker.mjs` asks for one thing at a time: `[method, ...arguments]`. */
import { type Case, caseOf } from "./cases.js";
import type { Contender } from "./contender.js";
import { graffusionDdpm, spreadDdpm, tfjsDdpm } from "./ddpm.js";
import { graffusion, replicas } from "./graffusion.js";
import { jaxJs } from "./jax-js.js";
import { peak } from "./peak.js";
import { tfjs } from "./tfjs.js";
import { layers } from "./tfjs-layers.js";

const trainers = { graffusion, replicas, tfjs, layers, "jax-js": jaxJs };
const samplers = { graffusion: graffusionDdpm, spread: spreadDdpm, tfjs: tfjsDdpm };

const make = (who: string, net: Case, backend: string): Promise<Contender> =>
  "points" in net
    ? samplers[who as keyof typeof samplers](net, backend)
    : trainers[who as keyof typeof trainers](net, backend);
const living = new Map<string, Contender>();

const methods = {
  /** Makes a contender under the key `id` and takes `steps` steps; returns what they give. */
  async make(id: string, who: string, backend: string, name: string, steps: number): Promise<number[]> {
    const contender = await make(who, caseOf(name), backend);
    living.set(id, contender);
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) losses.push(await contender.step());
    return losses;
  },
  /** Takes `steps` steps; returns the milliseconds that one took. */
  async time(id: string, steps: number): Promise<number> {
    const contender = living.get(id) as Contender;
    if (contender.time) return contender.time(steps);
    const start = performance.now();
    for (let i = 0; i < steps; i++) await contender.step();
    return (performance.now() - start) / steps;
  },
  async dispose(id: string): Promise<void> {
    await living.get(id)?.dispose();
    living.delete(id);
  },
  peak,
};

self.addEventListener("message", async ({ data: [method, ...args] }: MessageEvent) => {
  try {
    const value = await (methods[method as keyof typeof methods] as (...a: unknown[]) => unknown)(...args);
    self.postMessage({ value });
  } catch (error) {
    self.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
});
