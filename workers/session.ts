/** What a worker runs: sessions that train and generate, several at once if need be, taking turns. */
import { type Endpoint, expose, proxy } from "comlink";
import { parseNet } from "../dsl/json.js";
import { createGenerator } from "../runtime/generator.js";
import { createTrainer } from "../runtime/trainer.js";
import { generateOptions, trainOptions } from "./door.js";
import { carryErrorsWhole } from "./errors.js";
import { generateSession } from "./generate-session.js";
import type { Service } from "./protocol.js";
import { trainSession } from "./train-session.js";

const service: Service = {
  async train(net, options) {
    return proxy(trainSession(await createTrainer(parseNet(net), trainOptions(options))));
  },
  async generate(model, options) {
    return proxy(generateSession(await createGenerator(parseNet(model), generateOptions(options))));
  },
};

/** Answers what comes in at `endpoint`: a worker's own scope, or a port. */
export function serve(endpoint: Endpoint): void {
  carryErrorsWhole();
  expose(service, endpoint);
}
