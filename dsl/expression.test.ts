import { test } from "uvu";
import * as assert from "uvu/assert";
import { evaluateBody } from "./apply.js";
import { erf } from "./erf.js";
import { lookup, type Operand, type Symbolic, scalarOps, table, trace } from "./expression.js";
import type { PortType, ScalarOp } from "./net.js";
import { uniforms } from "./random.js";

const real: PortType & { readonly dtype: "real" } = { dtype: "real", shape: [] };
const integer = (min: number, max: number) => ({ dtype: "integer", shape: [], min, max }) as const;
const near = (a: number, b: number, tolerance: number, message?: string): void =>
  assert.ok(
    Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)),
    message ?? `${a} is not ${b}`,
  );

test("the functions with a definition of their own agree with it", () => {
  const value = (op: ScalarOp, ...args: number[]): number => {
    const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = args;
    return scalarOps[op].evaluate(a, b, c);
  };
  // erf from tables to 16 digits (Abramowitz & Stegun, table 7.1, and Wolfram)
  for (const [x, y] of [
    [0, 0],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3.5, 0.9999992569016276],
  ] as const) {
    near(erf(x), y, 2e-15);
    near(erf(-x), -y, 2e-15);
    near(value("gelu", x), (x * (1 + erf(x / Math.SQRT2))) / 2, 1e-15);
    near(value("silu", x), x / (1 + Math.exp(-x)), 1e-15);
    near(value("softplus", x), Math.log(1 + Math.exp(x)), 1e-15);
  }
  assert.is(value("gelu", 1), 0.8413447460685429);
  assert.is(value("softplus", 1000), 1000);
  assert.is(value("softplus", -1000), 0);
  assert.is(value("sigmoid", -1000), 0);
  assert.is(value("sign", 0), 0);
  assert.is(value("sign", -3), -1);
  assert.is(value("rsqrt", 4), 0.5);
  assert.equal([value("min", 1, 2), value("max", 1, 2)], [1, 2]);
  assert.equal(
    [value("lt", 1, 2), value("lt", 2, 2), value("le", 2, 2), value("eq", 2, 2), value("eq", 1, 2)],
    [1, 0, 1, 1, 0],
  );
  assert.equal([value("select", 1, 5, 6), value("select", 0, 5, 6), value("select", -0.5, 5, 6)], [5, 6, 5]);
  for (const x of [6, 20, 1e9, Number.POSITIVE_INFINITY]) assert.is(erf(x), 1);
});

test("a traced function gives what the same operations give on numbers", () => {
  const ops = Object.entries(scalarOps) as [ScalarOp, (typeof scalarOps)[ScalarOp]][];
  for (let round = 0; round < 300; round++) {
    const draws = uniforms(200, { seed: 1, step: round });
    let drawn = 0;
    const next = (n: number): number => Math.floor((draws[drawn++] as number) * n);
    const inputs = { x: 3 * (draws[drawn++] as number) - 1, y: (draws[drawn++] as number) + 0.1 };
    const numbers: number[] = [inputs.x, inputs.y];
    const body = trace({ x: real, y: real }, ({ x, y }) => {
      const symbols: Symbolic[] = [x, y];
      for (let i = 0; i < 20; i++) {
        const [op, { arity, evaluate }] = ops[next(ops.length)] as (typeof ops)[number];
        const places = [next(symbols.length), next(symbols.length), next(symbols.length)] as const;
        const constant = next(4) === 0 ? next(7) - 3 : null;
        const [a, b, c] = places.map((p) => numbers[p] as number) as [number, number, number];
        const [first, ...rest] = places.slice(0, arity).map((p) => symbols[p] as Symbolic);
        const operands: Operand[] = constant !== null && arity > 1 ? [constant, ...rest.slice(1)] : rest;
        symbols.push((first as unknown as Record<ScalarOp, (...o: Operand[]) => Symbolic>)[op](...operands));
        numbers.push(constant !== null && arity > 1 ? evaluate(a, constant, c) : evaluate(a, b, c));
      }
      return symbols[symbols.length - 1] as Symbolic;
    });
    const [got, want] = [evaluateBody(body, inputs), numbers[numbers.length - 1] as number];
    assert.ok(Object.is(got, want) || got === want, `round ${round}: ${got} is not ${want}`);
    for (const [i, step] of body.entries())
      if ("args" in step) for (const arg of step.args) assert.ok(arg < i);
  }
});

