import { constant, type Operand, type ProgramBuilder } from "./builder.js";
import type { ValueId } from "./program.js";
import type { Optimizer } from "./training.js";

/**
 * Adam (arXiv 1412.6980, algorithm 1). Defaults: learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8.
 */
export const adam = ({
  learningRate = 1e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
} = {}): Optimizer => ({
  kind: "adam",
  learningRate,
  beta1,
  beta2,
  epsilon,
});

/** Stochastic gradient descent, u ← μu + g, θ ← θ − ηu. Defaults: learningRate η 0.01, momentum μ 0. */
export const sgd = ({ learningRate = 0.01, momentum = 0 } = {}): Optimizer => ({
  kind: "sgd",
  learningRate,
  momentum,
});

/** An optimiser in primitives, on the vector of all parameters at once. */
interface OptimizerRule<K extends Optimizer["kind"]> {
  /** The vectors that it keeps from step to step, zero at first. */
  readonly state: readonly string[];
  /** The numbers that it needs at step n = 1, 2, …, computed in float64 outside the program. */
  schedule(optimizer: Extract<Optimizer, { kind: K }>, n: number): Readonly<Record<string, number>>;
  /** New weights and new state from weights w, gradient g, state and scheduled numbers. */
  update(
    b: ProgramBuilder,
    optimizer: Extract<Optimizer, { kind: K }>,
    w: ValueId,
    g: ValueId,
    state: Readonly<Record<string, ValueId>>,
    numbers: Readonly<Record<string, ValueId>>,
  ): { readonly w: ValueId; readonly state: Readonly<Record<string, ValueId>> };
}

const c = constant;
/** β a + (1 − β) x */
export const blend = (b: ProgramBuilder, beta: Operand, a: Operand, x: Operand): ValueId =>
  b.apply("add", b.apply("mul", beta, a), b.apply("mul", b.apply("sub", c(1), beta), x));

const rules: { readonly [K in Optimizer["kind"]]: OptimizerRule<K> } = {
  adam: {
    state: ["m", "v"],
    schedule: ({ learningRate, beta1, beta2 }, n) => ({
      stepSize: learningRate / (1 - beta1 ** n),
      correction: 1 / Math.sqrt(1 - beta2 ** n),
    }),
    // θ ← θ − α m̂/(√v̂ + ε), with the corrections of m̂ and √v̂ as two numbers of the step
    update: (b, { beta1, beta2, epsilon }, w, g, state, { stepSize = -1, correction = -1 }) => {
      const m = blend(b, c(beta1), state.m as ValueId, g);
      const v = blend(b, c(beta2), state.v as ValueId, b.apply("square", g));
      const scale = b.apply("add", b.apply("mul", b.apply("sqrt", v), correction), c(epsilon));
      return { w: b.apply("sub", w, b.apply("div", b.apply("mul", m, stepSize), scale)), state: { m, v } };
    },
  },
  sgd: {
    state: ["u"],
    schedule: ({ learningRate }) => ({ stepSize: learningRate }),
    update: (b, { momentum }, w, g, state, { stepSize = -1 }) => {
      const u = b.apply("add", b.apply("mul", state.u as ValueId, c(momentum)), g);
      return { w: b.apply("sub", w, b.apply("mul", u, stepSize)), state: { u } };
    },
  },
};

/** The rule of an optimiser, which knows its kind. */
export const optimizerRule = (optimizer: Optimizer): OptimizerRule<Optimizer["kind"]> =>
  rules[optimizer.kind] as OptimizerRule<Optimizer["kind"]>;
