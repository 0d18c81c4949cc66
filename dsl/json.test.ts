import { test } from "uvu";
import * as assert from "uvu/assert";
import { chain } from "./chain.js";
import { table } from "./expression.js";
import { fn } from "./fn.js";
import { graph } from "./graph.js";
import { fromJSON, parseNet, toJSON } from "./json.js";
import { flatten, reshape } from "./layers/arrange.js";
import { gelu, relu } from "./layers/elementwise.js";
import { embedding, sinusoidalEmbedding } from "./layers/embedding.js";
import { append, concat } from "./layers/join.js";
import { linear } from "./layers/linear.js";
import { crossEntropyLoss, meanSquaredLoss } from "./layers/losses.js";
import { dropout, layerNorm, softmax } from "./layers/normalize.js";
import { mean, total } from "./layers/reduce.js";
import { parameter, randomInteger, randomNormal, randomUniform } from "./layers/sources.js";
import { plus, times } from "./layers/sum.js";
import { thread } from "./layers/thread.js";
import { NetError } from "./message.js";
import type { Net } from "./net.js";
import { initialize } from "./parameters.js";
import { any, anything, integer } from "./ports.js";
import { uniforms } from "./random.js";

const sqrtAlphaBar = table("sqrtAlphaBar", [0.9, 0.5, 1 / 3]);
const denoiser = graph({
  inputs: { t: integer(1, 3), xt: [2] },
  nodes: {
    tScale: fn({ t: integer(1, 3) }, ({ t }) => t.sub(1).div(2).sub(0.5)),
    model: chain([append(), linear(4), relu, layerNorm(), dropout(0.1), linear(2)]),
  },
  edges: { tScale: "t", model: ["xt", "tScale"] },
  outputs: "model",
});
const everything = graph({
  inputs: { x0: [2], k: integer(0, 3), open: [any] },
  nodes: {
    t: randomInteger(1, 3),
    eps: randomNormal([2]),
    u: randomUniform([2], { min: -1 }),
    xt: fn({ t: integer(1, 3), x0: [2], eps: [2] }, ({ t, x0, eps }) => sqrtAlphaBar(t).mul(x0).add(eps)),
    model: denoiser,
    w: parameter([2], { value: [Math.fround(0.1), -0], trainable: false }),
    sum: plus(),
    product: times(),
    mix: thread((a, b) => a.mul(b).sub(1e-9)),
    code: sinusoidalEmbedding(4),
    class: embedding(2),
    all: concat(),
    folded: chain([reshape([2, 5]), flatten(), gelu, softmax(), linear(3, { bias: false })]),
    whole: total(),
    average: mean(),
    loss: meanSquaredLoss(),
    other: crossEntropyLoss(),
  },
  edges: {
    xt: ["t", "x0", "eps"],
    model: { t: "t", xt: "xt" },
    sum: ["model", "u", "w"],
    product: ["sum", "open"],
    mix: ["product", "x0"],
    code: "t",
    class: "k",
    all: ["mix", "code", "class", "model.model.1.output"],
    folded: "mix",
    whole: "mix",
    average: "code",
    loss: ["mix", "eps"],
    other: ["class", "t"],
  },
  outputs: ["loss", "all", "whole", "average"],
} as never);

const failure = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    assert.instance(error, NetError);
    return (error as NetError).message;
  }
  return "no error";
};
const valid = (() => {
  const { all, folded, other, ...nodes } = (everything as unknown as { nodes: Record<string, Net> }).nodes;
  const {
    all: _,
    folded: __,
    other: ___,
    ...edges
  } = (everything as unknown as { edges: Record<string, never> }).edges;
  return initialize(
    { ...everything, nodes, edges, outputs: { loss: "loss", whole: "whole", average: "average" } } as Net,
    { seed: 4 },
  );
})();

test("a net comes back from JSON as it was, to the last bit", () => {
  assert.equal(fromJSON(toJSON(valid)), valid);
  assert.equal(fromJSON(JSON.parse(toJSON(valid))), valid);
  assert.equal(parseNet(structuredClone(valid)), valid);
});

test("so do nets whose sizes are left open", () => {
  const nets: Net[] = [
    linear(3),
    relu,
    chain([linear(3), relu]),
    fn({ x: anything }, ({ x }) => x.sin()),
    concat({ axis: 0 }),
  ];
  for (const net of nets) assert.equal(fromJSON(toJSON(net)), net);
});

