/** Laws of the table of layers: what is known in part never contradicts what is known in full. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  append,
  attention,
  averagePool,
  batchNorm,
  concat,
  conv2d,
  conv2dTranspose,
  crossEntropyLoss,
  depthwiseConv2d,
  downsample,
  dropout,
  embedding,
  flatten,
  groupNorm,
  type Layer,
  layerNorm,
  layers,
  linear,
  maxPool,
  mean,
  meanAbsoluteLoss,
  meanSquaredLoss,
  type Net,
  type PortType,
  pad,
  parameter,
  part,
  plus,
  randomInteger,
  randomNormal,
  randomUniform,
  relu,
  reshape,
  resize,
  rmsNorm,
  type Shape,
  type Size,
  sinusoidalEmbedding,
  slice,
  softmax,
  thread,
  times,
  total,
  transpose,
  upsample,
} from "../index.js";
import { merge } from "../shape.js";

const reals = (...shape: number[]): PortType => ({ dtype: "real", shape });
const whole = (max: number): PortType => ({ dtype: "integer", shape: [], min: 1, max });

/** Sizes from 1 to 5 by a linear congruential generator, the same at every run. */
let state = 1;
const random = (): number => {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  return state / 2 ** 31;
};
const size = (): number => 1 + Math.floor(5 * random());

/** A layer of each kind with inputs that fit it, of random sizes. */
const samples = (): readonly (readonly [Layer, readonly PortType[]])[] => {
  const [a, b, c, d] = [size(), size(), size(), size()];
  return [
    [linear(a), [reals(b, c)]],
    [relu, [reals(a, b)]],
    [append(), [reals(a), reals()]],
    [append(), [reals(a, b, c), reals(b, c)]],
    [append(), [reals(a, b), reals(c, b)]],
    [concat(), [reals(a, b), reals(a, c), reals(a, d)]],
    [concat({ axis: 0 }), [reals(b, a), reals(c, a)]],
    [reshape([a, b, c]), [reals(b, a * c)]],
    [reshape([a, null]), [reals(b, a * c)]],
    [flatten(), [reals(a, b, c)]],
    [thread((x, y) => x.mul(y)), [reals(a, b), reals(a, b)]],
    [thread((x, y) => x.mul(y), { broadcast: "trailing" }), [reals(a, b), reals(b)]],
    [thread((x, y) => x.mul(y), { broadcast: "leading" }), [reals(a, b), reals(a)]],
    [plus(), [reals(a, b), reals(a, b), reals(a, b)]],
    [times(), [reals(a), reals(a)]],
    [parameter([a, b]), []],
    [randomNormal([a, b]), []],
    [randomUniform([a]), []],
    [randomInteger(1, a), []],
    [embedding(a), [whole(b)]],
    [sinusoidalEmbedding(2 * a), [whole(b)]],
    [softmax(), [reals(a, b)]],
    [layerNorm(), [reals(a, b)]],
    [dropout(0.5), [reals(a, b)]],
    [total({ axes: [0, -1] }), [reals(a, b, c)]],
    [mean(), [reals(a, b)]],
    [meanSquaredLoss(), [reals(a, b), reals(a, b)]],
    [meanAbsoluteLoss(), [reals(a), reals(a)]],
    [crossEntropyLoss(), [reals(a), whole(a)]],
    [crossEntropyLoss({ from: "probabilities" }), [reals(a), reals(a)]],
    ...imageSamples(),
    [groupNorm(a), [reals(b, c, a * d)]],
    [batchNorm(), [reals(a, b, c)]],
    [rmsNorm(), [reals(a, b)]],
    [attention({ heads: a, causal: b > 3 }), [reals(b, c, a * d)]],
    [attention({ heads: a, cross: true }), [reals(b, a * d), reals(c, b, d)]],
    [transpose([2, 0, 1]), [reals(a, b, c)]],
    [part(a - 1, { axis: 1 }), [reals(b, a, c)]],
    [part(-a, { axis: -2 }), [reals(b, a, c)]],
    [slice(a - 1, a + b), [reals(a + b + c, d)]],
    [slice(a - 1, -b, { axis: -1 }), [reals(c, a + b + d)]],
    [slice(-a), [reals(a + b)]],
    [pad([a, b], [c, d]), [reals(a, c)]],
  ];
};
/** Layers of images with images that fit them. */
const imageSamples = (): readonly (readonly [Layer, readonly PortType[]])[] => {
  const [a, b, c, d] = [size(), size(), size(), size()];
  const pair = (): [number, number] => [size(), size()];
  const padding = a % 2 === 0 ? "same" : "valid";
  // Large enough for a kernel of 5 with dilation 5.
  const image = reals(20 + a, 20 + b, c * d);
  const moves = { stride: pair(), padding, dilation: pair() } as const;
  return [
    [conv2d(d * b, pair(), { ...moves, groups: d }), [image]],
    [conv2d(b, pair()), [image]],
    [conv2d(b, pair(), { padding: "valid", dilation: pair() }), [image]],
    [depthwiseConv2d(pair(), { ...moves, multiplier: b }), [image]],
    [conv2dTranspose(b, pair(), { stride: pair(), padding }), [image]],
    [averagePool(pair(), { stride: pair(), padding }), [image]],
    [maxPool(pair()), [image]],
    [upsample(pair(), { method: "bilinear" }), [image]],
    [downsample([a, b]), [reals(a * c, b * d, d)]],
    [resize(pair()), [image]],
  ];
};
const rounds = (check: (layer: Layer, inputs: readonly PortType[]) => void): void => {
  for (let i = 0; i < 50; i++) for (const [layer, inputs] of samples()) check(layer, inputs);
};

