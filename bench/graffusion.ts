/** Graffusion: the compiled training step by itself, as a training session runs it. */
import { chain, graph, initialize, linear, meanSquaredLoss, relu, withParameters } from "../dsl/index.js";
import type { BackendName } from "../runtime/backends/backend.js";
import { compile } from "../runtime/compile.js";
import { adam as adamOptimizer, optimizerRule } from "../runtime/optimizers.js";
import { dataName, indexName, slotName, trainProgram } from "../runtime/train-program.js";
import { pack } from "../runtime/weights.js";
import { adam, type Case, startOf } from "./cases.js";
import type { Contender } from "./contender.js";

export async function graffusion({ sizes, batchSize }: Case, backend: string): Promise<Contender> {
  const start = startOf({ name: "", sizes, batchSize });
  const inputs = sizes[0] as number;
  const outputs = sizes.at(-1) as number;
  const model = chain(
    start.layers.flatMap((layer, i) => (i > 0 ? [relu, linear(layer.outputs)] : [linear(layer.outputs)])),
  );
  const net = withParameters(
    initialize(
      graph({
        inputs: { x: [inputs], y: [outputs] },
        nodes: { model, loss: meanSquaredLoss() },
        edges: { model: "x", loss: ["model", "y"] },
        outputs: "loss",
      }),
      { seed: 0 },
    ),
    Object.fromEntries(
      start.layers.flatMap(({ weight, bias, ...layer }, i) => [
        [`model.${2 * i}.weight`, { shape: [layer.inputs, layer.outputs], dtype: "float32", data: weight }],
        [`model.${2 * i}.bias`, { shape: [layer.outputs], dtype: "float32", data: bias }],
      ]),
    ),
  );
  const optimizer = adamOptimizer(adam);
  const columns = {
    x: { shape: [batchSize, inputs], dtype: "float32", data: start.x },
    y: { shape: [batchSize, outputs], dtype: "float32", data: start.y },
  } as const;
  const { program, layout } = trainProgram(net, { columns, batchSize, optimizer, average: false });
  const executable = await compile(program, backend as BackendName);
  executable.write("parameters", pack(net, layout.parameters));
  for (const [port, { data }] of Object.entries(columns)) executable.write(dataName(port), data);
  executable.write("alive", Float32Array.of(1));
  executable.write(slotName, Float32Array.of(0));
  executable.write(
    indexName,
    Int32Array.from({ length: batchSize }, (_, i) => i),
  );
  let step = 0;
  return {
    async step() {
      for (const [name, value] of Object.entries(optimizerRule(optimizer).schedule(optimizer, ++step)))
        executable.write(`#${name}`, Float32Array.of(value));
      executable.run();
      const [loss] = await executable.read("history");
      return loss as number;
    },
    dispose: () => executable.dispose(),
  };
}
