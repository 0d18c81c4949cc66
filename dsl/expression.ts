/**
 * The expression language: what a traced function, an elementwise layer and a fused kernel are made of.
 * `scalarOps` gives each elementwise function its meaning on numbers and its look in a formula; `trace` turns
 * an arrow function into a flat list of steps, once, so that no code ever leaves the page.
 */
import { erf } from "./erf.js";
import type { BinaryOp, PortType, ScalarOp, Step, UnaryOp } from "./net.js";

/** How an operation looks; `formula.ts` draws it. A larger `precedence` binds tighter; function calls need none. */
export type Notation =
  | { readonly form: "call"; readonly name: string }
  | { readonly form: "infix"; readonly sign: string; readonly precedence: 1 | 2 | 3 }
  | { readonly form: "negative" | "fraction" | "reciprocal" | "power" | "square" | "root" | "reciprocalRoot" }
  | { readonly form: "bars" | "floor" | "cases" };

export interface ScalarRule {
  readonly arity: 1 | 2 | 3;
  /** Its value on plain numbers, in float64. */
  readonly evaluate: (a: number, b: number, c: number) => number;
  readonly notation: Notation;
}

const call = (name: string): Notation => ({ form: "call", name });
const infix = (sign: string, precedence: 1 | 2 | 3): Notation => ({ form: "infix", sign, precedence });
const unary = (evaluate: (a: number) => number, notation: Notation): ScalarRule => ({
  arity: 1,
  evaluate,
  notation,
});
const binary = (evaluate: (a: number, b: number) => number, notation: Notation): ScalarRule => ({
  arity: 2,
  evaluate,
  notation,
});

/** 1/(1 + e⁻ˣ), whose exponential cannot overflow. */
const sigmoid = (x: number): number => {
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
};

/** The elementwise functions. A new name in `ScalarOp` without a row here does not compile. */
export const scalarOps: { readonly [O in ScalarOp]: ScalarRule } = {
  neg: unary((a) => -a, { form: "negative" }),
  abs: unary(Math.abs, { form: "bars" }),
  /** −1, 0 or 1. */
  sign: unary((a) => (a > 0 ? 1 : a < 0 ? -1 : a === 0 ? 0 : Number.NaN), call("sign")),
  floor: unary(Math.floor, { form: "floor" }),
  reciprocal: unary((a) => 1 / a, { form: "reciprocal" }),
  square: unary((a) => a * a, { form: "square" }),
  sqrt: unary(Math.sqrt, { form: "root" }),
  rsqrt: unary((a) => 1 / Math.sqrt(a), { form: "reciprocalRoot" }),
  exp: unary(Math.exp, call("exp")),
  log: unary(Math.log, call("log")),
  sin: unary(Math.sin, call("sin")),
  cos: unary(Math.cos, call("cos")),
  tanh: unary(Math.tanh, call("tanh")),
  sigmoid: unary(sigmoid, call("sigmoid")),
  /** log(1 + eˣ) = max(x, 0) + log(1 + e^(−|x|)) */
  softplus: unary((a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))), call("softplus")),
  relu: unary((a) => Math.max(a, 0), call("relu")),
  /** x · sigmoid(x) */
  silu: unary((a) => a * sigmoid(a), call("silu")),
  /** x · (1 + erf(x/√2))/2, exactly (not the tanh approximation). */
  gelu: unary((a) => (a * (1 + erf(a * Math.SQRT1_2))) / 2, call("gelu")),
  erf: unary(erf, call("erf")),
  add: binary((a, b) => a + b, infix("+", 2)),
  sub: binary((a, b) => a - b, infix("−", 2)),
  mul: binary((a, b) => a * b, infix("·", 3)),
  div: binary((a, b) => a / b, { form: "fraction" }),
  pow: binary((a, b) => a ** b, { form: "power" }),
  min: binary((a, b) => Math.min(a, b), call("min")),
  max: binary((a, b) => Math.max(a, b), call("max")),
  lt: binary((a, b) => (a < b ? 1 : 0), infix("<", 1)),
  le: binary((a, b) => (a <= b ? 1 : 0), infix("≤", 1)),
  eq: binary((a, b) => (a === b ? 1 : 0), infix("=", 1)),
  select: { arity: 3, evaluate: (c, a, b) => (c !== 0 ? a : b), notation: { form: "cases" } },
};

