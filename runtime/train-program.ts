import type { NDArray } from "../dsl/array.js";
import type { Net, PortType } from "../dsl/net.js";
import type { ProgramBuilder } from "./builder.js";
import { lowerNet } from "./compile.js";
import { differentiate } from "./differentiate.js";
import { lossOf } from "./loss.js";
import type { Program, ValueId } from "./program.js";
import type { Layout } from "./weights.js";

export interface TrainProgramOptions {
  /** The resident data, one column for each input port. */
  readonly columns: Readonly<Record<string, NDArray>>;
  /** The examples of one run of the program. */
  readonly batchSize: number;
  /**
   * The batch is a part of a larger one: the input `#shares` [batchSize] says by how much each example counts, and
   * the results are added to `#keep` times what the states held. Default false: examples count 1/batchSize.
   */
  readonly partial?: boolean;
  /** Types of the input ports that the net leaves open. */
  readonly given?: Readonly<Record<string, PortType>>;
  readonly losses?: Readonly<Record<string, number>>;
}

/** What a training step computes from a batch, as a program, and how its vectors are laid out. */
export interface TrainProgram {
  readonly program: Program;
  readonly layout: Layout;
  /** The names of the losses, in the order of `losses` after the first, which is their weighted sum. */
  readonly lossNames: readonly string[];
}

/** The program inputs of a batch; `stepper.ts` sets them. */
export const indexName = "#index";
export const sharesName = "#shares";
export const keepName = "#keep";
export const dataName = (port: string): string => `data.${port}`;

/**
 * Compiles the first half of a training step: gather the batch, run the net, differentiate. Its states `gradient`
 * [parameters] and `losses` [1 + losses] are what the second half, `updateProgram`, reads; `statistics` goes on to what
 * the batch makes of it.
 */
export function trainProgram(net: Net, options: TrainProgramOptions): TrainProgram {
  const { columns, batchSize, partial = false } = options;
  const lowering = lowerNet(net, {
    batch: batchSize,
    mode: "train",
    given: options.given ?? {},
    input: (b, name, type) => batchOf(b, name, type, columns, batchSize),
  });
  const { b, layout, weights } = lowering;
  const shares = partial ? b.input(sharesName, [batchSize]) : undefined;
  const { loss, parts } = lossOf(lowering, options.losses, shares);
  const { parameters } = layout;
  if (parameters.size === 0) throw new Error("train: the net has no parameters to train");
  const each = differentiate(
    b,
    loss,
    parameters.parts.map(({ path }) => weights.get(path) as ValueId),
  ).map((g, i) => {
    b.node = parameters.parts[i]?.path ?? "";
    return b.reshape(g, [b.shape(g).reduce((n, d) => n * d, 1)]);
  });
  const lossNames = Object.keys(parts);
  const losses = [loss, ...lossNames.map((name) => parts[name] as ValueId)].map((id) => b.reshape(id, [1]));
  const results = { gradient: b.concat(each, 0), losses: b.concat(losses, 0) };
  b.node = "gradient";
  for (const [name, value] of Object.entries(results)) {
    const before = b.stateful(name, b.shape(value));
    b.updates[name] = partial ? b.apply("add", b.apply("mul", before, b.input(keepName, [])), value) : value;
  }
  if (lowering.statistics !== undefined) b.updates.statistics = lowering.statistics;
  return { program: b.program(), layout, lossNames };
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
