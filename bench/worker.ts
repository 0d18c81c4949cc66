/** The worker in which the contenders live. `run.mjs` asks for one thing at a time: `[method, ...arguments]`. */
import { cases } from "./cases.js";
import type { Contender, Make } from "./contender.js";
import { graffusion } from "./graffusion.js";
import { jaxJs } from "./jax-js.js";
import { layers, tfjs } from "./tfjs.js";

const makers: Record<string, Make> = { graffusion, tfjs, layers, "jax-js": jaxJs };
const living = new Map<string, Contender>();

const methods = {
  /** Makes a contender under the key `id` and takes `steps` steps; returns their losses. */
  async make(id: string, who: string, backend: string, name: string, steps: number): Promise<number[]> {
    const net = cases.find((c) => c.name === name);
    const make = makers[who];
    if (!net || !make) throw new Error(`bench: there is no ${who} for ${name}`);
    const contender = await make(net, backend);
    living.set(id, contender);
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) losses.push(await contender.step());
    return losses;
  },
  /** Takes `steps` steps; returns the milliseconds that one took. */
  async time(id: string, steps: number): Promise<number> {
    const contender = living.get(id) as Contender;
    const start = performance.now();
    for (let i = 0; i < steps; i++) await contender.step();
    return (performance.now() - start) / steps;
  },
  async dispose(id: string): Promise<void> {
    await living.get(id)?.dispose();
    living.delete(id);
  },
};

self.addEventListener("message", async ({ data: [method, ...args] }: MessageEvent) => {
  try {
    const value = await (methods[method as keyof typeof methods] as (...a: unknown[]) => unknown)(...args);
    self.postMessage({ value });
  } catch (error) {
    self.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
});
