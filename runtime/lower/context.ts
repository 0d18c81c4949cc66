import { sizeOf } from "../../dsl/array.js";
import type { PortType } from "../../dsl/net.js";
import type { ProgramBuilder } from "../builder.js";
import type { ValueId } from "../program.js";

/** What a layer is lowered with. Shapes of one example; values carry the batch axis in front. */
export interface LayerContext {
  readonly b: ProgramBuilder;
  readonly batch: number;
  readonly mode: "train" | "evaluate";
  readonly options: Readonly<Record<string, unknown>>;
  /** The layer's arrays are not to change. */
  readonly frozen: boolean;
  /** Port types by name, all sizes known. */
  readonly inputTypes: Readonly<Record<string, PortType>>;
  readonly outputShape: readonly number[];
  /** The layer's array of that name, without a batch axis. */
  parameter(field: string): ValueId;
  /** After the step, the statistic of that name becomes `next` of what it is then. */
  update(field: string, next: (old: ValueId) => ValueId): void;
  /** Random numbers of the layer's own stream, one array an example. */
  random(kind: "normal" | "uniform", shape: readonly number[]): ValueId;
  randomInteger(min: number, max: number): ValueId;
}

/** From the values of the input ports, in order, to the value of the output port. */
export type Lowering = (context: LayerContext, ...inputs: readonly ValueId[]) => ValueId;

/** x W + b for the last axis of x, [..., c] → [..., n]. */
export function project(b: ProgramBuilder, x: ValueId, weight: ValueId, bias: ValueId | undefined): ValueId {
  const [c, n] = b.shape(weight) as [number, number];
  const shape = b.shape(x);
  const y = b.matmul(b.reshape(x, [sizeOf(shape) / c, c]), weight);
  return b.reshape(bias === undefined ? y : b.apply("add", y, bias), [...shape.slice(0, -1), n]);
}

/** The first value of an integer port. */
export const firstOf = (type: PortType | undefined): number => (type?.dtype === "integer" ? type.min : 0);