/** The document of a valid net with one thing changed. */
// biome-ignore lint/suspicious/noExplicitAny: the change may be anywhere, and of any type
const changed = (change: (document: any) => void): (() => Net) => {
  const document = JSON.parse(toJSON(initialize(denoiser)));
  change(document);
  return () => fromJSON(JSON.stringify(document));
};

test("what is wrong is told with its place", () => {
  const cases: [() => unknown, string | RegExp][] = [
    [() => fromJSON("{"), /^takes JSON but receives something else: /],
    [() => fromJSON("[]"), /expected object/],
    [changed((d) => (d.version = 2)), "version: takes version 1 but receives 2"],
    [
      changed((d) => (d.net.nodes.model.layers[1].op = "liner")),
      "net.nodes.model.layers.1.op: there is no layer liner; did you mean linear?",
    ],
    [
      changed((d) => (d.net.nodes.model.layers[1].options.nOut = 0)),
      /^net\.nodes\.model\.layers\.1\.options\.nOut: /,
    ],
    [
      changed((d) => (d.net.nodes.model.layers[1].options.width = 0)),
      /^net\.nodes\.model\.layers\.1\.options: .*width/,
    ],
    [
      changed((d) => (d.net.nodes.model.layers[1].arrays.weight.data = "?")),
      "net.nodes.model.layers.1.arrays.weight.data: takes base64 of float32 numbers",
    ],
    [
      changed((d) => (d.net.nodes.model.layers[1].arrays.weight.data = "AADAfw==")),
      /^model\.1: weight takes 12 numbers but receives 1$/,
    ],
    [
      changed((d) => (d.net.nodes.model.layers[1].arrays.weight.shape = [4, 3])),
      "model.1: weight takes [3, 4] but receives [4, 3]",
    ],
    [
      changed((d) => (d.net.nodes.model.layers[1].options.nOut = 5)),
      /^model\.1: weight takes \[3, 5\] but receives \[3, 4\]/,
    ],
    [
      changed((d) => (d.net.edges.tScale.t = "tt")),
      /^tScale: port t comes from tt, which is no input or node/,
    ],
    [changed((d) => (d.net.edges.tScale.t = "model")), /cycle/],
    [changed((d) => delete d.net.edges.tScale), /^tScale: port t receives nothing/],
    [
      changed((d) => (d.net.inputs.t.max = 4)),
      /^tScale: port t takes integer\(1, 3\) but receives integer\(1, 4\)/,
    ],
    [changed((d) => (d.net.inputs.t.min = 4)), /^net\.inputs\.t\.max: takes min <= max/],
    [
      changed((d) => (d.net.nodes.tScale.body[2].args = [0, 2])),
      "tScale: step 2 takes the results of earlier steps but receives that of step 2",
    ],
    [
      changed((d) => (d.net.nodes.tScale.body[2].args = [0])),
      "tScale: step 2: sub takes 2 arguments but receives 1",
    ],
    [changed((d) => (d.net.nodes.tScale.body[0].name = "s")), "tScale: step 0: there is no port s"],
    [changed((d) => (d.net.nodes.tScale.body[0].op = "eval")), /^net\.nodes\.tScale\.body\.0\.op: /],
    [changed((d) => (d.net.nodes["a.b"] = d.net.nodes.tScale)), /a name takes no dot/],
    [() => fromJSON(toJSON(denoiser).replace('"tScale":{', '"__proto__":{')), "__proto__ cannot be a name"],
    [() => parseNet(null), "takes a net"],
    [() => parseNet({ op: 3 }), "op: takes the name of a layer"],
    [() => parseNet(() => 1), "takes a net"],
  ];
  for (const [f, words] of cases) {
    const message = failure(f);
    if (typeof words === "string") assert.is(message, words);
    else assert.match(message, words);
  }
});

test("NaN in an array is refused, in files and in messages", () => {
  const net = initialize(linear4());
  (
    net as unknown as { nodes: { y: { arrays: { bias: { data: Float32Array } } } } }
  ).nodes.y.arrays.bias.data[1] = Number.NaN;
  for (const door of [() => parseNet(net), () => fromJSON(toJSON(net))])
    assert.is(failure(door), "y: bias takes finite numbers but receives NaN at 1");
});
const linear4 = (): Net =>
  structuredClone(graph({ inputs: { x: [4] }, nodes: { y: linear(4) }, edges: { y: "x" }, outputs: "y" }));

