import { test } from "uvu";
import * as assert from "uvu/assert";
import { apply, type Nested } from "./apply.js";
import { chain } from "./chain.js";
import { flattenNet } from "./flatten-net.js";
import { fn } from "./fn.js";
import { graph } from "./graph.js";
import { inferShapes } from "./infer.js";
import { information } from "./information.js";
import { relu } from "./layers/elementwise.js";
import { append } from "./layers/join.js";
import { linear } from "./layers/linear.js";
import { meanSquaredLoss } from "./layers/losses.js";
import { randomNormal } from "./layers/sources.js";
import { plus } from "./layers/sum.js";
import { NetError } from "./message.js";
import type { Graph, Net } from "./net.js";
import { initialize, parameterSpecs, parametersOf } from "./parameters.js";
import { integer } from "./ports.js";
import { rename } from "./rename.js";
import { extract, freeze, replace, share, unfreeze } from "./surgery.js";
import { walk } from "./walk.js";
import { inputsOf } from "./wiring.js";

const denoiser = graph({
  inputs: { t: integer(1, 200), xt: [2] },
  nodes: {
    tScale: fn({ t: integer(1, 200) }, ({ t }) => t.sub(1).div(199).sub(0.5)),
    model: chain([append(), linear(8), relu, linear(2)]),
  },
  edges: { tScale: "t", model: ["xt", "tScale"] },
  outputs: "model",
});
const trainingNet: Net = initialize(
  graph({
    inputs: { t: integer(1, 200), x0: [2] },
    nodes: {
      eps: randomNormal([2]),
      xt: fn({ x0: [2], eps: [2] }, ({ x0, eps }) => x0.add(eps)),
      model: denoiser,
      probe: relu,
      loss: meanSquaredLoss(),
    },
    edges: {
      xt: ["x0", "eps"],
      model: { t: "t", xt: "xt" },
      probe: "model.model.1.output",
      loss: ["model", "eps"],
    },
    outputs: { loss: "loss", scale: "model.tScale", hidden: "probe" },
  } as never),
  { seed: 1 },
);

const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    assert.instance(error, NetError);
    return (error as NetError).message;
  }
  return "no error";
};
const before = structuredClone(trainingNet);
test.after.each(() => assert.equal(trainingNet, before, "the given net has changed"));

test("what is put back where it was taken from gives the net itself", () => {
  for (const [path] of walk(trainingNet))
    assert.equal(replace(trainingNet, path, extract(trainingNet, path)), trainingNet, path);
  assert.is(extract(trainingNet, ""), trainingNet);
});

test("a part comes with its weights", () => {
  const layer = extract(trainingNet, "model.model.1");
  assert.is(layer.op, "linear");
  assert.equal(parametersOf(layer).weight, parametersOf(trainingNet)["model.model.1.weight"]);
  assert.equal(Object.keys(parametersOf(extract(trainingNet, "model"))), [
    "model.1.weight",
    "model.1.bias",
    "model.3.weight",
    "model.3.bias",
  ]);
});

test("replacing with what does not fit is refused", () => {
  const words = message(() => replace(trainingNet, "model.model.1", linear(2)));
  assert.match(words, /model\.model\.3: weight takes \[2, 2\] but receives \[8, 2\]/);
  assert.match(
    message(() => replace(trainingNet, "model", linear(2))),
    /^model: /,
  );
  const wider = replace(trainingNet, "model.model", chain([append(), linear(16), relu, linear(2)]));
  assert.equal(parameterSpecs(wider)["model.model.1.weight"]?.shape, [3, 16]);
});

test("an unknown path offers the nearest name", () => {
  assert.is(
    message(() => extract(trainingNet, "modle")),
    "there is no node modle; did you mean model?",
  );
  assert.is(
    message(() => extract(trainingNet, "model.tscale")),
    "model: there is no node tscale; did you mean tScale?",
  );
  assert.is(
    message(() => freeze(trainingNet, "model.model.7")),
    "model.model: there is no layer 7; the positions are 0 to 3",
  );
  assert.is(
    message(() => replace(trainingNet, "loss.x", relu)),
    "loss: there is no node x, since meanSquaredLoss has no nodes inside",
  );
  assert.is(
    message(() => extract(trainingNet, "constructor")),
    "there is no node constructor",
  );
});

