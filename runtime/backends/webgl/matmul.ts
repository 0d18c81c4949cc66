/**
 * Products of matrices. Reading is what they cost, so a fragment makes several texels of the result from what it reads:
 * bands of rows that share the rows of b, or, where a is transposed, the four rows that one texel of a is for.
 */
import type { Value } from "../../program.js";
import { type Context, type Kernels, valueAt } from "../tfjs/rows.js";
import { finishing } from "./epilogue.js";
import { columnsOf, type Layout, type Placed, type TextureMemory, texelsOf } from "./memory.js";
import { transposition } from "./movements.js";
import { type Draw, type Painter, placed, tensorOf } from "./painter.js";
import type { Shader } from "./shader.js";
import { each, planes } from "./tiles.js";

type Stack = readonly [g: number, rows: number, columns: number];
const stackOf = (shape: readonly number[]): Stack =>
  shape.length === 2 ? [1, shape[0] as number, shape[1] as number] : (shape as unknown as Stack);

export const matmul = (painter: Painter): Pick<Kernels<TextureMemory>, "matmul"> => ({
  matmul: (op, context) => {
    const [a, b] = op.inputs.map((id) => stackOf(valueAt(context, id).shape)) as [Stack, Stack];
    const value = valueAt(context, op.outputs[0]);
    const { transposeA, transposeB } = op.attrs;
    const aligned = [a, b].map((shape) => painter.aligned(shape));
    const draw = !transposeA
      ? rows(painter, op, context, a, b, value)
      : !transposeB && !painter.bands(value.shape)
        ? outer(painter, op, context, a, b, value)
        : transposed(painter, op, context, a, b, value);
    return (xs) => draw(xs.map((x, k) => aligned[k]?.(placed(x)) ?? placed(x))).map(tensorOf);
  },
});

type Op = Parameters<Kernels<TextureMemory>["matmul"]>[0];

/** a·b or a·bᵀ. */
function rows(
  painter: Painter,
  op: Op,
  context: Context<TextureMemory>,
  [g, m, k]: Stack,
  b: Stack,
  value: Value,
): Draw {
  const { transposeB } = op.attrs;
  const n = columnsOf(value.shape);
  // A stack times one matrix is one product of all rows.
  const stacked = b[0] > 1;
  const bands = stacked ? undefined : painter.bands(value.shape);
  const count = bands?.count ?? 1;
  return painter.prepare({
    outputs: [value],
    ...(bands ? { bands } : {}),
    write: (shader, layouts) => {
      shader.texels(0, layouts[0] as Layout);
      shader.texels(1, layouts[1] as Layout);
      finishing(shader, op, context, layouts);
      const [width, depth, inner] = [shader.int(texelsOf(n)), shader.int(texelsOf(k)), shader.int(k)];
      const [step, skip] = [shader.int((bands?.step ?? 0) / texelsOf(n)), shader.int(bands?.step ?? 0)];
      const down = shader.int(m);
      const lines = each(4, (q) => {
        if (transposeB) return `vec4 b${q} = X1(b + ${q} * ${depth} + l);`;
        const texel = `X1(b + (4 * l + ${q}) * ${width})`;
        return `vec4 b${q} = ${k % 4 && q ? `(4 * l + ${q} < ${inner} ? ${texel} : vec4(0))` : texel};`;
      });
      const product = (r: number): string =>
        transposeB
          ? `sum${r} += vec4(dot(a, b0), dot(a, b1), dot(a, b2), dot(a, b3));`
          : `sum${r} += a.x * b0 + a.y * b1 + a.z * b2 + a.w * b3;`;
      const matrix = stacked ? `s * ${shader.int(b[1] * texelsOf(b[2]))}` : "0";
      const first = stacked && g === 1 ? `(row - s * ${down})` : "row";
      return {
        main: `int row = div(t, ${width}), column = t - row * ${width};
          ${stacked ? `int s = div(row, ${down});` : ""}
          int b = ${matrix} + ${transposeB ? `4 * column * ${depth}` : "column"};
          ${each(count, (r) => `vec4 sum${r} = vec4(0); int at${r} = (${first} + ${r} * ${step}) * ${depth};`)}
          for (int l = 0; l < ${depth}; l++) {
            ${lines}
            ${each(count, (r) => `{ vec4 a = X0(at${r} + l); ${product(r)} }`)}
          }`,
        results: Array.from({ length: count }, (_, r) => `finish(sum${r}, t + ${r} * ${skip})`),
      };
    },
  });
}

/** aᵀ·b or aᵀ·bᵀ by a transposed copy of a, which costs little beside a large product. */
function transposed(
  painter: Painter,
  op: Op,
  context: Context<TextureMemory>,
  a: Stack,
  b: Stack,
  value: Value,
): Draw {
  const [g, k, m] = a;
  const copy = painter.prepare(transposition({ dtype: "float32", shape: [g, m, k] }, a, [0, 2, 1]));
  const product = rows(painter, op, context, [g, m, k], b, value);
  return ([x, ...rest]) => {
    const [made] = copy([x as Placed]) as [Placed];
    const result = product([made, ...rest]);
    painter.memory.disposeData(made);
    return result;
  };
}

/** aᵀ·b: the sum over rows k of the outer products of a's and b's. */
function outer(
  painter: Painter,
  op: Op,
  context: Context<TextureMemory>,
  a: Stack,
  b: Stack,
  value: Value,
): Draw {
  const [, k, m] = a;
  const n = columnsOf(value.shape);
  const stack = (shader: Shader, own: Stack): string =>
    own[0] > 1 ? `s * ${shader.int(own[1] * texelsOf(own[2]))}` : "0";
  return planes(painter, {
    value,
    steps: k,
    lead: [Math.max(a[0], b[0])],
    rows: m,
    finish: (shader, layouts, first) => finishing(shader, op, context, layouts, first),
    write: (shader, layouts) => {
      shader.texels(0, layouts[0] as Layout);
      shader.texels(1, layouts[1] as Layout);
      const [widthA, widthB] = [shader.int(texelsOf(m)), shader.int(texelsOf(n))];
      return `int at = down, bt = across;
        ${a[0] > 1 || b[0] > 1 ? `int s = i0; at += ${stack(shader, a)}; bt += ${stack(shader, b)};` : ""}
        for (int l = from; l < to; l++) {
          #define X(k) X0(at + l * ${widthA} + k)
          vec4 y = X1(bt + l * ${widthB}); ADD }`;
    },
  });
}
