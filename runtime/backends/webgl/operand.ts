/** How operands of elementwise bodies are read where a texel of the output is made. */
import { sizeOf } from "../../../dsl/array.js";
import { stridesOf } from "../tfjs/plain.js";
import { alike, columnsOf, type Layout, texelsOf } from "./memory.js";
import type { Shader } from "./shader.js";

/** Strides of an operand along the axes of what it is broadcast to: 0 where it is repeated. */
const repeated = (own: readonly number[], to: readonly number[]): number[] => {
  const padded = [...to.slice(own.length).map(() => 1), ...own];
  const strides = stridesOf(padded);
  return padded.map((d, axis) => (d === 1 ? 0 : (strides[axis] as number)));
};

/**
 * Defines `vec4 o<k>(int t)`: operand k, of this shape, broadcast to texel t of the output. Where it lies as the output
 * does, that is one texel; where it repeats whole rows or single numbers, one too; else four.
 */
export function operandAt(
  shader: Shader,
  k: number,
  layout: Layout,
  shape: readonly number[],
  output: readonly number[],
): void {
  const columns = columnsOf(output);
  const own = columnsOf(shape);
  const width = texelsOf(columns);
  shader.texels(k, layout);
  const whole = alike(layout.columns, own);
  if (own === columns && whole) {
    const texels = (of: readonly number[]): number[] => [...of.slice(0, -1), width];
    const to = texels(output.length ? output : [1]);
    shader.define(
      `vec4 o${k}(int t) { return X${k}(${shader.project("t", to, repeated(texels(shape.length ? shape : [1]), to))}); }`,
    );
    return;
  }
  if (sizeOf(shape) === 1) {
    shader.define(`vec4 o${k}(int t) { return X${k}(0).xxxx; }`);
    return;
  }
  if (layout.columns !== 1) shader.numbers(k, layout);
  const row = width === 1 ? "t" : `div(t, ${shader.int(width)})`;
  if (own === 1) {
    const lead = output.slice(0, -1);
    const index = shader.project("r", lead, repeated(shape.slice(0, -1), lead));
    shader.define(
      `vec4 o${k}(int t) { int r = ${row}; return ${layout.columns === 1 ? `X${k}(${index}).xxxx` : `vec4(x${k}(${index}))`}; }`,
    );
    return;
  }
  if (layout.columns === 1) shader.numbers(k, layout);
  const strides = repeated(shape, output);
  shader.define(`int f${k}(int i) { return ${shader.project("i", output, strides)}; }
    vec4 o${k}(int t) {
      int r = ${row}, i = r * ${shader.int(columns)} + 4 * ${width === 1 ? "0" : `(t - r * ${shader.int(width)})`};
      return vec4(x${k}(f${k}(i)), x${k}(f${k}(i + 1)), x${k}(f${k}(i + 2)), x${k}(f${k}(i + 3)));
    }`);
}
