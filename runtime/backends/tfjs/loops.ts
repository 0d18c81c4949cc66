/** Movements of numbers and convolutions, one number of the output a time. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Conv2dAttrs, Op } from "../../program.js";
import { literal } from "./glsl.js";
import { type Context, type Kernel, type Kernels, valueAt } from "./kernels.js";
import { byPosition, type Painter, packs } from "./painter.js";
import { stridesOf } from "./plain.js";

type Ports = Pick<Op, "inputs" | "outputs">;

/** `int a0, a1, …`: the index of position i. */
const indexOf = (shape: readonly number[]): string =>
  stridesOf(shape)
    .map((stride, axis) => `int a${axis} = (i / ${stride}) % ${shape[axis]};`)
    .join(" ");

function number(painter: Painter, { inputs, outputs }: Ports, context: Context, code: string): Kernel {
  const out = valueAt(context, outputs[0]);
  const draw = painter.prepare(byPosition(out, inputs.length, packs(out.shape), code));
  return (xs) => draw(xs as TensorInfo[]);
}

export const movements = (painter: Painter): Pick<Kernels, "slice" | "pad" | "transpose"> => ({
  transpose: ({ attrs: { order }, ...op }, context) => {
    const strides = stridesOf(valueAt(context, op.inputs[0]).shape);
    const at = order.map((axis, k) => `a${k} * ${strides[axis]}`).join(" + ");
    return number(
      painter,
      op,
      context,
      `${indexOf(valueAt(context, op.outputs[0]).shape)} return x0(${at || "0"});`,
    );
  },
  slice: ({ attrs: { begin, strides }, ...op }, context) => {
    const own = stridesOf(valueAt(context, op.inputs[0]).shape);
    const at = own.map((s, k) => `(a${k} * ${strides[k]} + ${begin[k]}) * ${s}`).join(" + ");
    return number(
      painter,
      op,
      context,
      `${indexOf(valueAt(context, op.outputs[0]).shape)} return x0(${at || "0"});`,
    );
  },
  pad: ({ attrs: { before, strides, value }, ...op }, context) => {
    const { shape } = valueAt(context, op.inputs[0]);
    const own = stridesOf(shape);
    const outside = shape.map(
      (d, k) =>
        `a${k} -= ${before[k]}; if (a${k} < 0 || a${k} % ${strides[k]} != 0 || a${k} / ${strides[k]} >= ${d}) return ${literal(value)};`,
    );
    const at = own.map((s, k) => `a${k} / ${strides[k]} * ${s}`).join(" + ");
    return number(
      painter,
      op,
      context,
      `${indexOf(valueAt(context, op.outputs[0]).shape)} ${outside.join(" ")} return x0(${at || "0"});`,
    );
  },
});

/** Loops over the taps, with the input's row and column of output (i, j). */
const taps = (filter: readonly number[], x: readonly number[], attrs: Conv2dAttrs, body: string): string => `
  for (int u = 0; u < ${filter[0]}; u++) for (int v = 0; v < ${filter[1]}; v++) {
    int r = i * ${attrs.strides[0]} + u * ${attrs.dilations[0]} - ${attrs.before[0]};
    int s = j * ${attrs.strides[1]} + v * ${attrs.dilations[1]} - ${attrs.before[1]};
    if (r < 0 || r >= ${x[1]} || s < 0 || s >= ${x[2]}) continue;
    ${body}
  }`;

export const convolutions = (painter: Painter): Pick<Kernels, "conv2d" | "conv2dInput" | "conv2dFilter"> => ({
  conv2d: ({ attrs, ...op }, context) => {
    const [x = [], filter = []] = op.inputs.map((id) => valueAt(context, id).shape);
    const y = valueAt(context, op.outputs[0]).shape;
    const [depth, n] = filter.slice(2) as [number, number];
    return number(
      painter,
      op,
      context,
      `${indexOf(y)} int j = a2; float total = 0.; i = a1;
      int first = a3 / ${n / attrs.groups} * ${depth};
      ${taps(filter, x, attrs, `for (int c = 0; c < ${depth}; c++) total += x0(((a0 * ${x[1]} + r) * ${x[2]} + s) * ${x[3]} + first + c) * x1(((u * ${filter[1]} + v) * ${depth} + c) * ${n} + a3);`)}
      return total;`,
    );
  },
  conv2dInput: ({ attrs, ...op }, context) => {
    const [dy = [], filter = []] = op.inputs.map((id) => valueAt(context, id).shape);
    const x = valueAt(context, op.outputs[0]).shape;
    const [kh, kw, depth, n] = filter as [number, number, number, number];
    const share = n / attrs.groups;
    return number(
      painter,
      op,
      context,
      `${indexOf(x)} float total = 0.; int first = a3 / ${depth} * ${share}, c = a3 % ${depth};
      for (int u = 0; u < ${kh}; u++) for (int v = 0; v < ${kw}; v++) {
        int r = a1 + ${attrs.before[0]} - u * ${attrs.dilations[0]}, s = a2 + ${attrs.before[1]} - v * ${attrs.dilations[1]};
        if (r < 0 || s < 0 || r % ${attrs.strides[0]} != 0 || s % ${attrs.strides[1]} != 0) continue;
        r /= ${attrs.strides[0]}; s /= ${attrs.strides[1]};
        if (r >= ${dy[1]} || s >= ${dy[2]}) continue;
        for (int o = first; o < first + ${share}; o++)
          total += x0(((a0 * ${dy[1]} + r) * ${dy[2]} + s) * ${n} + o) * x1(((u * ${kw} + v) * ${depth} + c) * ${n} + o);
      }
      return total;`,
    );
  },
  conv2dFilter: ({ attrs, ...op }, context) => {
    const [x = [], dy = []] = op.inputs.map((id) => valueAt(context, id).shape);
    const filter = valueAt(context, op.outputs[0]).shape;
    const [depth, n] = filter.slice(2) as [number, number];
    return number(
      painter,
      op,
      context,
      `${indexOf(filter)} float total = 0.; int c = a3 / ${n / attrs.groups} * ${depth} + a2;
      for (int b = 0; b < ${dy[0]}; b++) for (int i = 0; i < ${dy[1]}; i++) for (int j = 0; j < ${dy[2]}; j++) {
        int r = i * ${attrs.strides[0]} + a0 * ${attrs.dilations[0]} - ${attrs.before[0]};
        int s = j * ${attrs.strides[1]} + a1 * ${attrs.dilations[1]} - ${attrs.before[1]};
        if (r < 0 || r >= ${x[1]} || s < 0 || s >= ${x[2]}) continue;
        total += x0(((b * ${x[1]} + r) * ${x[2]} + s) * ${x[3]} + c) * x1(((b * ${dy[1]} + i) * ${dy[2]} + j) * ${n} + a3);
      }
      return total;`,
    );
  },
});
