/** What a backend that runs operation by operation has for each primitive: a row that prepares a kernel. */
import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";
import type { Data } from "../../../dsl/array.js";
import type { CompositeName, ElementaryName, OpOf, PrimitiveName, Value, ValueId } from "../../program.js";
import type { BackendName } from "../backend.js";
import type { Memory } from "./executable.js";

/** What kernels are prepared with. */
export interface Context<M extends Memory = KernelBackend> {
  /** The name under which tfjs has registered its kernels. */
  readonly kernels: BackendName;
  readonly backend: M;
  readonly values: readonly Value[];
  /** The numbers last written to a program input or constant; undefined for what the device computes. */
  host(id: ValueId): Data | undefined;
  /** True for values whose numbers `host` knows in every run. */
  isHost(id: ValueId): boolean;
}

/** Inputs → outputs, in the operation's order. The caller owns one reference to each output. */
export type Kernel = (inputs: readonly TensorInfo[]) => readonly TensorInfo[];
/** Does once what does not depend on the numbers. */
export type Prepare<P extends PrimitiveName, M extends Memory = KernelBackend> = (
  op: OpOf<P>,
  context: Context<M>,
) => Kernel;
/** Total over the elementary ones: such a primitive without a row does not compile. */
export type Kernels<M extends Memory = KernelBackend> = {
  readonly [P in ElementaryName]: Prepare<P, M>;
} & { readonly [P in CompositeName]?: Prepare<P, M> };

/** The shape and dtype of value `id`. */
export const valueAt = (context: Pick<Context, "values">, id: ValueId | undefined): Value => {
  const value = id === undefined ? undefined : context.values[id];
  if (!value) throw new RangeError(`tfjs backend: the program has no value ${id}`);
  return value;
};
