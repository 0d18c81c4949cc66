import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  attention,
  batchNorm,
  chain,
  graph,
  groupNorm,
  layerNorm,
  type Net,
  rmsNorm,
} from "../../dsl/index.js";
import { initialize, parametersOf, withParameters } from "../../dsl/parameters.js";
import { read } from "../../test/lowered.js";
import { numbers } from "../../test/random-program.js";

const around = (layer: Net, shape: readonly number[]): Net =>
  graph({ inputs: { x: shape }, nodes: { y: layer }, edges: { y: "x" }, outputs: "y" } as never) as Net;
const run = (net: Net, x: readonly number[], options: Parameters<typeof read>[2] = {}): readonly number[] =>
  Object.values(read(net, { x }, options).outputs)[0] as readonly number[];
const mean = (x: readonly number[]): number => x.reduce((a, v) => a + v, 0) / x.length;
const variance = (x: readonly number[]): number => mean(x.map((v) => (v - mean(x)) ** 2));
const close = (got: readonly number[], want: readonly number[], tolerance = 1e-6): void => {
  assert.is(got.length, want.length);
  want.forEach((v, i) => {
    assert.ok(Math.abs((got[i] as number) - v) < tolerance, `${i}: ${got[i]}, not ${v}`);
  });
};
const data = (n: number, seed = 1): number[] => [...numbers(n, seed)];

test("groupNorm: mean 0 and variance 1 over positions and neighbouring channels", () => {
  const x = data(2 * 3 * 4);
  const y = run(around(groupNorm(2, { epsilon: 1e-12 }), [2, 3, 4]), x);
  for (const group of [0, 1]) {
    const of = (all: readonly number[]): number[] => all.filter((_, i) => Math.floor((i % 4) / 2) === group);
    close([mean(of(y)), variance(of(y))], [0, 1]);
    close(
      of(y),
      of(x).map((v) => (v - mean(of(x))) / Math.sqrt(variance(of(x)))),
    );
  }
});

test("groupNorm of one group over one position, and of as many as channels, are the other norms", () => {
  const x = data(5);
  close(run(around(groupNorm(1), [5]), x), run(around(layerNorm(), [5]), x));
  const each = run(around(groupNorm(2, { epsilon: 1e-12 }), [3, 2]), data(6));
  close(
    [mean([each[0], each[2], each[4]] as number[]), variance([each[1], each[3], each[5]] as number[])],
    [0, 1],
  );
});

test("rmsNorm: x/√(mean x²), the mean not taken off", () => {
  const x = data(4);
  const root = Math.sqrt(mean(x.map((v) => v * v)) + 1e-5);
  close(
    run(around(rmsNorm(), [4]), x),
    x.map((v) => v / root),
  );
});

test("batchNorm in training normalises by channel over batch and positions, and gathers what it saw", () => {
  const net = around(batchNorm({ momentum: 0.9, epsilon: 1e-3 }), [2, 3]);
  const x = data(4 * 2 * 3);
  const of = (channel: number): number[] => x.filter((_, i) => i % 3 === channel);
  const { outputs, statistics } = read(net, { x }, { batch: 4, mode: "train" });
  close(
    outputs.y as number[],
    x.map((v, i) => (v - mean(of(i % 3))) / Math.sqrt(variance(of(i % 3)) + 1e-3)),
  );
  const gathered = [0, 1, 2].map(of);
  close(statistics as number[], [
    ...gathered.map((c) => 0.1 * mean(c)),
    ...gathered.map((c) => 0.9 + 0.1 * variance(c)),
  ]);
});

test("batchNorm in evaluation, and frozen in training, uses the statistics and leaves them", () => {
  const give = (layer: Net): Net =>
    withParameters(initialize(around(layer, [2])), {
      "y.mean": { shape: [2], dtype: "float32", data: Float32Array.of(1, -1) },
      "y.variance": { shape: [2], dtype: "float32", data: Float32Array.of(4, 0.25) },
    });
  const want = [(3 - 1) / Math.sqrt(4 + 1e-5), (5 + 1) / Math.sqrt(0.25 + 1e-5)];
  const evaluated = read(give(batchNorm()), { x: [3, 5] });
  close(evaluated.outputs.y as number[], want);
  assert.is(evaluated.statistics, undefined);
  const frozen = read(give({ ...batchNorm(), frozen: true } as Net), { x: [3, 5] }, { mode: "train" });
  close(frozen.outputs.y as number[], want);
  assert.is(frozen.statistics, undefined);
});

test("a shared batchNorm gathers from one place after the other", () => {
  const layer = { ...batchNorm({ momentum: 0.5 }), shared: "norm" } as Net;
  const net = around(chain([layer, layer]), [1]);
  const { statistics } = read(net, { x: [1, 3] }, { batch: 2, mode: "train" });
  // means 2, then 0; variances 1, then 1 but for epsilon
  close(statistics as number[], [0.5 * (0.5 * 0 + 0.5 * 2), 1], 1e-4);
});

/** The arrays of an attention of c channels that leave what they project as it is. */
const identities = (net: Net, c: number): Net => {
  const eye = Float32Array.from({ length: c * c }, (_, i) => (i % c === Math.floor(i / c) ? 1 : 0));
  const ready = initialize(net);
  return withParameters(
    ready,
    Object.fromEntries(
      Object.entries(parametersOf(ready)).map(([path, array]) => [
        path,
        { ...array, data: array.shape.length === 2 ? eye : new Float32Array(c) },
      ]),
    ),
  );
};

test("attention: each head weighs the positions by its own part of the channels", () => {
  const [n, c, heads] = [3, 4, 2];
  const x = data(n * c);
  const got = run(identities(around(attention({ heads }), [n, c]), c), x);
  const d = c / heads;
  const at = (i: number, h: number, k: number): number => x[i * c + h * d + k] as number;
  const want = x.map((_, index) => {
    const [i, channel] = [Math.floor(index / c), index % c];
    const [h, k] = [Math.floor(channel / d), channel % d];
    const e = Array.from({ length: n }, (_, j) =>
      Math.exp(
        Array.from({ length: d }, (_, l) => at(i, h, l) * at(j, h, l)).reduce((a, b) => a + b, 0) /
          Math.sqrt(d),
      ),
    );
    return e.reduce((sum, weight, j) => sum + weight * at(j, h, k), 0) / e.reduce((a, b) => a + b, 0);
  });
  close(got, want);
});

test("causal attention: the first position sees itself alone, and what comes later changes nothing", () => {
  const net = identities(around(attention({ causal: true }), [3, 2]), 2);
  const x = data(6);
  const y = run(net, x);
  close(y.slice(0, 2), x.slice(0, 2));
  close(run(net, [...x.slice(0, 4), 9, -9]).slice(0, 4), y.slice(0, 4));
});

test("attention of an image is that of its positions, example by example", () => {
  const image = around(attention({ heads: 2 }), [2, 3, 4]);
  const ready = initialize(image, { seed: 4 });
  const row = withParameters(around(attention({ heads: 2 }), [6, 4]), parametersOf(ready));
  const [one, two] = [data(24), data(24, 2)];
  close(run(ready, one), run(row, one));
  close(run(ready, [...one, ...two], { batch: 2 }), [...run(ready, one), ...run(ready, two)]);
});

test.run();