/** Some of the sizes forgotten, or all. */
const veiled = (shape: Shape | null): Shape | null =>
  random() < 0.2 ? null : (shape?.map((d): Size => (random() < 0.5 ? null : d)) ?? null);
const forward = (layer: Layer, inputs: readonly PortType[]): PortType => {
  const output = layers[layer.op].forward(layer.options, inputs);
  assert.type(output, "object", `${layer.op}: ${JSON.stringify(output)}`);
  return output as PortType;
};

test("every layer of the table is sampled", () => {
  assert.equal([...new Set(samples().map(([{ op }]) => op))].sort(), Object.keys(layers).sort());
});

test("inputs wholly known give an output wholly known", () => {
  rounds((layer, inputs) => {
    const { shape } = forward(layer, inputs);
    assert.ok(
      shape?.every((d) => Number.isInteger(d) && (d ?? 0) > 0),
      `${layer.op}: ${shape}`,
    );
  });
});

test("forwards from less is no other than forwards from all", () => {
  rounds((layer, inputs) => {
    const less = inputs.map((input) => ({ ...input, shape: veiled(input.shape) }));
    const known = forward(layer, inputs).shape;
    assert.equal(merge(forward(layer, less).shape, known), known, layer.op);
  });
});

test("backwards never contradicts the inputs that the output came from", () => {
  rounds((layer, inputs) => {
    const less = inputs.map((input) => ({ ...input, shape: veiled(input.shape) }));
    const output = forward(layer, inputs).shape;
    const shapes = layers[layer.op].backward?.(layer.options, less, output) ?? [];
    for (const [i, shape] of shapes.entries())
      assert.equal(
        merge(shape, inputs[i]?.shape ?? null),
        inputs[i]?.shape,
        `${layer.op} ${JSON.stringify({ less, output, shape })}`,
      );
  });
});

test("options as written and as parsed are the same", () => {
  rounds((layer) => {
    assert.equal(layers[layer.op].options.parse(layer.options), layer.options);
  });
});

test("options are strict", () => {
  for (const [layer] of samples())
    assert.not(layers[layer.op].options.safeParse({ ...layer.options, other: 1 }).success, layer.op);
});

test("the arrays of a layer have the documented shapes and beginnings", () => {
  const of = (net: Net, ...inputs: PortType[]): unknown => {
    const layer = net as Layer;
    return layers[layer.op].parameters?.(layer.options, inputs);
  };
  const init = { kind: "uniform", bound: 0.5 };
  assert.equal(of(linear(3), reals(4)), { weight: { shape: [4, 3], init }, bias: { shape: [3], init } });
  assert.equal(of(linear(3, { bias: false }), reals(7, 4)), { weight: { shape: [4, 3], init } });
  assert.equal(of(embedding(3), { dtype: "integer", shape: [], min: -1, max: 8 }), {
    weight: { shape: [10, 3], init: { kind: "normal", std: 1 } },
  });
  assert.equal(of(layerNorm(), reals(2, 5)), {
    weight: { shape: [5], init: { kind: "ones" } },
    bias: { shape: [5], init: { kind: "zeros" } },
  });
  const third = { kind: "uniform", bound: 1 / Math.sqrt(5 * 3 * 2) };
  assert.equal(of(conv2d(6, [5, 3], { groups: 2 }), reals(8, 8, 4)), {
    weight: { shape: [5, 3, 2, 6], init: third },
    bias: { shape: [6], init: third },
  });
  assert.equal(of(depthwiseConv2d(2, { multiplier: 3, bias: false }), reals(8, 8, 4)), {
    weight: { shape: [2, 2, 1, 12], init },
  });
  assert.equal(of(conv2dTranspose(1, 2), reals(8, 8, 4)), {
    weight: { shape: [2, 2, 1, 4], init },
    bias: { shape: [1], init },
  });
  const [ones, zeros] = [
    { shape: [4], init: { kind: "ones" } },
    { shape: [4], init: { kind: "zeros" } },
  ];
  assert.equal(of(groupNorm(2), reals(8, 8, 4)), { weight: ones, bias: zeros });
  assert.equal(of(rmsNorm(), reals(8, 4)), { weight: ones });
  assert.equal(of(batchNorm(), reals(8, 8, 4)), {
    weight: ones,
    bias: zeros,
    mean: { ...zeros, statistic: true },
    variance: { ...ones, statistic: true },
  });
  const quarter = { kind: "uniform", bound: 0.25 };
  assert.equal(of(attention({ heads: 2, cross: true, bias: false }), reals(7, 7, 4), reals(9, 16)), {
    queryWeight: { shape: [4, 4], init },
    keyWeight: { shape: [16, 4], init: quarter },
    valueWeight: { shape: [16, 4], init: quarter },
    outputWeight: { shape: [4, 4], init },
  });
  assert.equal(Object.keys(of(attention(), reals(9, 4)) as object), [
    ...["queryWeight", "queryBias", "keyWeight", "keyBias"],
    ...["valueWeight", "valueBias", "outputWeight", "outputBias"],
  ]);
  assert.equal(of(parameter([2], { init: "zeros" })), { value: { shape: [2], init: { kind: "zeros" } } });
});

test.run();
