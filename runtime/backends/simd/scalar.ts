/** Each elementwise function as instructions over vectors of four. */
import type { ScalarOp } from "../../../dsl/net.js";
import type { KernelName } from "./load-kernels.js";
import { type Code, instructions as wasm } from "./wasm.js";

/** How a function is written: its arguments are pushed by `args`, a kernel is called by name. */
export interface ScalarWriter {
  /** Pushes an argument. */
  readonly arg: (i: number) => Code;
  /** Pushes a mask that is all ones where the first argument is not 0. */
  readonly condition: () => Code;
  readonly kernel: (name: KernelName) => Code;
}
type Rule = (write: ScalarWriter) => Code;

const zero = wasm.splat(0);
const one = wasm.splat(1);

const unary =
  (...code: readonly Code[]): Rule =>
  ({ arg }) => [...arg(0), ...code.flat()];
const binary =
  (...code: readonly Code[]): Rule =>
  ({ arg }) => [...arg(0), ...arg(1), ...code.flat()];
const kernel =
  (name: KernelName): Rule =>
  ({ arg, kernel }) => [...arg(0), ...kernel(name)];

/** The comparisons give masks; `maskToNumber` makes them 1 and 0. */
export const maskToNumber: Code = [...one, ...wasm.and];
export const isComparison = (op: string): boolean => op === "lt" || op === "le" || op === "eq";

/** Written out by `inline` before. */
const inlined: Rule = () => {
  throw new Error("simd: a body takes exp, sigmoid, silu and tanh written out");
};

export const scalarCode: { readonly [O in ScalarOp]: Rule } = {
  neg: unary(wasm.neg),
  abs: unary(wasm.abs),
  sign: kernel("sign"),
  floor: unary(wasm.floor),
  reciprocal: ({ arg }) => [...one, ...arg(0), ...wasm.div],
  square: ({ arg }) => [...arg(0), ...arg(0), ...wasm.mul],
  sqrt: unary(wasm.sqrt),
  rsqrt: ({ arg }) => [...one, ...arg(0), ...wasm.sqrt, ...wasm.div],
  exp: inlined,
  log: kernel("log"),
  sin: kernel("sin"),
  cos: kernel("cos"),
  tanh: inlined,
  sigmoid: inlined,
  softplus: kernel("softplus"),
  // pmax(x, 0) is x where x is NaN.
  relu: unary(zero, wasm.pmax),
  silu: inlined,
  gelu: kernel("gelu"),
  erf: kernel("erf"),
  add: binary(wasm.add),
  sub: binary(wasm.sub),
  mul: binary(wasm.mul),
  div: binary(wasm.div),
  pow: ({ arg, kernel }) => [...arg(0), ...arg(1), ...kernel("pow")],
  min: binary(wasm.min),
  max: binary(wasm.max),
  lt: binary(wasm.lt),
  le: binary(wasm.le),
  eq: binary(wasm.eq),
  select: ({ arg, condition }) => [...arg(1), ...arg(2), ...condition(), ...wasm.bitselect],
};
