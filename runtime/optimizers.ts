import * as z from "zod/mini";
import { constant, type Operand, type ProgramBuilder } from "./builder.js";
import type { ValueId } from "./program.js";

/** A learning rate that rises from 0 over the first `warmUp` steps to `peak`, and then stays, or falls to `final` by step `steps`. */
const risingRate = z.strictObject({
  peak: z.number(),
  warmUp: z.number(),
  decay: z.enum(["constant", "cosine"]),
  steps: z.optional(z.number()),
  final: z.optional(z.number()),
});
const common = {
  learningRate: z.union([z.number(), risingRate]),
  clip: z.optional(z.number()),
};

/** What an optimiser must be when it comes from outside. */
export const optimizerSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("adam"),
    ...common,
    beta1: z.number(),
    beta2: z.number(),
    epsilon: z.number(),
    weightDecay: z.number(),
  }),
  z.strictObject({ kind: z.literal("sgd"), ...common, momentum: z.number() }),
]);
export type Optimizer = Readonly<z.infer<typeof optimizerSchema>>;
export type LearningRate = Readonly<z.infer<typeof risingRate>> | number;

/** What all optimisers take. */
export interface OptimizerOptions {
  /** A number, or one that changes from step to step: `warmUp`, `cosineDecay`. */
  readonly learningRate?: LearningRate;
  /** The greatest ‖g‖ of the gradient of all parameters together; a longer one is scaled to it. Default: none. */
  readonly clip?: number;
}

/**
 * Adam (arXiv 1412.6980, algorithm 1), with decoupled weight decay if asked (AdamW, arXiv 1711.05101, algorithm 2).
 * Defaults: learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8, weightDecay 0.
 */
export const adam = ({
  learningRate = 1e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  weightDecay = 0,
  ...rest
}: OptimizerOptions &
  Partial<Omit<Extract<Optimizer, { kind: "adam" }>, "kind" | keyof OptimizerOptions>> = {}): Optimizer => ({
  kind: "adam",
  learningRate,
  beta1,
  beta2,
  epsilon,
  weightDecay,
  ...rest,
});

/** Stochastic gradient descent, u ← μu + g, θ ← θ − ηu. Defaults: learningRate η 0.01, momentum μ 0. */
export const sgd = ({
  learningRate = 0.01,
  momentum = 0,
  ...rest
}: OptimizerOptions & { readonly momentum?: number } = {}): Optimizer => ({
  kind: "sgd",
  learningRate,
  momentum,
  ...rest,
});

/** η_n = peak·min(1, n/steps): up from 0 over so many steps, against the first steps' noisy moments. */
export const warmUp = (peak: number, steps: number): LearningRate => ({
  peak,
  warmUp: steps,
  decay: "constant",
});

/**
 * η_n = final + (peak − final)·(1 + cos(π (n − w)/(N − w)))/2 after a warm-up of w steps (default 0), until n = N =
 * `steps`, and `final` (default 0) from there on. Loshchilov and Hutter 2017, arXiv 1608.03983, equation 5.
 */
export const cosineDecay = (
  peak: number,
  {
    steps,
    warmUp = 0,
    final = 0,
  }: { readonly steps: number; readonly warmUp?: number; readonly final?: number },
): LearningRate => ({ peak, warmUp, decay: "cosine", steps, final });

/** The learning rate of step n = 1, 2, … */
export function learningRateAt(rate: LearningRate, n: number): number {
  if (typeof rate === "number") return rate;
  const { peak, warmUp, decay, steps = n, final = 0 } = rate;
  if (n < warmUp) return (peak * n) / warmUp;
  if (decay === "constant") return peak;
  const share = Math.min(1, (n - warmUp) / Math.max(1, steps - warmUp));
  return final + ((peak - final) * (1 + Math.cos(Math.PI * share))) / 2;
}

/** Refuses an optimiser that cannot work, in words. */
export function checkOptimizer({ learningRate, clip }: Optimizer): void {
  const positive = (name: string, value: number | undefined): void => {
    if (value !== undefined && !(value > 0 && Number.isFinite(value)))
      throw new Error(`optimizer: ${name} takes a positive number but receives ${value}`);
  };
  positive("clip", clip);
  if (typeof learningRate === "number") {
    positive("learningRate", learningRate);
    return;
  }
  positive("learningRate.peak", learningRate.peak);
  if (!(learningRate.warmUp >= 0))
    throw new Error(
      `optimizer: learningRate.warmUp takes at least 0 steps but receives ${learningRate.warmUp}`,
    );
  if (learningRate.decay === "cosine" && !((learningRate.steps ?? 0) > learningRate.warmUp))
    throw new Error(
      `optimizer: learningRate.steps takes more than the ${learningRate.warmUp} steps of its warm-up but receives ${learningRate.steps}`,
    );
}

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
    schedule: ({ learningRate, beta1, beta2, weightDecay }, n) => ({
      stepSize: learningRateAt(learningRate, n) / (1 - beta1 ** n),
      correction: 1 / Math.sqrt(1 - beta2 ** n),
      ...(weightDecay > 0 && { kept: 1 - learningRateAt(learningRate, n) * weightDecay }),
    }),
    // θ ← (1 − ηλ)θ − α m̂/(√v̂ + ε), with the corrections of m̂ and √v̂ as two numbers of the step
    update: (b, { beta1, beta2, epsilon }, w, g, state, { stepSize = -1, correction = -1, kept }) => {
      const m = blend(b, c(beta1), state.m as ValueId, g);
      const v = blend(b, c(beta2), state.v as ValueId, b.apply("square", g));
      const scale = b.apply("add", b.apply("mul", b.apply("sqrt", v), correction), c(epsilon));
      const old = kept === undefined ? w : b.apply("mul", w, kept);
      return { w: b.apply("sub", old, b.apply("div", b.apply("mul", m, stepSize), scale)), state: { m, v } };
    },
  },
  sgd: {
    state: ["u"],
    schedule: ({ learningRate }, n) => ({ stepSize: learningRateAt(learningRate, n) }),
    update: (b, { momentum }, w, g, state, { stepSize = -1 }) => {
      const u = b.apply("add", b.apply("mul", state.u as ValueId, c(momentum)), g);
      return { w: b.apply("sub", w, b.apply("mul", u, stepSize)), state: { u } };
    },
  },
};

/** g·min(1, clip/‖g‖), the norm over all parameters (arXiv 1211.5063, algorithm 1). */
export function clipped(b: ProgramBuilder, { clip }: Optimizer, g: ValueId): ValueId {
  if (clip === undefined) return g;
  const norm = b.apply("sqrt", b.reshape(b.reduce("sum", b.apply("square", g), [0]), []));
  return b.apply("mul", g, b.apply("div", c(clip), b.apply("max", norm, c(clip))));
}

/** The rule of an optimiser, which knows its kind. */
export const optimizerRule = (optimizer: Optimizer): OptimizerRule<Optimizer["kind"]> =>
  rules[optimizer.kind] as OptimizerRule<Optimizer["kind"]>;
