/**
 * Products of matrices. Reading is what they cost, so a fragment makes several texels of the result from what it reads:
 * bands of rows that share the rows of b, or, where a is transposed, the four rows that one texel of a is for.
 */
import type { Value } from "../../program.js";
import { type Context, type Kernels, valueAt } from "../tfjs/kernels.js";
import { finishing } from "./epilogue.js";
import { columnsOf, type Layout, type TextureMemory, texelsOf } from "./memory.js";
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
    const rest = op.inputs.slice(2).map(() => (x: ReturnType<typeof placed>) => x);
    const aligned = [...[a, b].map((shape) => painter.aligned(shape)), ...rest];
    const draw =
      transposeA && !transposeB
        ? outer(painter, op, context, a, b, value)
        : rows(painter, op, context, a, b, value);
    return (xs) => draw(xs.map((x, k) => (aligned[k] as (typeof rest)[number])(placed(x)))).map(tensorOf);
  },
});

type Op = Parameters<Kernels<TextureMemory>["matmul"]>[0];

/** a·b or a·bᵀ, and aᵀ·bᵀ at a higher price. */
function rows(
  painter: Painter,
  op: Op,
  context: Context<TextureMemory>,
  a: Stack,
  b: Stack,
  value: Value,
): Draw {
  const { transposeA, transposeB } = op.attrs;
  const [m, k] = transposeA ? [a[2], a[1]] : [a[1], a[2]];
  const n = columnsOf(value.shape);
  // A stack times one matrix is one product of all rows.
  const stacked = b[0] > 1 || (transposeA && a[0] > 1);
  const bands = stacked ? undefined : painter.bands(value.shape);
  const count = bands?.count ?? 1;
  return painter.prepare({
    outputs: [value],
    ...(bands ? { bands } : {}),
    write: (shader, layouts) => {
      shader.texels(0, layouts[0] as Layout);
      shader.texels(1, layouts[1] as Layout);
      finishing(shader, op, context, layouts);
      const [width, depth, inner] = [texelsOf(n), texelsOf(k), k].map((d) => shader.int(d)) as [
        string,
        string,
        string,
      ];
      const step = shader.int((bands?.step ?? 0) / texelsOf(n));
      const skip = shader.int(bands?.step ?? 0);
      const whole = k % 4 === 0;
      const widthA = transposeA ? shader.int(texelsOf(m)) : depth;
      const stack = (own: Stack): string =>
        stacked && own[0] > 1 ? `s * ${shader.int(own[1] * texelsOf(own[2]))}` : "0";
      const lines = each(4, (q) =>
        transposeB
          ? `vec4 b${q} = X1(b + ${q} * ${depth} + l);`
          : `vec4 b${q} = ${guard(whole, q, inner, `X1(b + (4 * l + ${q}) * ${width})`)};`,
      );
      const product = (r: number): string =>
        transposeB
          ? `sum${r} += vec4(dot(a${r}, b0), dot(a${r}, b1), dot(a${r}, b2), dot(a${r}, b3));`
          : `sum${r} += a${r}.x * b0 + a${r}.y * b1 + a${r}.z * b2 + a${r}.w * b3;`;
      const left = (r: number): string => {
        if (!transposeA) return `vec4 a${r} = X0(at${r} + l);`;
        const parts = each(4, (q) => guard(whole, q, inner, `X0(at${r} + (4 * l + ${q}) * ${widthA})`), ", ");
        return `mat4 m${r} = mat4(${parts}); vec4 a${r} = vec4(${each(4, (q) => `m${r}[${q}][lane${r}]`, ", ")});`;
      };
      const start = (r: number): string => {
        const row = `int row${r} = ${stacked ? `row - s * ${shader.int(m)}` : "row"} + ${r} * ${step};`;
        return transposeA
          ? `${row} int at${r} = ${stack(a)} + (row${r} >> 2), lane${r} = row${r} & 3;`
          : `${row} int at${r} = ${stack(a)} + row${r} * ${depth};`;
      };
      return {
        main: `int row = div(t, ${width}), column = t - row * ${width};
          ${stacked ? `int s = div(row, ${shader.int(m)});` : ""}
          int b = ${stack(b)} + ${transposeB ? `4 * column * ${depth}` : "column"};
          ${each(count, (r) => `vec4 sum${r} = vec4(0); ${start(r)}`)}
          for (int l = 0; l < ${depth}; l++) {
            ${lines}
            ${each(count, (r) => `${left(r)} ${product(r)}`)}
          }`,
        results: Array.from({ length: count }, (_, r) => `finish(sum${r}, t + ${r} * ${skip})`),
      };
    },
  });
}

/** A texel that counts only where row 4l + q is one of the matrix. */
const guard = (whole: boolean, q: number, inner: string, texel: string): string =>
  whole || q === 0 ? texel : `(4 * l + ${q} < ${inner} ? ${texel} : vec4(0))`;

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
    places: [Math.max(a[0], b[0]), texelsOf(m), texelsOf(n)],
    rows: m,
    finish: (shader, layouts, first) => finishing(shader, op, context, layouts, first),
    write: (shader, layouts) => {
      shader.texels(0, layouts[0] as Layout);
      shader.texels(1, layouts[1] as Layout);
      const [widthA, widthB] = [shader.int(texelsOf(m)), shader.int(texelsOf(n))];
      return `int at = i1, bt = i2;
        ${a[0] > 1 || b[0] > 1 ? `int s = i0; at += ${stack(shader, a)}; bt += ${stack(shader, b)};` : ""}
        for (int l = from; l < to; l+=4) { ${each(4,(q)=>`{vec4 x = X0(at + (l+${q}) * ${widthA}), y = X1(bt + (l+${q}) * ${widthB}); ADD}`)} }`;
    },
  });
}
