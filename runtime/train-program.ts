import type { NDArray } from "../dsl/array.js";
import type { Net, PortType } from "../dsl/net.js";
import { constant, type ProgramBuilder } from "./builder.js";
import { lowerNet } from "./compile.js";
import { differentiate } from "./differentiate.js";
import { lossOf } from "./loss.js";
import { blend, optimizerRule } from "./optimizers.js";
import type { Program, ValueId } from "./program.js";
import type { Optimizer } from "./training.js";
import type { Layout } from "./weights.js";

/** How many steps' losses stay on the device before they must be read. */
export const historySteps = 64;

export interface TrainProgramOptions {
  /** The resident data, one column for each input port. */
  readonly columns: Readonly<Record<string, NDArray>>;
  readonly batchSize: number;
  /** Types of the input ports that the net leaves open. */
  readonly given?: Readonly<Record<string, PortType>>;
  readonly optimizer: Optimizer;
  /** Keep a moving average of the weights. */
  readonly average: boolean;
  readonly losses?: Readonly<Record<string, number>>;
}

/** One training step as a program, and how its vectors are laid out. */
export interface TrainProgram {
  readonly program: Program;
  readonly layout: Layout;
  /** The names of the losses, in the order of the columns of `history` after the first, which is their weighted sum. */
  readonly lossNames: readonly string[];
  /** The states that are vectors as long as `parameters`: moments and the average. */
  readonly vectors: readonly string[];
}

/** The program inputs that are single numbers of the step; `trainer.ts` sets them. */
export const indexName = "#index";
export const slotName = "#slot";
export const decayName = "#decay";
export const dataName = (port: string): string => `data.${port}`;

/**
 * Compiles the whole step into one program: gather the batch, run the net, differentiate, update the weights, their
 * moments and their average, and note the losses in `history` [historySteps, 1 + losses].
 *
 * A step whose loss or gradient is not finite changes nothing, and sets `alive` to 0, after which no step does:
 * the weights stay those of the last good step however late the host looks.
 */
export function trainProgram(net: Net, options: TrainProgramOptions): TrainProgram {
  const { columns, batchSize, optimizer } = options;
  const lowering = lowerNet(net, {
    batch: batchSize,
    mode: "train",
    given: options.given ?? {},
    input: (b, name, type) => batchOf(b, name, type, columns, batchSize),
  });
  const { b, layout, weights } = lowering;
  const { loss, parts } = lossOf(lowering, options.losses);
  const { parameters } = layout;
  if (parameters.size === 0) throw new Error("train: the net has no parameters to train");
  const gradient = b.concat(
    differentiate(
      b,
      loss,
      parameters.parts.map(({ path }) => weights.get(path) as ValueId),
    ).map((g, i) => {
      b.node = parameters.parts[i]?.path ?? "";
      return b.reshape(g, [b.shape(g).reduce((n, d) => n * d, 1)]);
    }),
    0,
  );

  b.node = "update";
  const rule = optimizerRule(optimizer);
  const vector = (name: string): ValueId => b.stateful(name, [parameters.size]);
  const old = Object.fromEntries(rule.state.map((name) => [name, vector(name)]));
  const numbers = Object.fromEntries(
    Object.keys(rule.schedule(optimizer, 1)).map((name) => [name, b.input(`#${name}`, [])]),
  );
  const w = b.stateful("parameters", [parameters.size]);
  const next = rule.update(b, optimizer, w, gradient, old, numbers);
  const alive = aliveAfter(b, loss, gradient);
  const commit = (name: string, before: ValueId, after: ValueId): void => {
    b.updates[name] = b.apply("select", alive, after, before);
  };
  for (const name of rule.state) commit(name, old[name] as ValueId, next.state[name] as ValueId);
  commit("parameters", w, next.w);
  if (options.average) {
    const average = vector("average");
    commit("average", average, blend(b, b.input(decayName, []), average, next.w));
  }
  b.updates.alive = alive;
  b.node = "losses";
  const lossNames = Object.keys(parts);
  record(b, [loss, ...lossNames.map((name) => parts[name] as ValueId)]);
  return {
    program: b.program(),
    layout,
    lossNames,
    vectors: [...rule.state, ...(options.average ? ["average"] : [])],
  };
}

/** The rows of a resident column that the step's indices name. */
function batchOf(
  b: ProgramBuilder,
  name: string,
  type: PortType,
  columns: TrainProgramOptions["columns"],
  batchSize: number,
): ValueId {
  const shape = columns[name]?.shape ?? [];
  const column = b.stateful(dataName(name), shape, type.dtype === "integer" ? "int32" : "float32");
  b.node = name;
  return b.gather(column, b.input(indexName, [batchSize], "int32"));
}

/** 1 while every loss and gradient has been finite, else 0. A comparison with NaN does not hold. */
function aliveAfter(b: ProgramBuilder, loss: ValueId, gradient: ValueId): ValueId {
  const total = b.reshape(b.reduce("sum", b.apply("abs", gradient), [0]), []);
  const finite = b.apply("lt", b.apply("add", b.apply("abs", loss), total), constant(3e38));
  return b.apply("mul", b.stateful("alive", []), finite);
}

/** Writes a row of losses into row `slot` of `history`. */
function record(b: ProgramBuilder, losses: readonly ValueId[]): void {
  const history = b.stateful("history", [historySteps, losses.length]);
  const rows = b.constant(
    Float32Array.from({ length: historySteps }, (_, i) => i),
    [historySteps, 1],
  );
  const row = b.concat(
    losses.map((id) => b.reshape(id, [1, 1])),
    1,
  );
  b.updates.history = b.apply("select", b.apply("eq", rows, b.input(slotName, [])), row, history);
}
