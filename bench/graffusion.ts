/** Graffusion: its own trainer, one step at a time. */
import {
  chain,
  type Graph,
  graph,
  initialize,
  integer,
  linear,
  meanSquaredLoss,
  type NDArray,
  relu,
  withParameters,
} from "../dsl/index.js";
import type { BackendName } from "../runtime/backends/backend.js";
import { adam as adamOptimizer } from "../runtime/optimizers.js";
import { createTrainer } from "../runtime/trainer.js";
import { unet } from "../specs/unet.js";
import { closeWorkers, train } from "../workers/index.js";
import { adam, type MlpCase, mlpStart, type TrainingCase, type UNetCase, unetStart } from "./cases.js";
import type { Contender } from "./contender.js";

/** A net with its weights, and one batch of data. */
export interface Task {
  readonly net: Graph;
  readonly data: Readonly<Record<string, NDArray>>;
}

const floats = (shape: readonly number[], data: Float32Array): NDArray => ({ shape, dtype: "float32", data });

function mlpTask(net: MlpCase): Task {
  const { layers, x, y } = mlpStart(net);
  const [inputs, outputs] = [net.sizes[0] as number, net.sizes.at(-1) as number];
  const model = chain(
    layers.flatMap((layer, i) => (i > 0 ? [relu, linear(layer.outputs)] : [linear(layer.outputs)])),
  );
  const training: Graph = graph({
    inputs: { x: [inputs], y: [outputs] },
    nodes: { model, loss: meanSquaredLoss() },
    edges: { model: "x", loss: ["model", "y"] },
    outputs: "loss",
  });
  const weights = layers.flatMap(({ weight, bias, ...layer }, i) => [
    [`model.${2 * i}.weight`, floats([layer.inputs, layer.outputs], weight)] as const,
    [`model.${2 * i}.bias`, floats([layer.outputs], bias)] as const,
  ]);
  return {
    net: withParameters(initialize(training, { seed: 0 }), Object.fromEntries(weights)) as Graph,
    data: { x: floats([net.batchSize, inputs], x), y: floats([net.batchSize, outputs], y) },
  };
}

function unetTask(net: UNetCase): Task {
  const { weights, t, xt, eps } = unetStart(net);
  const { size, channels, tMax } = net.unet;
  const image = [size, size, channels];
  const training: Graph = graph({
    inputs: { t: integer(1, tMax), xt: image, eps: image },
    nodes: { model: unet(net.unet), loss: meanSquaredLoss() },
    edges: { model: { t: "t", xt: "xt" }, loss: ["model", "eps"] },
    outputs: "loss",
  });
  const record = Object.entries(weights).map(
    ([path, { shape, data }]) => [`model.${path}`, floats(shape, data)] as const,
  );
  return {
    net: withParameters(initialize(training, { seed: 0 }), Object.fromEntries(record)) as Graph,
    data: {
      t: { shape: [net.batchSize], dtype: "int32", data: t },
      xt: floats([net.batchSize, ...image], xt),
      eps: floats([net.batchSize, ...image], eps),
    },
  };
}

/** The training net of a case and its batch. */
export const taskOf = (net: TrainingCase): Task => ("sizes" in net ? mlpTask(net) : unetTask(net));

/** The options of a run of one case; `backend` is its name, or `name/n` for n threads or replicas. */
function optionsOf(net: TrainingCase, backend: string) {
  const [name, count = "1"] = backend.split("/");
  const { net: training, data } = taskOf(net);
  const options = {
    data,
    batchSize: net.batchSize,
    optimizer: adamOptimizer(adam),
    ema: false,
    backend: name as BackendName,
  } as const;
  return { training, options, count: Number(count) };
}

/** Every step reads its loss back, as the others do. */
export async function graffusion(net: TrainingCase, backend: string): Promise<Contender> {
  const { training, options, count } = optionsOf(net, backend);
  const until = { steps: Number.MAX_SAFE_INTEGER };
  const trainer = await createTrainer(training, { ...options, threads: count, until });
  return {
    step: async () => (await trainer.run({ steps: 1 })).loss,
    dispose: () => trainer.dispose(),
  };
}

/** Steps that a run of replicas is timed over at least. */
const fewest = 8;

/** A run in workers of its own, as many as the batch is shared by. */
export async function replicas(net: TrainingCase, backend: string): Promise<Contender> {
  const { training, options, count } = optionsOf(net, backend);
  const start = (steps: number) =>
    train(training, { ...options, threads: 1, replicas: count, until: { steps } });
  let steps = 0;
  return {
    async step() {
      // A run begins anew each time: the loss of step n is that of a run of n steps.
      const { losses } = await start(++steps).result;
      return losses.at(-1) as number;
    },
    async time(count) {
      // Its first steps wait for the others to be ready.
      const reports = [];
      for await (const report of start(Math.max(count, fewest) + 1)) reports.push(report);
      const [first, last] = [reports[0], reports.at(-1)];
      if (!first || !last || last.step === first.step)
        throw new Error("replicas: takes two reports at least");
      return (1000 * (last.seconds - first.seconds)) / (last.step - first.step);
    },
    dispose: () => closeWorkers(),
  };
}