test("a new name is followed by edges, outputs, outer references and the ports of nested graphs", () => {
  const net = rename(trainingNet, "model.tScale", "code");
  assert.equal((extract(net, "model") as Graph).edges, {
    code: { t: "t" },
    model: { "0": "xt", "1": "code" },
  });
  assert.is((net as Graph).outputs.scale, "model.code");

  const inner = rename(trainingNet, "model.model", "body") as Graph;
  assert.equal((extract(inner, "model") as Graph).outputs, { model: "body" });
  assert.equal(inner.edges.probe, { input: "model.body.1.output" });

  const outer = rename(trainingNet, "model", "denoiser") as Graph;
  assert.equal(outer.edges.loss, { input: "denoiser", target: "eps" });
  assert.equal(outer.edges.probe, { input: "denoiser.model.1.output" });
  assert.is(outer.outputs.scale, "denoiser.tScale");

  const port = rename(trainingNet, "model.xt", "x") as Graph;
  assert.equal(port.edges.model, { t: "t", x: "xt" });
  assert.equal((extract(port, "model") as Graph).edges.model, { "0": "x", "1": "tScale" });
  assert.equal(Object.keys(inferShapes(rename(trainingNet, "x0", "x"))[""]?.inputs ?? {}), ["t", "x"]);

  for (const [path, to] of [
    ["model.tScale", "code"],
    ["model.model", "body"],
    ["model", "m"],
    ["model.xt", "x"],
    ["t", "time"],
    ["loss", "l"],
  ] as const) {
    const there = rename(trainingNet, path, to);
    inferShapes(there);
    const back = [...path.split(".").slice(0, -1), to].join(".");
    assert.equal(rename(there, back, path.split(".").at(-1) as string), trainingNet, path);
  }
});

test("the input of a graph that begins a chain is the chain's port", () => {
  const net = graph({
    inputs: { x: [2] },
    nodes: {
      both: chain([graph({ inputs: { a: [2] }, nodes: { r: relu }, edges: { r: "a" }, outputs: "r" }), relu]),
    },
    edges: { both: { a: "x" } },
    outputs: "both",
  } as never);
  const renamed = rename(net, "both.0.a", "b") as Graph;
  assert.equal(renamed.edges.both, { b: "x" });
  inferShapes(renamed);
});

test("a name that cannot be is refused", () => {
  assert.is(
    message(() => rename(trainingNet, "model", "loss")),
    "the name loss is taken",
  );
  assert.is(
    message(() => rename(trainingNet, "model", "a.b")),
    'the name "a.b" is empty or has a dot',
  );
  assert.is(
    message(() => rename(trainingNet, "modl", "m")),
    "there is no input or node modl; did you mean model?",
  );
  assert.is(
    message(() => rename(trainingNet, "model.model.1", "m")),
    "model.model: rename takes a node or an input of a graph but receives model.model.1",
  );
});

test("what is frozen is not trained; unfreezing undoes it", () => {
  const frozen = freeze(trainingNet, "model.model.1");
  const trainable = Object.entries(parameterSpecs(frozen)).flatMap(([path, spec]) =>
    spec.trainable ? [path] : [],
  );
  assert.equal(trainable, ["model.model.3.weight", "model.model.3.bias"]);
  assert.equal(unfreeze(frozen), trainingNet);
  assert.equal(unfreeze(freeze(trainingNet), "model"), trainingNet);
  assert.equal(freeze(frozen, "model.model.1"), frozen);
});

test("parts that share have the arrays of the first, and are frozen together", () => {
  const part = (): Net => chain([linear(4), relu, linear(4)]);
  const net = initialize(
    graph({
      inputs: { x: [4] },
      nodes: { a: part(), b: part(), c: part() },
      edges: { a: "x", b: "a", c: "b" },
      outputs: "c",
    }),
  );
  const two = share(net, ["a", "b"]);
  assert.is(Object.keys(parametersOf(two)).length, 8);
  assert.equal(parametersOf(extract(two, "b")), parametersOf(extract(net, "a")));
  assert.equal(parametersOf(extract(two, "c")), parametersOf(extract(net, "c")));
  const three = share(two, ["c", "b"]);
  assert.equal(Object.keys(parametersOf(three)), ["a.0.weight", "a.0.bias", "a.2.weight", "a.2.bias"]);
  assert.equal(parametersOf(three)["a.0.weight"], parametersOf(net)["c.0.weight"]);
  const frozen = freeze(three, "b.0");
  assert.equal(
    Object.values(parameterSpecs(frozen)).map(({ trainable }) => trainable),
    [false, false, true, true],
  );
  assert.equal(unfreeze(frozen, "a"), three);
  assert.is(
    message(() => share(trainingNet, ["model.model.1", "model.model.3"])),
    'model.model.3: share takes linear {"nOut":8,"bias":true} but receives linear {"nOut":2,"bias":true}',
  );
  assert.is(
    message(() => share(trainingNet, ["loss", "eps"])).slice(0, 54),
    "loss: share takes layers with arrays but receives none",
  );
  const sizes = graph({
    inputs: { x: [3] },
    nodes: { a: linear(4), b: linear(4) },
    edges: { a: "x", b: "a" },
    outputs: "b",
  });
  assert.match(
    message(() => share(sizes, ["a", "b"])),
    /^b: weight takes \[4, 4\] but receives \[3, 4\]/,
  );
});

