import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  apply,
  chain,
  embedding,
  extract,
  fn,
  formulaOf,
  fromJSON,
  graph,
  inferShapes,
  information,
  initialize,
  integer,
  NetError,
  type PortType,
  randomUniform,
  real,
  replace,
  toJSON,
} from "./index.js";

const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
};

const none = fn({ label: integer(0, 9), u: real }, ({ label, u }) => u.lt(0.25).select(10, label), {
  output: integer(0, 10),
});
/** A label that is left out now and then, and a vector for each. */
const coded = graph({
  inputs: { label: integer(0, 9) },
  nodes: { u: randomUniform([]), given: none, code: embedding(4) },
  edges: { given: { label: "label", u: "u" }, code: "given" },
  outputs: "code",
});

test("the result is the nearest whole number within the bounds, halves upwards", () => {
  const rounded = fn({ x: real }, ({ x }) => x, { output: integer(-1, 3) });
  assert.equal(rounded.output, { dtype: "integer", shape: [], min: -1, max: 3 });
  const cases: [number, number][] = [
    ...([-7, -1.5, -0.51, -0.5, 0.49, 0.5, 1.5, 2.5, 3.49, 3.5, 99] as const).map(
      (x) => [x, Math.max(-1, Math.min(3, Math.floor(x + 0.5)))] as [number, number],
    ),
    [-0.5, 0],
    [2.5, 3],
    [Number.POSITIVE_INFINITY, 3],
    [Number.NEGATIVE_INFINITY, -1],
    [Number.NaN, -1],
  ];
  for (const [x, whole] of cases) assert.is(apply(rounded, { x }), whole, `${x}`);
  assert.equal(apply(none, { label: [3, 4, 5], u: [0.1, 0.3, 0.24] }), [10, 4, 10]);
});

test("the port is that integer in the inputs' shape, and feeds an embedding", () => {
  const shapes = inferShapes(coded);
  assert.equal(shapes.given?.outputs.output, integer(0, 10));
  assert.equal(shapes.code?.outputs.output, { dtype: "real", shape: [4] });
  const ready = initialize(coded, { seed: 1 });
  assert.is(information(ready).parameters.total, 11 * 4);
  const several: PortType = { dtype: "integer", shape: [7], min: 0, max: 1 };
  const flip = fn({ k: several }, ({ k }) => k.mul(-1).add(1), { output: integer(0, 1) });
  assert.equal(inferShapes(chain([flip, embedding(3)]))[""]?.outputs.output?.shape, [7, 3]);
});

test("it survives JSON, the way to a worker and surgery, and is drawn as before", () => {
  const ready = initialize(coded, { seed: 1 });
  assert.equal(fromJSON(toJSON(ready)), ready);
  assert.equal(structuredClone(ready), ready);
  assert.equal(extract(ready, "given"), none);
  const { output: _, ...plain } = none;
  assert.is(formulaOf(none).text, formulaOf(plain).text);
  assert.match(
    message(() => replace(coded, "given", plain)),
    "code: embedding takes an integer but receives real",
  );
});

test("an output that is not one whole number that float32 holds is refused", () => {
  const words = "output takes integer(min, max) within ±16777216 but receives";
  const bad: [PortType, string][] = [
    [{ dtype: "real", shape: [] }, "real"],
    [{ dtype: "integer", shape: [2], min: 0, max: 1 }, "integer(0, 1) [2]"],
    [{ dtype: "integer", shape: [], min: 0, max: 2 ** 24 + 1 }, "integer(0, 16777217)"],
  ];
  for (const [output, said] of bad) {
    assert.is(
      message(() => fn({ x: real }, ({ x }) => x, { output: output as never })),
      `fn: ${words} ${said}`,
    );
    const file = JSON.parse(toJSON(coded));
    file.net.nodes.given.output = output;
    assert.throws(
      () => fromJSON(file),
      (error: unknown) => error instanceof NetError && error.message.includes("output"),
      said,
    );
  }
});

test.run();
