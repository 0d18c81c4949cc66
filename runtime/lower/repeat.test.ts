import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  chain,
  concat,
  dropout,
  embedding,
  fn,
  fold,
  graph,
  integer,
  map,
  type Net,
  nest,
  plus,
  randomInteger,
  randomNormal,
  slice,
  tanh,
} from "../../dsl/index.js";
import { initialize, parametersOf, withParameters } from "../../dsl/parameters.js";
import { read } from "../../test/lowered.js";
import { numbers } from "../../test/random-program.js";

const wrap = (node: Net, inputs: Readonly<Record<string, readonly number[]>>): Net =>
  graph({
    inputs,
    nodes: { y: node },
    edges: {
      y:
        Object.keys(inputs).length > 1
          ? Object.fromEntries(Object.keys(inputs).map((n) => [n, n]))
          : Object.keys(inputs)[0],
    },
    outputs: "y",
  } as never) as Net;
const of = (
  net: Net,
  inputs: Readonly<Record<string, readonly number[]>>,
  options: Parameters<typeof read>[2] = {},
) => Object.values(read(net, inputs, options).outputs)[0] as readonly number[];
const data = (n: number, seed = 1): number[] => [...numbers(n, seed)];

/** Weights of the member of a repeated net, as those of the net by itself. */
const alone = (repeated: Net, member: Net): Net =>
  withParameters(
    member,
    Object.fromEntries(
      Object.entries(parametersOf(repeated)).map(([path, array]) => [path.replace("y.net.", "y."), array]),
    ),
  );

test("map: the net on each element", () => {
  const member = chain([4, tanh, 2]);
  const net = initialize(wrap(map(member), { x: [3, 5] }));
  const one = alone(net, wrap(member, { x: [5] }));
  const x = data(2 * 3 * 5);
  const want = Array.from({ length: 6 }, (_, i) => of(one, { x: x.slice(i * 5, i * 5 + 5) })).flat();
  assert.equal(of(net, { x }, { batch: 2 }), want);
});

test("nest: the net on its own result", () => {
  const member = chain([3, tanh]);
  const net = initialize(wrap(nest(member, 3), { x: [3] }));
  const one = alone(net, wrap(member, { x: [3] }));
  const x = data(3);
  assert.equal(of(net, { x }), of(one, { x: of(one, { x: of(one, { x }) }) }));
});

const cell = graph({
  inputs: { state: [2], input: [1] },
  nodes: { both: concat({ axis: 0 }), next: chain([2, tanh]) },
  edges: { both: ["state", "input"], next: "both" },
  outputs: "next",
});

test("fold: the state from element to element, the last or all of them", () => {
  const last = initialize(wrap(fold(cell), { state: [2], input: [3, 1] }));
  const all = withParameters(
    wrap(fold(cell, { all: true }), { state: [2], input: [3, 1] }),
    parametersOf(last),
  );
  const one = alone(last, wrap(cell as Net, { state: [2], input: [1] }));
  const input = data(3);
  let state: readonly number[] = data(2, 2);
  const start = state;
  const states: number[] = [];
  for (const element of input) {
    state = of(one, { state, input: [element] });
    states.push(...state);
  }
  assert.equal(of(last, { state: start, input }), [...state]);
  assert.equal(of(all, { state: start, input }), states);
});

const noisy = graph({
  inputs: { x: [2] },
  nodes: { n: randomNormal([2]), y: plus() },
  edges: { y: ["x", "n"] },
  outputs: "y",
}) as Net;

test("map draws for every element by itself, whatever the batch", () => {
  const net = wrap(map(noisy), { x: [3, 2] });
  const zeros = (n: number): number[] => Array<number>(n).fill(0);
  const whole = of(net, { x: zeros(4 * 6) }, { batch: 4 });
  assert.is(new Set(whole).size, 24);
  const parts = [0, 2].flatMap((first) => [...of(net, { x: zeros(2 * 6) }, { batch: 2, first })]);
  assert.equal(parts, [...whole]);
  // element j of example i is example 3·i + j of the net by itself
  const nested = wrap(map(map(noisy)), { x: [2, 3, 2] });
  assert.equal(of(nested, { x: zeros(2 * 12) }, { batch: 2 }).length, 24);
  assert.is(new Set(of(nested, { x: zeros(2 * 12) }, { batch: 2 })).size, 24);
});

test("nest and fold draw anew each turn", () => {
  const once = of(wrap(nest(noisy, 1), { x: [2] }), { x: [0, 0] });
  const twice = of(wrap(nest(noisy, 2), { x: [2] }), { x: [0, 0] });
  assert.not.equal(
    twice,
    once.map((v) => 2 * v),
  );
  // the first turn of both is the same
  const step = graph({
    inputs: { state: [2], input: [2] },
    nodes: { n: randomNormal([2]), y: plus() },
    edges: { y: ["state", "input", "n"] },
    outputs: "y",
  }) as Net;
  const all = of(wrap(fold(step, { all: true }), { state: [2], input: [3, 2] }), {
    state: [0, 0],
    input: [0, 0, 0, 0, 0, 0],
  });
  assert.is(new Set(all).size, 6);
  const steps = all.map((v, i) => v - (i < 2 ? 0 : (all[i - 2] as number)));
  assert.ok(new Set(steps.map((v) => v.toFixed(6))).size === 6);
});

test("dropout in map drops element by element", () => {
  const net = wrap(map(dropout(0.5)), { x: [64, 1] });
  const y = of(net, { x: Array<number>(64).fill(1) }, { mode: "train" });
  assert.ok(y.includes(0) && y.includes(2));
});

test("random integers in a map are drawn for each element", () => {
  const net = graph({
    inputs: { x: [2] },
    nodes: { t: randomInteger(1, 5), y: fn({ t: integer(1, 5), x: [2] }, ({ t, x }) => x.mul(t)) },
    edges: { y: { t: "t", x: "x" } },
    outputs: "y",
  }) as Net;
  const y = of(wrap(map(net), { x: [20, 2] }), { x: Array.from({ length: 40 }, (_, i) => (i % 2 ? 10 : 1)) });
  for (let i = 0; i < 40; i += 2) {
    assert.ok([1, 2, 3, 4, 5].includes(y[i] as number));
    assert.is(y[i + 1], 10 * (y[i] as number));
  }
  assert.is(new Set(y).size, 10);
});

test("map over integers: an embedding of each", () => {
  const given = { input: { dtype: "integer", shape: [2], min: 1, max: 4 } } as const;
  const net = initialize(map(embedding(3)), { given });
  const table = [...(parametersOf(net)["net.weight"]?.data ?? [])];
  const y = of(net, { input: [4, 2] }, { given });
  assert.equal(y, [...table.slice(9, 12), ...table.slice(3, 6)]);
});

test("all but the last, and the rest", () => {
  assert.equal(of(wrap(slice(0, -1), { x: [3, 2] }), { x: [1, 2, 3, 4, 5, 6] }), [1, 2, 3, 4]);
  assert.equal(of(wrap(slice(-1, undefined, { axis: 1 }), { x: [2, 3] }), { x: [1, 2, 3, 4, 5, 6] }), [3, 6]);
});

test.run();
