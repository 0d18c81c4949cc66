/**
 * eˣ and what is made of it, written out as instructions of the elementwise function that needs them: a call for every
 * four numbers would cost as much again, and their constants are so loaded once.
 */
import type { Step } from "../../../dsl/net.js";
import { type Code, instructions as wasm } from "./wasm.js";

/** A step of a body, or plain code over the results of earlier ones. */
export type Instruction =
  | Step
  | { readonly op: "code"; readonly args: readonly number[]; readonly code: Code };

export interface Inlined {
  readonly body: readonly Instruction[];
  /** Where the result of each step of the given body is. */
  readonly places: readonly number[];
}

/** The body with exp, sigmoid, silu and tanh written out. `fused`: a·b + c is one instruction of relaxed SIMD. */
export function inline(body: readonly Step[], fused: boolean): Inlined {
  const written: Instruction[] = [];
  const constants = new Map<string, number>();
  const code = (instructions: Code, ...args: readonly number[]): number =>
    written.push({ op: "code", args, code: instructions }) - 1;
  const once = (key: string, instructions: Code): number => {
    const known = constants.get(key) ?? code(instructions);
    constants.set(key, known);
    return known;
  };
  const number = (x: number): number => once(`${x}`, wasm.splat(x));
  const integer = (n: number): number => once(`integer ${n}`, wasm.splatInt(n));
  const add = (a: number, b: number): number => code(wasm.add, a, b);
  const sub = (a: number, b: number): number => code(wasm.sub, a, b);
  const mul = (a: number, b: number): number => code(wasm.mul, a, b);
  const madd = (a: number, b: number, c: number): number =>
    fused ? code(wasm.relaxedMadd, a, b, c) : add(mul(a, b), c);
  /** Σ cᵢ·xⁱ, the highest power first. */
  const polynomial = (x: number, [first = 0, ...rest]: readonly number[]): number =>
    rest.reduce((p, c) => madd(p, x, number(c)), number(first));
  /** 2ⁿ for −126 ≤ n ≤ 128, which is infinite; only the last nine bits of n count. */
  const power2 = (n: number): number =>
    code(wasm.addInt, code([...wasm.i32(23), ...wasm.shiftLeft], n), integer(127 << 23));

  /**
   * eˣ = 2ⁿ·e^r with n = round(x/ln 2), r = x − n·ln 2, ln 2 taken in two parts; e^r by a polynomial (Cephes, expf).
   * x is at least `least`, and from 89 on eˣ is infinite. Gives e^r, and 1.5·2²³ + n, whose last bits are those of n.
   */
  function parts(given: number, least: number): { power: number; bits: number } {
    const x = code(wasm.pmin, code(wasm.pmax, given, number(least)), number(89));
    // Adding 1.5·2²³ rounds to an integer and leaves it in the low bits.
    const shift = number(12582912);
    const bits = madd(x, number(Math.LOG2E), shift);
    const n = sub(bits, shift);
    const r = madd(n, number(2.1219444e-4), madd(n, number(-0.693359375), x));
    const p = polynomial(r, expCoefficients);
    return { power: madd(p, mul(r, r), add(r, number(1))), bits };
  }

  /** eˣ, with 2ⁿ in two factors, so that results below 2⁻¹²⁶ are right too. */
  function exp(x: number): number {
    const { power, bits } = parts(x, -104);
    const n = code(wasm.subInt, bits, integer(0x4b400000));
    const half = code([...wasm.i32(1), ...wasm.shiftRight], n);
    return mul(mul(power, power2(half)), power2(code(wasm.subInt, n, half)));
  }

  /** 1 + eˣ, in which results of eˣ below 2⁻¹²⁵ are nothing. */
  function onePlusExp(x: number): number {
    const { power, bits } = parts(x, -87);
    return add(mul(power, power2(bits)), number(1));
  }
  const onePlusInverse = (x: number): number => onePlusExp(code(wasm.neg, x));

  /** 1 − 2/(e^(2|x|) + 1) with the sign of x; an odd polynomial for |x| < 0.625 (Cephes, tanhf). */
  function tanh(x: number): number {
    const a = code(wasm.abs, x);
    const large = sub(number(1), code(wasm.div, number(2), onePlusExp(add(a, a))));
    const signed = code(wasm.bitselect, x, large, integer(0x80000000));
    const z = mul(x, x);
    const small = madd(mul(polynomial(z, tanhCoefficients), z), x, x);
    return code(wasm.bitselect, small, signed, code(wasm.lt, a, number(0.625)));
  }

  const functions: { readonly [op: string]: (x: number) => number } = {
    exp,
    sigmoid: (x) => code(wasm.div, number(1), onePlusInverse(x)),
    silu: (x) => code(wasm.div, x, onePlusInverse(x)),
    tanh,
  };
  const places: number[] = [];
  for (const step of body) {
    if (!("args" in step) || step.op === "lookup") {
      places.push(written.push(step) - 1);
      continue;
    }
    const args = step.args.map((a) => places[a] as number);
    const write = functions[step.op];
    places.push(write ? write(args[0] as number) : written.push({ ...step, args }) - 1);
  }
  return { body: written, places };
}

const expCoefficients = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5,
];
const tanhCoefficients = [
  -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
];