test("what is too deep, or turns in a circle, is refused", () => {
  const deep = `{"format":"graffusion","version":1,"net":${'{"op":"chain","layers":['.repeat(10_000)}`;
  assert.match(
    failure(() => fromJSON(`${deep}${"]}".repeat(10_000)}}`)),
    /levels/,
  );
  assert.match(
    failure(() => fromJSON(`${"[".repeat(100_000)}${"]".repeat(100_000)}`)),
    /levels|JSON/,
  );
  const circle: { op: string; layers: unknown[] } = { op: "chain", layers: [] };
  circle.layers.push(circle);
  assert.match(
    failure(() => parseNet(circle)),
    /levels/,
  );
  const lattice = Array.from({ length: 40 }).reduce(
    (inner: unknown) => ({ op: "chain", layers: [inner, inner] }),
    relu,
  );
  assert.match(
    failure(() => parseNet(lattice)),
    /values/,
  );
  let nested: Net = relu;
  for (let i = 0; i < 190; i++) nested = { op: "chain", layers: [nested] };
  assert.equal(fromJSON(toJSON(nested)), nested);
});

test("names of JavaScript's own do no harm", () => {
  for (const name of ["constructor", "toString", "hasOwnProperty", "valueOf"]) {
    const net = initialize(
      graph({
        inputs: { [name]: [2] },
        nodes: { y: linear(1) },
        edges: { y: name },
        outputs: { [name]: "y" },
      } as never),
    );
    assert.is(toJSON(fromJSON(toJSON(net))), toJSON(net));
    assert.match(
      failure(() => fromJSON(toJSON(net).replace('"op":"linear"', `"op":"${name}"`))),
      /there is no layer/,
    );
    assert.match(
      failure(() =>
        fromJSON(toJSON(net).replace(`"y":{"input":"${name}"}`, '"y":{"input":"isPrototypeOf"}')),
      ),
      /no input or node/,
    );
  }
  assert.is(({} as Record<string, unknown>).polluted, undefined);
});

/** Replaces, removes, copies and renames anything anywhere in a document. */
function mutate(document: unknown, draws: () => number): void {
  const places: [Record<string, unknown>, string][] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      collect((value as Record<string, unknown>)[key]);
    }
  };
  collect(document);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(draws() * list.length)] as T;
  const [holder, key] = pick(places);
  const [other, otherKey] = pick(places);
  const junk = [
    null,
    true,
    -1,
    0,
    1,
    2.5,
    1e300,
    2 ** 31,
    "",
    "x",
    "model.1",
    "__proto__",
    "output",
    [],
    [1],
    {},
    { op: "linear" },
  ];
  const kind = Math.floor(draws() * 5);
  if (kind === 0) delete holder[key];
  else if (kind === 1) holder[key] = pick(junk);
  else if (kind === 2) holder[key] = structuredClone(other[otherKey]);
  else if (kind === 3)
    holder[String(pick(["a", "0", "op", "constructor", "shape", "bias", otherKey]))] = structuredClone(
      holder[key],
    );
  else [holder[key], other[otherKey]] = [structuredClone(other[otherKey]), structuredClone(holder[key])];
}

test("no change of a document makes anything but a NetError, nor takes long", () => {
  const text = toJSON(valid);
  let accepted = 0;
  for (let round = 0; round < 500; round++) {
    const numbers = uniforms(64, { seed: 6, step: round });
    let i = 0;
    const draws = (): number => numbers[i++ % 64] as number;
    const document = JSON.parse(text);
    for (let n = Math.floor(draws() * 3); n >= 0; n--) mutate(document, draws);
    const start = performance.now();
    try {
      const net = fromJSON(document);
      accepted++;
      assert.is(toJSON(fromJSON(toJSON(net))), toJSON(net), `round ${round}`);
    } catch (error) {
      if (!(error instanceof NetError)) throw new Error(`round ${round}: ${(error as Error).stack}`);
      assert.ok(error.faults.length > 0 && error.message.length < 100_000);
    }
    assert.ok(performance.now() - start < 10_000, `round ${round} takes ${performance.now() - start} ms`);
  }
  assert.ok(accepted > 10 && accepted < 400, `${accepted} of 500 changes left a valid net`);
});

test("nor does any change of the text", () => {
  const text = toJSON(denoiser);
  for (let round = 0; round < 400; round++) {
    const [at = 0, length = 0, from = 0] = uniforms(3, { seed: 7, step: round });
    const [start, source] = [Math.floor(at * text.length), Math.floor(from * text.length)];
    const span = Math.floor(length * 12);
    const message = failure(() =>
      fromJSON(text.slice(0, start) + text.slice(source, source + span) + text.slice(start + span)),
    );
    assert.ok(message.length > 0);
  }
});

test.run();
