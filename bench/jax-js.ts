/** jax-js: loss and gradient by `valueAndGrad`, Adam written out, the whole step under one `jit`. */
import { defaultDevice, init, type Array as JaxArray, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { adam, mlpStart, type TrainingCase } from "./cases.js";
import type { Contender } from "./contender.js";

type Arrays = JaxArray[];

export async function jaxJs(net: TrainingCase, backend: string): Promise<Contender> {
  if (!("sizes" in net)) throw new Error(`jaxJs: the benchmark takes MLPs but receives ${net.name}`);
  if (backend !== "wasm")
    throw new Error(`jaxJs: the benchmark takes the backend wasm but receives ${backend}`);
  await init("wasm");
  defaultDevice("wasm");
  const start = mlpStart(net);
  const x = np.array(start.x).reshape([net.batchSize, net.sizes[0] as number]);
  const y = np.array(start.y).reshape([net.batchSize, net.sizes.at(-1) as number]);
  let parameters: Arrays = start.layers.flatMap(({ weight, bias, inputs, outputs }) => [
    np.array(weight).reshape([inputs, outputs]),
    np.array(bias),
  ]);
  let first: Arrays = parameters.map((p) => np.zeros(p.shape));
  let second: Arrays = parameters.map((p) => np.zeros(p.shape));
  let step = 0;

  // Arrays are owned: each use but the last takes `.ref`.
  const loss = (weights: Arrays, input: JaxArray, target: JaxArray): JaxArray => {
    let h = input;
    for (let i = 0; i < weights.length; i += 2) {
      h = np.matmul(h, weights[i] as JaxArray).add(weights[i + 1] as JaxArray);
      if (i + 2 < weights.length) h = nn.relu(h);
    }
    return np.mean(np.square(h.sub(target)));
  };
  const update = jit(
    (
      p: Arrays,
      m: Arrays,
      v: Arrays,
      rate: JaxArray,
      correction: JaxArray,
      input: JaxArray,
      target: JaxArray,
    ) => {
      const [value, gradient] = valueAndGrad(loss)(
        p.map((a) => a.ref),
        input,
        target,
      ) as [JaxArray, Arrays];
      const m1 = m.map((a, i) => a.mul(adam.beta1).add((gradient[i] as JaxArray).ref.mul(1 - adam.beta1)));
      const v1 = v.map((a, i) =>
        a.mul(adam.beta2).add(np.square(gradient[i] as JaxArray).mul(1 - adam.beta2)),
      );
      const p1 = p.map((a, i) => {
        const deviation = np.sqrt((v1[i] as JaxArray).ref.mul(correction.ref)).add(adam.epsilon);
        return a.sub((m1[i] as JaxArray).ref.mul(rate.ref).div(deviation));
      });
      rate.dispose();
      correction.dispose();
      return [value, p1, m1, v1] as [JaxArray, Arrays, Arrays, Arrays];
    },
  );
  return {
    async step() {
      step++;
      const rate = np.array(adam.learningRate / (1 - adam.beta1 ** step));
      const correction = np.array(1 / (1 - adam.beta2 ** step));
      const [value, p, m, v] = update(parameters, first, second, rate, correction, x.ref, y.ref);
      [parameters, first, second] = [p, m, v];
      const [number] = await value.data();
      return number as number;
    },
    dispose() {
      for (const array of [x, y, ...parameters, ...first, ...second]) array.dispose();
      update.dispose();
    },
  };
}
