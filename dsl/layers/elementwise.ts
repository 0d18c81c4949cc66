import * as z from "zod/mini";
import { scalarOps } from "../expression.js";
import type { UnaryOp } from "../net.js";
import type { OneInput, TypedLayer } from "../rule.js";
import type { ShapeOf } from "../shape.js";
import { define, make, one, reals, sameShape } from "./definition.js";

/** Reals of the input's shape. */
export interface Elementwise extends OneInput {
  readonly out: this["in"] extends readonly [infer P] ? ShapeOf<P> : never;
}

const unaryOps = Object.entries(scalarOps).flatMap(([name, { arity }]) => (arity === 1 ? [name] : []));

export const elementwiseDefinition = define({
  kind: "activation",
  options: z.strictObject({ f: z.enum(unaryOps as [UnaryOp, ...UnaryOp[]]) }),
  ports: one,
  forward: (_, [input]) => reals(input?.shape ?? null),
  backward: sameShape,
});

const elementwise = (f: UnaryOp): TypedLayer<Elementwise> =>
  make("elementwise", elementwiseDefinition, { f });

/** −x */
export const neg = elementwise("neg");
/** |x| */
export const abs = elementwise("abs");
/** −1, 0 or 1 */
export const sign = elementwise("sign");
/** ⌊x⌋ */
export const floor = elementwise("floor");
/** 1/x */
export const reciprocal = elementwise("reciprocal");
/** x² */
export const square = elementwise("square");
/** √x */
export const sqrt = elementwise("sqrt");
/** 1/√x */
export const rsqrt = elementwise("rsqrt");
/** eˣ */
export const exp = elementwise("exp");
/** The natural logarithm. */
export const log = elementwise("log");
export const sin = elementwise("sin");
export const cos = elementwise("cos");
export const tanh = elementwise("tanh");
/** 1/(1 + e⁻ˣ) */
export const sigmoid = elementwise("sigmoid");
/** log(1 + eˣ) */
export const softplus = elementwise("softplus");
/** max(x, 0) */
export const relu = elementwise("relu");
/** x · sigmoid(x), arXiv 1702.03118 */
export const silu = elementwise("silu");
/** x · Φ(x) with the exact normal distribution function, arXiv 1606.08415 */
export const gelu = elementwise("gelu");
/** The error function. */
export const erf = elementwise("erf");
