/**
 * What a worker runs: sessions that train and generate, several at once if need be, taking turns. What trains comes with
 * the worker; the others, and what replicas need, when they are first asked for.
 */
import { type Endpoint, expose, proxy } from "comlink";
import { parseNet } from "../dsl/json.js";
import type { BackendName } from "../runtime/backends/backend.js";
import { readyKernels } from "../runtime/backends/simd/index.js";
import { Idle } from "../runtime/idle.js";
import type { Replica } from "../runtime/replica.js";
import { createTrainer, type Trainer } from "../runtime/trainer.js";
import { generateOptions, inspectInputs, inspectOptions, trainOptions } from "./door.js";
import { carryErrorsWhole } from "./errors.js";
import type { Service } from "./protocol.js";
import { trainSession } from "./train-session.js";

/** What the last samples were drawn with: the next ones of the same net need not compile it. */
const idle = new Idle();

const service: Service = {
  async train(net, options, others = []) {
    const replicas = others.length > 0 ? await import("./exchange.js") : undefined;
    const exchange = replicas && new replicas.FirstReplica(others);
    try {
      const trainer = await createTrainer(parseNet(net), trainOptions(options), exchange);
      return proxy(trainSession(trainer, exchange));
    } catch (error) {
      exchange?.close();
      throw error;
    }
  },
  async follow(net, options, { index, count }, first) {
    const { followSession } = await import("./follow-session.js");
    const start = (backend: BackendName, replica: Replica): Promise<Trainer> =>
      createTrainer(
        parseNet(net),
        { ...trainOptions(options), backend, until: { steps: Number.POSITIVE_INFINITY } },
        replica,
      );
    return proxy(followSession(first, { index, count }, start));
  },
  async generate(model, options) {
    const { startGenerating } = await import("./generate-session.js");
    return proxy(await startGenerating(parseNet(model), generateOptions(options), idle));
  },
  async inspect(net, inputs, options) {
    const { inspect } = await import("../runtime/inspect.js");
    return inspect(parseNet(net), inspectInputs(inputs), inspectOptions(options));
  },
};

/** Answers what comes in at `endpoint`: a worker's own scope, or a port. */
export function serve(endpoint: Endpoint): void {
  carryErrorsWhole();
  void readyKernels();
  expose(service, endpoint);
}