test("a subexpression that occurs twice is one step, so that a doubling tower stays small", () => {
  const tower = trace({ x: real }, ({ x }) => {
    let y: Symbolic = x;
    for (let i = 0; i < 1000; i++) y = y.add(y).mul(0.5);
    return y;
  });
  assert.is(tower.length, 1 + 1 + 2000);
  assert.is(evaluateBody(tower, { x: 3 }), 3);
  const again = trace({ x: real }, ({ x }) => x.sin().mul(2).add(x.sin().mul(2)));
  assert.equal(
    again.map((step) => step.op),
    ["input", "sin", "constant", "mul", "add"],
  );
});

test("what the result does not need is not kept, and the result is the last step", () => {
  const body = trace({ x: real, y: real }, ({ x, y }) => {
    const result = x.exp();
    y.log().mul(result);
    return result;
  });
  assert.equal(body, [
    { op: "input", name: "x" },
    { op: "exp", args: [0] },
  ]);
  assert.equal(
    trace({ x: real }, ({ x }) => x),
    [{ op: "input", name: "x" }],
  );
});

test("the steps are plain data", () => {
  const body = trace({ t: integer(1, 3), x: real }, ({ t, x }) =>
    lookup([1, 2, 3], t, "alphaBar").sqrt().mul(x),
  );
  assert.equal(JSON.parse(JSON.stringify(body)), body);
  assert.equal(structuredClone(body), body);
});

test("entry 0 of a table is for the least value of the port", () => {
  const alphaBar = table("alphaBar", [10, 20, 30]);
  const body = trace({ t: integer(-1, 1) }, ({ t }) => alphaBar(t));
  assert.equal(
    [-1, 0, 1].map((t) => evaluateBody(body, { t })),
    [10, 20, 30],
  );
  assert.throws(() => evaluateBody(body, { t: 2 }), /alphaBar takes an integer from -1 to 1 but receives 2/);
  const twice = trace({ t: integer(1, 2) }, ({ t }) => lookup([1, 2], t).add(lookup([1, 2], t)));
  assert.is(twice.filter((step) => step.op === "lookup").length, 1);
});

const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    assert.instance(error, TypeError);
    return (error as Error).message;
  }
  return "no error";
};

test("misuse is told in words", () => {
  const one = (f: (x: Symbolic<"real">) => unknown) => (): unknown =>
    trace({ x: real }, ({ x }) => f(x) as Symbolic);
  let foreign: Symbolic | undefined;
  trace({ z: real }, ({ z }) => (foreign = z));
  const cases: [() => unknown, string][] = [
    [one(() => 3), "fn takes a function that returns a symbol but receives one that returns 3"],
    [
      one(() => undefined),
      "fn takes a function that returns a symbol but receives one that returns undefined",
    ],
    [
      one(async (x) => x),
      "fn takes a function that returns a symbol but receives one that returns an object",
    ],
    [one(() => foreign), "fn takes symbols of its own function but receives one of another function"],
    [
      one((x) => x.add(foreign as Symbolic)),
      "add takes symbols of its own function but receives one of another function",
    ],
    [one((x) => x.mul(Number.NaN)), "mul takes finite numbers but receives NaN"],
    [one((x) => x.div(Number.POSITIVE_INFINITY)), "div takes finite numbers but receives Infinity"],
    [one((x) => x.sub("1" as never)), 'sub takes a symbol or a number but receives "1"'],
    [one((x) => (x.add as () => unknown)()), "add takes 1 operand but receives 0"],
    [one((x) => (x.sin as (a: number) => unknown)(2)), "sin takes 0 operands but receives 1"],
    [
      one((x) => (x as never as number) + 1),
      "fn takes x.add(y), x.mul(y), … but receives an operator: symbols have methods, not +, * or []",
    ],
    [
      one((x) => [1, 2][x as never]),
      "fn takes x.add(y), x.mul(y), … but receives an operator: symbols have methods, not +, * or []",
    ],
    [one((x) => lookup([1, 2], x as never)), "lookup takes an integer port but receives the real port x"],
    [
      () => trace({}, () => 1 as never),
      "fn takes at least one port but receives none; a constant is a parameter",
    ],
    [
      () => trace({ t: integer(1, 3) }, ({ t }) => lookup([1, 2], t, "alphaBar")),
      "alphaBar takes a table of 3 numbers, one for each t from 1 to 3, but receives 2",
    ],
    [
      () => trace({ t: integer(1, 2) }, ({ t }) => lookup([1, Number.NaN], t, "alphaBar")),
      "alphaBar takes finite numbers but receives NaN for t = 2",
    ],
    [
      () => trace({ t: integer(1, 3) }, ({ t }) => lookup([1, 2, 3], t.sub(1) as never)),
      "lookup takes an integer port but receives a computed value",
    ],
  ];
  for (const [f, words] of cases) assert.is(message(f), words);
});

test.run();