/** Values of nets made of traced functions, by the definition: every reference is followed anew. */
function valuesOf(net: Net, inputs: Readonly<Record<string, Nested>>): Record<string, Nested> {
  if (net.op === "fn") return { output: apply(net, inputs) };
  if (net.op === "chain") {
    const [first, ...rest] = net.layers as [Net, ...Net[]];
    return rest.reduce(
      (got, next) => valuesOf(next, { [inputsOf(next)[0] as string]: Object.values(got)[0] as Nested }),
      valuesOf(first, inputs),
    );
  }
  const { nodes, edges, outputs } = net as Graph;
  const read = (source: string): Nested => {
    if (Object.hasOwn(inputs, source)) return inputs[source] as Nested;
    const [name = "", port] = source.split(".");
    const wires = Object.entries(edges[name] ?? {}).map(([to, from]) => [to, read(from)]);
    const got = valuesOf(nodes[name] as Net, Object.fromEntries(wires));
    return (port === undefined ? Object.values(got)[0] : got[port]) as Nested;
  };
  return Object.fromEntries(Object.entries(outputs).map(([to, from]) => [to, read(from)]));
}

test("a flattened net is the same function", () => {
  const twice = fn({ x: [2] }, ({ x }) => x.mul(2));
  const inc = fn({ x: [2] }, ({ x }) => x.add(1));
  const difference = fn({ a: [2], b: [2] }, ({ a, b }) => a.sub(b));
  const inner = graph({
    inputs: { u: [2], v: [2] },
    nodes: { steps: chain([twice, inc, twice]), d: difference },
    edges: { steps: { x: "u" }, d: { a: "steps", b: "v" } },
    outputs: { d: "d", u: "u", steps: "steps" },
  } as never);
  const net = graph({
    inputs: { x: [2], m_d: [2] },
    nodes: { m: inner, n: inner, end: difference },
    edges: { m: { u: "x", v: "m_d" }, n: { u: "m.u", v: "m.steps" }, end: { a: "n.d", b: "m.d" } },
    outputs: { end: "end", u: "n.u" },
  } as never);
  const flat = flattenNet(net);
  assert.equal(
    [...walk(flat)].map(([path]) => path),
    ["", "m_steps_0", "m_steps_1", "m_steps_2", "m_d_", "n_steps_0", "n_steps_1", "n_steps_2", "n_d", "end"],
  );
  const inputs = { x: [1, -3], m_d: [0.5, 7] };
  assert.equal(valuesOf(flat, inputs), valuesOf(net, inputs));
  assert.not.equal(valuesOf(flat, inputs).end, [0, 0]);
  assert.equal(flattenNet(flat), flat);
});

test("a flattened net has the same arrays and ports", () => {
  const flat = flattenNet(trainingNet);
  assert.equal(Object.values(parametersOf(flat)), Object.values(parametersOf(trainingNet)));
  assert.equal(Object.keys(parametersOf(flat))[0], "model_model_1.weight");
  assert.equal(inferShapes(flat)[""], inferShapes(trainingNet)[""]);
  assert.ok(Object.values(flat.nodes).every(({ op }) => op !== "graph" && op !== "chain"));
  const fromChain = flattenNet(chain([append(), linear(3)]));
  assert.equal(fromChain.edges, { "0_": { "0": "0", "1": "1" }, "1_": { input: "0_" } });
  assert.equal(fromChain.outputs, { output: "1_" });
});

test("information counts what is learned, once for what is shared", () => {
  const info = information(trainingNet);
  assert.equal(info.parameters, {
    total: 3 * 8 + 8 + 8 * 2 + 2,
    trainable: 50,
    byPath: {
      "model.model.1.weight": 24,
      "model.model.1.bias": 8,
      "model.model.3.weight": 16,
      "model.model.3.bias": 2,
    },
    open: [],
  });
  assert.is(information(freeze(trainingNet, "model.model.3")).parameters.trainable, 32);
  assert.equal([info.nodes, info.depth], [9, 3]);
  assert.equal(Object.keys(info.outputs), ["loss", "scale", "hidden"]);
  // eps 2, xt 2·1, tScale 3, append 3, linear 2·3·8, relu 8, linear 2·8·2, probe 8, loss 2
  assert.is(info.flops, 2 + 2 + 3 + 3 + 48 + 8 + 32 + 8 + 2);
  const open = information(chain([linear(3), relu]));
  assert.equal(open.parameters.open, ["0"]);
  assert.is(open.flops, null);
  assert.is(information(plus()).parameters.total, 0);
});

test.run();