export type Kind = PortType["dtype"];
/** What an operation accepts beside the symbol itself: another symbol of the same function, or a plain number. */
export type Operand = number | Symbolic;

type Methods = { readonly [O in UnaryOp]: () => Symbolic<"real"> } & {
  readonly [O in BinaryOp]: (other: Operand) => Symbolic<"real">;
};

/**
 * A value inside a traced function: a port, or what was computed from ports. Every `ScalarOp` is a method:
 * `t.sub(1).div(199)`, `x.square().add(y.square()).sqrt()`, `x.lt(0).select(a, b)`.
 * `Symbolic<"integer">` is an integer port itself, which may index a table; all arithmetic gives reals.
 */
export interface Symbolic<K extends Kind = Kind> extends Methods {
  readonly kind: K;
  /** `a` where this is not 0, else `b`. */
  select(a: Operand, b: Operand): Symbolic<"real">;
}

/** The steps of one trace, each different one once, so that shared subexpressions stay shared. */
class Tracer {
  readonly steps: Step[] = [];
  readonly #known = new Map<string, number>();
  readonly #tables: (readonly number[])[] = [];

  constructor(readonly ports: Readonly<Record<string, PortType>>) {}

  add(step: Step, kind: Kind = "real"): Traced {
    const key = JSON.stringify(step.op === "lookup" ? { ...step, table: this.#tableId(step.table) } : step);
    let id = this.#known.get(key);
    if (id === undefined) {
      id = this.steps.push(step) - 1;
      this.#known.set(key, id);
    }
    return new Traced(this, id, kind);
  }

  /** The position of an operand among the steps. */
  position(who: string, operand: unknown): number {
    if (typeof operand === "number") {
      if (!Number.isFinite(operand))
        throw new TypeError(`${who} takes finite numbers but receives ${operand}`);
      return this.add({ op: "constant", value: operand + 0 }).id;
    }
    if (!(operand instanceof Traced))
      throw new TypeError(`${who} takes a symbol or a number but receives ${describe(operand)}`);
    if (operand.tracer !== this)
      throw new TypeError(`${who} takes symbols of its own function but receives one of another function`);
    return operand.id;
  }

  #tableId(table: readonly number[]): number {
    const id = this.#tables.findIndex(
      (t) => t === table || (t.length === table.length && t.every((v, i) => v === table[i])),
    );
    return id < 0 ? this.#tables.push(table) - 1 : id;
  }

  /** The steps that the value depends on, renumbered; the value is the last. */
  upTo(id: number): readonly Step[] {
    const used = new Set([id]);
    for (let i = id; i >= 0; i--) if (used.has(i)) for (const a of argsOf(this.steps[i] as Step)) used.add(a);
    const kept = [...used].sort((a, b) => a - b);
    const place = new Map(kept.map((old, i) => [old, i]));
    return kept.map((old) => {
      const step = this.steps[old] as Step;
      return "args" in step ? ({ ...step, args: step.args.map((a) => place.get(a)) } as Step) : step;
    });
  }
}

/** The one implementation of `Symbolic`; its methods are the rows of `scalarOps`. */
class Traced {
  constructor(
    readonly tracer: Tracer,
    readonly id: number,
    readonly kind: Kind,
  ) {}
  [Symbol.toPrimitive](): never {
    throw new TypeError(
      "fn takes x.add(y), x.mul(y), … but receives an operator: symbols have methods, not +, * or []",
    );
  }
}
for (const [op, { arity }] of Object.entries(scalarOps) as [ScalarOp, ScalarRule][]) {
  Object.defineProperty(Traced.prototype, op, {
    value(this: Traced, ...operands: unknown[]): Traced {
      if (operands.length !== arity - 1)
        throw new TypeError(
          `${op} takes ${arity - 1} operand${arity === 2 ? "" : "s"} but receives ${operands.length}`,
        );
      const args = [this.id, ...operands.map((operand) => this.tracer.position(op, operand))];
      return this.tracer.add({ op, args });
    },
  });
}

