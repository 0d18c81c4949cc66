import { test } from "uvu";
import * as assert from "uvu/assert";
import { apply } from "./apply.js";
import { lookup, type Symbolic, table } from "./expression.js";
import { fn } from "./fn.js";
import { any, anything, integer, real } from "./ports.js";

const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
};

test("a traced function is plain data that holds its ports and its steps", () => {
  const tScale = fn({ t: integer(1, 200) }, ({ t }) => t.sub(1).div(199).sub(0.5));
  assert.equal(tScale, {
    op: "fn",
    inputs: { t: { dtype: "integer", shape: [], min: 1, max: 200 } },
    body: [
      { op: "input", name: "t" },
      { op: "constant", value: 1 },
      { op: "sub", args: [0, 1] },
      { op: "constant", value: 199 },
      { op: "div", args: [2, 3] },
      { op: "constant", value: 0.5 },
      { op: "sub", args: [4, 5] },
    ],
  });
  assert.equal(structuredClone(tScale), tScale);
  assert.is(apply(tScale, { t: 1 }), -0.5);
  assert.is(apply(tScale, { t: 200 }), 0.5);
});

test("shapes are equal, single numbers, or not yet known; a clash is told", () => {
  const sum = ({ x, y }: { x: Symbolic; y: Symbolic }): Symbolic => x.add(y);
  fn({ x: [2], y: [2] }, sum);
  fn({ x: [2], y: real }, sum);
  fn({ x: [any, 2], y: [3, any] }, sum);
  fn({ x: anything, y: [3, 1] }, sum);
  const number: number = 2;
  const words = "fn: port y takes [2] or real but receives [3]";
  assert.is(
    message(() => fn({ x: [number], y: [number + 1] }, sum)),
    words,
  );
  assert.is(
    message(() => fn({ x: [2] as never, y: [3] as never }, sum as never)),
    words,
  );
  assert.is(
    message(() => fn({ x: [number] as never, y: [number, number] as never }, sum as never)),
    "fn: port y takes [2] or real but receives [2, 2]",
  );
});

test("a function without ports, or of something else, is refused", () => {
  assert.match(
    message(() => fn({}, () => 1 as never)),
    "fn takes at least one port",
  );
  assert.match(
    message(() => fn({ x: real }, () => 1 as never)),
    "returns 1",
  );
});

const twoTables = (() => {
  const a = table("a", [1, 2, 3]);
  return fn({ t: integer(1, 3), x: [2] }, ({ t, x }) => a(t).mul(x));
})();

test("apply broadcasts single numbers over lists, and one example over a batch", () => {
  assert.equal(apply(twoTables, { t: 2, x: [1, 10] }), [2, 20]);
  assert.equal(
    apply(twoTables, {
      t: [1, 2, 3],
      x: [
        [1, 1],
        [1, 1],
        [1, 10],
      ],
    }),
    [
      [1, 1],
      [2, 2],
      [3, 30],
    ],
  );
  assert.equal(apply(twoTables, { t: [1, 2, 3], x: [1, 10] }), [
    [1, 10],
    [2, 20],
    [3, 30],
  ]);
  assert.equal(
    apply(twoTables, {
      t: 3,
      x: [
        [1, 2],
        [3, 4],
      ],
    }),
    [
      [3, 6],
      [9, 12],
    ],
  );
  const square = fn({ x: anything, t: real }, ({ x, t }) => x.square().add(t));
  assert.equal(
    apply(square, {
      x: [
        [1, 2],
        [3, 4],
      ],
      t: 1,
    }),
    [
      [2, 5],
      [10, 17],
    ],
  );
  assert.equal(
    apply(square, {
      x: [
        [1, 2],
        [3, 4],
      ],
      t: [0, 1],
    }),
    [
      [1, 4],
      [10, 17],
    ],
  );
  assert.equal(apply(square, { x: [], t: 1 }), []);
});

test("apply names the port that does not fit", () => {
  const cases: [Parameters<typeof apply>[1], string][] = [
    [{ t: 0, x: 1 }, "fn: t takes an integer from 1 to 3 but receives 0"],
    [{ t: 1.5, x: 1 }, "fn: t takes an integer from 1 to 3 but receives 1.5"],
    [{ t: 1 }, "fn takes a value for port x but receives none"],
    [{ t: 1, x: 1, y: 2 }, "fn takes t, x but receives a value for y"],
    [
      {
        t: [1, 2],
        x: [
          [1, 1],
          [1, 1],
          [1, 1],
        ],
      },
      "fn: x takes 2 values, as t does, but receives 3",
    ],
    [{ t: 1, x: "a" as never }, "fn: x takes numbers but receives a"],
  ];
  for (const [values, words] of cases)
    assert.is(
      message(() => apply(twoTables, values)),
      words,
    );
});

test("an array of integers may index a table", () => {
  const classes = { dtype: "integer", shape: [3], min: 0, max: 1 } as const;
  const flip = fn({ k: classes }, ({ k }) => lookup([1, 0], k));
  assert.equal(apply(flip, { k: [0, 1, 1] }), [1, 0, 0]);
});

test.run();
