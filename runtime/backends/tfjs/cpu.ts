/** The reference: tfjs's plain JavaScript kernels, and elementwise bodies computed step by step in float64. */
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { env, type TensorInfo } from "@tensorflow/tfjs-core";
import { type Data, sizeOf } from "../../../dsl/array.js";
import { argsOf, scalarOps } from "../../../dsl/expression.js";
import type { Step } from "../../../dsl/net.js";
import { integers, normals, uniforms } from "../../../dsl/random.js";
import type { Op, Value, ValueId } from "../../program.js";
import type { Backend } from "../backend.js";
import { type Device, TfjsExecutable } from "./executable.js";
import { shared } from "./kernels.js";
import { eachProduct, pad, slice, transpose } from "./plain.js";
import { type Context, type Kernel, type Kernels, valueAt } from "./rows.js";

/** Runs anywhere and needs nothing; slow. Elementwise operations are computed in float64 and rounded once. */
export const cpu: Backend = {
  name: "cpu",
  composites: new Set(),
  epilogues: false,
  prepare: async (program, options) => new TfjsExecutable(program, device, options),
};

function device(): Device {
  // Without it tfjs advises Node users, on the console, to install another package.
  env().set("PROD", true);
  const backend = new MathBackendCPU();
  return {
    name: "cpu",
    backend,
    kernels,
    read: (dataId) => backend.readSync(dataId),
    check: () => {},
    dispose: () => backend.dispose(),
  };
}

const numbers = ({ backend }: Context, x: TensorInfo | undefined): Data =>
  (backend as MathBackendCPU).readSync((x as TensorInfo).dataId) as Data;

const tensor = ({ backend }: Context, data: Data, { shape, dtype }: Value): TensorInfo =>
  (backend as MathBackendCPU).makeTensorInfo([...shape], dtype, data);

const kernels: Kernels = {
  ...shared,
  elementwise: ({ attrs, inputs, outputs }, context) => {
    const out = outputs.map((id) => valueAt(context, id));
    const shape = out[0]?.shape ?? [];
    const evaluate = evaluator(attrs.body);
    const positions = inputs.map((id) => broadcast(valueAt(context, id).shape, shape));
    return (xs) => {
      const arrays = xs.map((x) => numbers(context, x));
      const results = out.map(
        ({ dtype }) => new (dtype === "int32" ? Int32Array : Float32Array)(sizeOf(shape)),
      );
      const element = new Float64Array(xs.length);
      for (let i = 0; i < sizeOf(shape); i++) {
        for (let k = 0; k < arrays.length; k++)
          element[k] = (arrays[k] as Data)[(positions[k] as Int32Array)[i] as number] as number;
        const steps = evaluate(element);
        for (let r = 0; r < results.length; r++)
          (results[r] as Data)[i] = steps[attrs.results[r] as number] as number;
      }
      return results.map((data, r) => tensor(context, data, out[r] as Value));
    };
  },
  transpose: ({ attrs, ...op }, context) =>
    plain(op, context, ([x], [from]) => transpose(x as Data, shapeOf(from), attrs)),
  slice: ({ attrs, ...op }, context) =>
    plain(op, context, ([x], [from], to) => slice(x as Data, shapeOf(from), to.shape, attrs)),
  pad: ({ attrs, ...op }, context) =>
    plain(op, context, ([x], [from], to) => pad(x as Data, shapeOf(from), to.shape, attrs)),
  conv2d: ({ attrs, ...op }, context) =>
    plain(op, context, ([x, filter], [from, by], to) =>
      sums(to, (y) =>
        eachProduct(shapeOf(from), shapeOf(by), to.shape, attrs, (i, k, o) => {
          y[o] = (y[o] as number) + ((x as Data)[i] as number) * ((filter as Data)[k] as number);
        }),
      ),
    ),
  conv2dInput: ({ attrs, ...op }, context) =>
    plain(op, context, ([dy, filter], [from, by], to) =>
      sums(to, (dx) =>
        eachProduct(to.shape, shapeOf(by), shapeOf(from), attrs, (i, k, o) => {
          dx[i] = (dx[i] as number) + ((dy as Data)[o] as number) * ((filter as Data)[k] as number);
        }),
      ),
    ),
  conv2dFilter: ({ attrs, ...op }, context) =>
    plain(op, context, ([x, dy], [from, by], to) =>
      sums(to, (dfilter) =>
        eachProduct(shapeOf(from), to.shape, shapeOf(by), attrs, (i, k, o) => {
          dfilter[k] = (dfilter[k] as number) + ((x as Data)[i] as number) * ((dy as Data)[o] as number);
        }),
      ),
    ),
  random: ({ attrs, inputs, outputs }, context) => {
    const out = valueAt(context, outputs[0]);
    const count = sizeOf(out.shape);
    return () => {
      const [seed = 0, step = 0, first = 0] = context.host(inputs[0] as ValueId) ?? [];
      const key = { seed, step, first, stream: attrs.stream };
      if (attrs.kind === "integer") return [tensor(context, integers(count, attrs.min, attrs.max, key), out)];
      return [tensor(context, (attrs.kind === "uniform" ? uniforms : normals)(count, key), out)];
    };
  },
};

/** A kernel of plain arrays with one result. */
function plain(
  { inputs, outputs }: Pick<Op, "inputs" | "outputs">,
  context: Context,
  compute: (xs: readonly Data[], from: readonly Value[], to: Value) => Data,
): Kernel {
  const from = inputs.map((id) => valueAt(context, id));
  const to = valueAt(context, outputs[0]);
  return (xs) => [
    tensor(
      context,
      compute(
        xs.map((x) => numbers(context, x)),
        from,
        to,
      ),
      to,
    ),
  ];
}
const shapeOf = (value: Value | undefined): readonly number[] => value?.shape ?? [];

/** Sums in float64, rounded once. */
function sums({ shape }: Value, add: (to: Float64Array) => void): Float32Array {
  const to = new Float64Array(sizeOf(shape));
  add(to);
  return Float32Array.from(to);
}

/** The value of every step, from one element of each input. The array is used again by the next call. */
function evaluator(body: readonly Step[]): (inputs: Float64Array) => Float64Array {
  const values = new Float64Array(body.length);
  const steps = body.map((step): ((inputs: Float64Array) => number) => {
    if (step.op === "constant") return () => step.value;
    if (step.op === "lookup") throw new TypeError("cpu: elementwise takes no lookup steps but receives one");
    if (step.op === "input") {
      const k = Number(step.name);
      return (inputs) => inputs[k] as number;
    }
    const [a = 0, b = 0, c = 0] = argsOf(step);
    const { evaluate } = scalarOps[step.op];
    return () => evaluate(values[a] as number, values[b] as number, values[c] as number);
  });
  return (inputs) => {
    for (let i = 0; i < steps.length; i++) values[i] = (steps[i] as (typeof steps)[number])(inputs);
    return values;
  };
}

/** For each element of a value of shape `to`, in order, where it stands in an operand of shape `from`. */
function broadcast(from: readonly number[], to: readonly number[]): Int32Array {
  let positions = Int32Array.of(0);
  let stride = sizeOf(from);
  to.forEach((d, axis) => {
    const own = from[axis - to.length + from.length] ?? 1;
    stride /= own;
    const next = new Int32Array(positions.length * d);
    for (let i = 0; i < next.length; i++)
      next[i] = (positions[Math.floor(i / d)] as number) + (own === 1 ? 0 : (i % d) * stride);
    positions = next;
  });
  return positions;
}