const describe = (value: unknown): string =>
  typeof value === "string"
    ? JSON.stringify(value)
    : typeof value === "object" && value !== null
      ? "an object"
      : String(value);

/** Positions of the earlier steps that a step reads. */
export const argsOf = (step: Step): readonly number[] => ("args" in step ? step.args : []);

/**
 * `table[t − min]`, t an integer port from min to max: entry 0 of the table is for t = min, the last for t = max.
 * `label` names the table in formulas: "alphaBar" is drawn as ᾱₜ.
 * Throws where t is not an integer port, or where the table has not exactly max − min + 1 finite numbers.
 */
export function lookup(table: readonly number[], t: Symbolic<"integer">, label?: string): Symbolic<"real"> {
  const symbol: unknown = t;
  const who = label ?? "lookup";
  if (!(symbol instanceof Traced))
    throw new TypeError(`${who} takes an integer port but receives ${describe(symbol)}`);
  const step = symbol.tracer.steps[symbol.id];
  const port = step?.op === "input" ? symbol.tracer.ports[step.name] : undefined;
  if (step?.op !== "input" || port?.dtype !== "integer")
    throw new TypeError(
      `${who} takes an integer port but receives ${step?.op === "input" ? `the real port ${step.name}` : "a computed value"}`,
    );
  const count = port.max - port.min + 1;
  if (table.length !== count)
    throw new TypeError(
      `${who} takes a table of ${count} numbers, one for each ${step.name} from ${port.min} to ${port.max}, but receives ${table.length}`,
    );
  const bad = table.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0)
    throw new TypeError(
      `${who} takes finite numbers but receives ${table[bad]} for ${step.name} = ${port.min + bad}`,
    );
  const named = label === undefined ? {} : { label };
  return symbol.tracer.add({
    op: "lookup",
    table: [...table],
    from: port.min,
    args: [symbol.id],
    ...named,
  }) as unknown as Symbolic<"real">;
}

/**
 * A named table to be called with an integer port: `const alphaBar = table("alphaBar", schedule.alphaBars)`,
 * then `alphaBar(t).sqrt().mul(x0)` inside a traced function.
 */
export const table =
  (label: string, values: readonly number[]) =>
  (t: Symbolic<"integer">): Symbolic<"real"> =>
    lookup(values, t, label);

/** The symbols that a function over these ports is called with. */
export type SymbolsOf<P extends Readonly<Record<string, PortType>>> = {
  readonly [N in keyof P]: Symbolic<P[N]["dtype"]>;
};

/**
 * Calls `f` once with a symbol for each port, and gives what it computed as a list of steps: equal
 * subexpressions once, nothing that the result does not need, the result last.
 * Throws a TypeError where `f` returns no symbol, or mixes in symbols of another function, NaN or infinities.
 */
export function trace<const P extends Readonly<Record<string, PortType>>>(
  ports: P,
  f: (symbols: SymbolsOf<P>) => Symbolic,
): readonly Step[] {
  const names = Object.keys(ports);
  if (names.length === 0)
    throw new TypeError("fn takes at least one port but receives none; a constant is a parameter");
  const tracer = new Tracer(ports);
  const symbols = names.map((name) => [name, tracer.add({ op: "input", name }, ports[name]?.dtype)] as const);
  const result: unknown = f(Object.fromEntries(symbols) as unknown as SymbolsOf<P>);
  if (!(result instanceof Traced))
    throw new TypeError(
      `fn takes a function that returns a symbol but receives one that returns ${describe(result)}`,
    );
  return tracer.upTo(tracer.position("fn", result));
}
