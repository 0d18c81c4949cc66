import type { ScalarOp } from "../dsl/net.js";
import { constant, type Operand, type ProgramBuilder } from "./builder.js";
import type { ValueId } from "./program.js";

/**
 * The derivative of each elementwise function, written in elementwise functions: from the gradient g of the
 * result y = f(x…), the gradients of its operands, in order; `undefined` where it is zero everywhere. A rule that
 * can be stated in y is, since y is there already.
 */
type Derivative = (
  b: ProgramBuilder,
  g: ValueId,
  y: ValueId,
  ...x: readonly Operand[]
) => readonly (ValueId | undefined)[];

const zero = constant(0);
const one = constant(1);
/** The only operand of a rule. */
const only = (x: readonly Operand[]): Operand => x[0] ?? zero;
const unary =
  (slope: (b: ProgramBuilder, x: Operand, y: ValueId) => Operand): Derivative =>
  (b, g, y, ...x) => [b.apply("mul", g, slope(b, only(x), y))];
const flat: Derivative = (_b, _g, _y, ...x) => x.map(() => undefined);
const gauss = Math.sqrt(1 / (2 * Math.PI));

export const derivatives: { readonly [F in ScalarOp]: Derivative } = {
  // d(a + b) = da + db
  add: (_, g) => [g, g],
  sub: (b, g) => [g, b.apply("neg", g)],
  // d(ab) = b da + a db
  mul: (b, g, _, x = zero, y = zero) => [b.apply("mul", g, y), b.apply("mul", g, x)],
  // d(a/b) = da/b − (a/b) db/b
  div: (b, g, q, _x = zero, y = zero) => {
    const gx = b.apply("div", g, y);
    return [gx, b.apply("neg", b.apply("mul", gx, q))];
  },
  // d(aᵇ) = b aᵇ⁻¹ da + aᵇ ln a db, where 0 ln 0 = 0
  pow: (b, g, y, x = zero, n = zero) => [
    b.apply("mul", g, b.apply("mul", n, b.apply("pow", x, b.apply("sub", n, one)))),
    b.apply("mul", g, b.apply("select", b.apply("eq", y, zero), zero, b.apply("mul", y, b.apply("log", x)))),
  ],
  // where the operands are equal the first one takes the gradient
  min: (b, g, _, x = zero, y = zero) => pick(b, g, b.apply("le", x, y)),
  max: (b, g, _, x = zero, y = zero) => pick(b, g, b.apply("le", y, x)),
  lt: flat,
  le: flat,
  eq: flat,
  sign: flat,
  floor: flat,
  select: (b, g, _, c = zero) => {
    const [x, y] = pick(b, g, c);
    return [undefined, x, y];
  },
  neg: (b, g) => [b.apply("neg", g)],
  abs: unary((b, x) => b.apply("sign", x)),
  // (1/x)′ = −y²
  reciprocal: unary((b, _, y) => b.apply("neg", b.apply("square", y))),
  square: unary((b, x) => b.apply("mul", x, constant(2))),
  // (√x)′ = 1/(2y)
  sqrt: unary((b, _, y) => b.apply("div", constant(0.5), y)),
  // (x^−½)′ = −y³/2
  rsqrt: unary((b, _, y) => b.apply("mul", b.apply("mul", y, b.apply("square", y)), constant(-0.5))),
  exp: unary((_b, _x, y) => y),
  log: unary((b, x) => b.apply("reciprocal", x)),
  sin: unary((b, x) => b.apply("cos", x)),
  cos: unary((b, x) => b.apply("neg", b.apply("sin", x))),
  tanh: unary((b, _, y) => b.apply("sub", one, b.apply("square", y))),
  sigmoid: unary((b, _, y) => b.apply("mul", y, b.apply("sub", one, y))),
  softplus: unary((b, x) => b.apply("sigmoid", x)),
  relu: (b, g, y) => [b.apply("select", b.apply("lt", zero, y), g, zero)],
  // (xσ)′ = σ + y(1 − σ)
  silu: unary((b, x, y) => {
    const s = b.apply("sigmoid", x);
    return b.apply("add", s, b.apply("mul", y, b.apply("sub", one, s)));
  }),
  // (xΦ)′ = Φ + xφ
  gelu: unary((b, x) => {
    const cdf = b.apply(
      "mul",
      b.apply("add", b.apply("erf", b.apply("mul", x, constant(Math.SQRT1_2))), one),
      constant(0.5),
    );
    return b.apply(
      "add",
      cdf,
      b.apply(
        "mul",
        x,
        b.apply("mul", bell(b, b.apply("mul", b.apply("square", x), constant(-0.5))), constant(gauss)),
      ),
    );
  }),
  // erf′ = 2/√π e^(−x²)
  erf: unary((b, x) =>
    b.apply("mul", bell(b, b.apply("neg", b.apply("square", x))), constant(2 / Math.sqrt(Math.PI))),
  ),
};

const bell = (b: ProgramBuilder, exponent: ValueId): ValueId => b.apply("exp", exponent);
/** Gives g to the first operand where c holds, else to the second. */
const pick = (b: ProgramBuilder, g: ValueId, c: Operand): readonly [ValueId, ValueId] => [
  b.apply("select", c, g, zero),
  b.apply("select", c, zero, g),
];
