/**
 * How primitives run on tfjs: one row a primitive, for those that its kernels do right. tfjs is the kernel library
 * alone: its kernels are called on plain `TensorInfo`s, with no tensor objects, tape, tidy or engine scopes.
 */
import { type Attribute, getKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import { type Context, type Kernel, type Kernels, valueAt } from "./rows.js";

/** The kernel of this name, to be called with its inputs and attributes; gives its only result. */
export function kernel(
  { kernels, backend }: Context,
  name: string,
): (inputs: Readonly<Record<string, TensorInfo>>, attrs: Readonly<Record<string, unknown>>) => TensorInfo {
  const config = getKernel(name, kernels);
  if (!config) throw new Error(`tfjs backend: tfjs has no kernel ${name} for ${kernels}`);
  return (inputs, attrs) => {
    const result = config.kernelFunc({ inputs, backend, attrs: attrs as Record<string, Attribute> });
    return Array.isArray(result) ? (result[0] as TensorInfo) : result;
  };
}

/** Another view of the same numbers; it holds no reference of its own. */
const view = (x: TensorInfo | undefined, shape: number[]): TensorInfo => ({ ...(x as TensorInfo), shape });

/** indices − from, on the device; the same indices where `from` is 0. */
function zeroBased(from: number, context: Context): (indices: TensorInfo) => TensorInfo {
  const { backend } = context;
  if (from === 0) {
    return (indices) => {
      backend.incRef(indices.dataId);
      return indices;
    };
  }
  const sub = kernel(context, "Sub");
  return (indices) => {
    const b = { dataId: backend.write(Int32Array.of(from), [], "int32"), shape: [], dtype: "int32" as const };
    const shifted = sub({ a: indices, b }, {});
    backend.disposeData(b.dataId);
    return shifted;
  };
}

type Shared = Pick<
  Kernels,
  "matmul" | "reduce" | "reshape" | "concat" | "gather" | "scatterAdd" | "transpose"
>;

/** The primitives that tfjs has right kernels for. */
export const shared: Shared = {
  matmul: ({ attrs, inputs }, context) => {
    const run = kernel(context, "BatchMatMul");
    const [a, b] = inputs.map((id) => stackOf(valueAt(context, id).shape));
    const { transposeA, transposeB } = attrs;
    return (xs) => [
      run({ a: view(xs[0], a as number[]), b: view(xs[1], b as number[]) }, { transposeA, transposeB }),
    ];
  },
  transpose: ({ attrs }, context) => {
    const run = kernel(context, "Transpose");
    return ([x]) => [run({ x: x as TensorInfo }, { perm: [...attrs.order] })];
  },
  reduce: ({ attrs, inputs }, context) => {
    const axes = [...attrs.axes];
    if (axes.length === 0) return same(context, valueAt(context, inputs[0]).shape);
    if (attrs.kind === "sum") {
      const run = kernel(context, "Sum");
      return ([x]) => [run({ x: x as TensorInfo }, { axis: axes, keepDims: true })];
    }
    const run = kernel(context, "Max");
    return ([x]) => [run({ x: x as TensorInfo }, { reductionIndices: axes, keepDims: true })];
  },
  reshape: ({ outputs }, context) => same(context, valueAt(context, outputs[0]).shape),
  concat: ({ attrs, inputs, outputs }, context) => {
    if (inputs.length === 1) return same(context, valueAt(context, outputs[0]).shape);
    const run = kernel(context, "Concat");
    return (xs) => [run(xs as unknown as Record<string, TensorInfo>, { axis: attrs.axis })];
  },
  gather: ({ attrs }, context) => {
    const run = kernel(context, "GatherV2");
    const shift = zeroBased(attrs.from, context);
    return ([x, i]) => {
      const indices = shift(i as TensorInfo);
      const rows = run({ x: x as TensorInfo, indices }, { axis: 0, batchDims: 0 });
      context.backend.disposeData(indices.dataId);
      return [rows];
    };
  },
  scatterAdd: ({ attrs, outputs }, context) => {
    const run = kernel(context, "ScatterNd");
    const shift = zeroBased(attrs.from, context);
    const shape = [...valueAt(context, outputs[0]).shape];
    return ([i, updates]) => {
      const indices = shift(i as TensorInfo);
      const count = (i as TensorInfo).shape[0] as number;
      const sum = run({ indices: view(indices, [count, 1]), updates: updates as TensorInfo }, { shape });
      context.backend.disposeData(indices.dataId);
      return [sum];
    };
  },
};

/** A matrix as a stack of one. */
const stackOf = (shape: readonly number[]): number[] => (shape.length === 2 ? [1, ...shape] : [...shape]);

/** The same numbers in another shape, sharing the memory where the device can. */
function same(context: Context, shape: readonly number[]): Kernel {
  const run = kernel(context, "Reshape");
  return ([x]) => [run({ x: x as TensorInfo }, { shape: [...shape] })];
}
