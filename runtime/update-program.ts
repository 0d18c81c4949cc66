import { constant, ProgramBuilder } from "./builder.js";
import { blend, clipped, type Optimizer, optimizerRule } from "./optimizers.js";
import type { Program, ValueId } from "./program.js";
import type { Layout } from "./weights.js";

/** How many steps' losses stay on the device before they must be read. */
export const historySteps = 64;

/** The program inputs that are single numbers of the step, beside those of the optimiser's schedule. */
export const slotName = "#slot";
export const decayName = "#decay";

/** The decay of the weights' average after n steps: min(most, (1 + n)/(10 + n)). */
export const emaDecay = (most: number, n: number): number => Math.min(most, (1 + n) / (10 + n));

export interface UpdateProgramOptions {
  readonly layout: Layout;
  /** The length of `losses`: their weighted sum, and each. */
  readonly losses: number;
  readonly optimizer: Optimizer;
  /** Keep a moving average of the weights. */
  readonly average: boolean;
}

/** The second half of a training step. */
export interface UpdateProgram {
  readonly program: Program;
  /** The states that are vectors as long as `parameters`: moments and the average. */
  readonly vectors: readonly string[];
}

/**
 * From the states `gradient` and `losses`: updates the weights, their moments and their average, and notes the losses
 * in row `#slot` of `history` [historySteps, losses].
 *
 * A step whose loss or gradient is not finite changes nothing, and sets `alive` to 0, after which no step does:
 * the weights stay those of the last good step however late the host looks. The running statistics of a net, which
 * the first half has changed by then, go back to `lastStatistics`.
 */
export function updateProgram({ layout, losses, optimizer, average }: UpdateProgramOptions): UpdateProgram {
  const b = new ProgramBuilder();
  b.node = "update";
  const { size } = layout.parameters;
  const rule = optimizerRule(optimizer);
  const vector = (name: string): ValueId => b.stateful(name, [size]);
  const gradient = vector("gradient");
  const row = b.stateful("losses", [losses]);
  const old = Object.fromEntries(rule.state.map((name) => [name, vector(name)]));
  const numbers = Object.fromEntries(
    Object.keys(rule.schedule(optimizer, 1)).map((name) => [name, b.input(`#${name}`, [])]),
  );
  const w = vector("parameters");
  const next = rule.update(b, optimizer, w, clipped(b, optimizer, gradient), old, numbers);
  const alive = aliveAfter(b, b.reshape(b.slice(row, [0], [1]), []), gradient);
  const commit = (name: string, before: ValueId, after: ValueId): void => {
    b.updates[name] = b.apply("select", alive, after, before);
  };
  for (const name of rule.state) commit(name, old[name] as ValueId, next.state[name] as ValueId);
  commit("parameters", w, next.w);
  if (average) {
    const before = vector("average");
    commit("average", before, blend(b, b.input(decayName, []), before, next.w));
  }
  if (layout.statistics.size > 0) {
    const shape = [layout.statistics.size];
    commit("lastStatistics", b.stateful("lastStatistics", shape), b.stateful("statistics", shape));
    b.updates.statistics = b.updates.lastStatistics as ValueId;
  }
  b.updates.alive = alive;
  b.node = "losses";
  record(b, row);
  return { program: b.program(), vectors: [...rule.state, ...(average ? ["average"] : [])] };
}

/** 1 while every loss and gradient has been finite, else 0. A comparison with NaN does not hold. */
function aliveAfter(b: ProgramBuilder, loss: ValueId, gradient: ValueId): ValueId {
  const total = b.reshape(b.reduce("sum", b.apply("abs", gradient), [0]), []);
  const finite = b.apply("lt", b.apply("add", b.apply("abs", loss), total), constant(3e38));
  return b.apply("mul", b.stateful("alive", []), finite);
}

/** Writes the losses into row `slot` of `history`. */
function record(b: ProgramBuilder, losses: ValueId): void {
  const [width = 1] = b.shape(losses);
  const history = b.stateful("history", [historySteps, width]);
  const rows = b.constant(
    Float32Array.from({ length: historySteps }, (_, i) => i),
    [historySteps, 1],
  );
  const row = b.reshape(losses, [1, width]);
  b.updates.history = b.apply("select", b.apply("eq", rows, b.input(slotName, [])), row, history);
}
