/** The fragment programs that we write ourselves: elementwise operations and random numbers. */
import type { GPGPUProgram, MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../../dsl/array.js";
import { pcg } from "../../../dsl/random.js";
import type { ValueId } from "../../program.js";
import { glslOf, randomGlsl, type Width } from "./glsl.js";
import { type Kernels, valueAt } from "./kernels.js";

/** tfjs's names for the coordinates of a texel's first element. */
const axes = ["x", "y", "z", "w"];

/** tfjs packs 2×2 blocks of the last two axes into a texel; a value of fewer axes is better left unpacked. */
const widthFor = (shape: readonly number[]): Width =>
  shape.length >= 2 && shape.length <= 4 && (shape.at(-1) as number) > 1 && (shape.at(-2) as number) > 1
    ? "vec4"
    : "float";

/** `result` with zeros where the texel reaches beyond the last row or column: matmul reads them. */
function masked(shape: readonly number[]): string {
  const rank = shape.length;
  const [rows, columns] = shape.slice(-2) as [number, number];
  if (rows % 2 === 0 && columns % 2 === 0) return "";
  const at = (axis: number): string => `at.${axes[axis]}`;
  return `
    ivec${rank} at = getOutputCoords();
    bool lastRow = ${at(rank - 2)} + 1 >= ${rows}, lastColumn = ${at(rank - 1)} + 1 >= ${columns};
    if (lastColumn) result.yw = vec2(0);
    if (lastRow) result.zw = vec2(0);`;
}

/** `U i`: the row-major index of each element of the texel. */
function flatIndex(shape: readonly number[], width: Width): string {
  if (width === "float") return "uint i = uint(getOutputCoords());";
  const columns = shape.at(-1) as number;
  const index = shape.reduce(
    (sum, d, axis) => (axis === 0 ? "p.x" : `(${sum}) * ${d} + p.${axes[axis]}`),
    "",
  );
  return `
    ivec${shape.length} p = getOutputCoords();
    uvec4 i = uint(${index}) + uvec4(0, 1, ${columns}, ${columns + 1});`;
}

const wrap = (define: string, main: string, shape: readonly number[], width: Width): string =>
  `${define}\nvoid main() {\n${main}\n${width === "vec4" ? masked(shape) : ""}\nsetOutput(result);\n}`;

export const own: Pick<Kernels, "elementwise" | "random"> = {
  elementwise: ({ attrs, inputs, outputs }, context) => {
    const backend = context.backend as MathBackendWebGL;
    const shape = [...valueAt(context, outputs[0]).shape];
    const width = widthFor(shape);
    // A number that the host knows is a uniform; everything else is a texture.
    const isScalar = inputs.map((id) => context.isHost(id) && sizeOf(valueAt(context, id).shape) === 1);
    const textures = inputs.flatMap((_, k) => (isScalar[k] ? [] : [k]));
    const programs = attrs.results.map((result): GPGPUProgram => {
      const { define, main } = glslOf(attrs.body, result, width, (k) =>
        isScalar[k] ? `T(u${k})` : `getX${k}AtOutCoords()`,
      );
      return {
        variableNames: textures.map((k) => `X${k}`),
        customUniforms: inputs.flatMap((_, k) => (isScalar[k] ? [{ name: `u${k}`, type: "float" }] : [])),
        outputShape: shape,
        packedInputs: width === "vec4",
        packedOutput: width === "vec4",
        userCode: wrap(define, main, shape, width),
      };
    });
    return (xs) => {
      const operands = textures.map((k) => xs[k] as TensorInfo);
      const uniforms = inputs.flatMap((id, k) => (isScalar[k] ? [[context.host(id)?.[0] as number]] : []));
      return programs.map((program, r) =>
        backend.runWebGLProgram(program, operands, valueAt(context, outputs[r]).dtype, uniforms),
      );
    };
  },
  random: ({ attrs, inputs, outputs }, context) => {
    const backend = context.backend as MathBackendWebGL;
    const [key] = inputs as [ValueId];
    const out = valueAt(context, outputs[0]);
    if (!context.isHost(key))
      throw new TypeError(
        "webgl: random takes a key that is an input of the program but receives a computed one",
      );
    const width = widthFor(out.shape);
    const shape = width === "vec4" ? [...out.shape] : [sizeOf(out.shape)];
    const { define, main } = randomGlsl(attrs, width);
    const program: GPGPUProgram = {
      variableNames: [],
      customUniforms: [{ name: "key", type: "ivec3" }],
      outputShape: shape,
      packedInputs: false,
      packedOutput: width === "vec4",
      userCode: wrap(define, `${flatIndex(shape, width)}\n${main}`, shape, width),
    };
    return () => {
      const [seed = 0, step = 0, first = 0] = context.host(key) ?? [];
      const hashed = pcg((seed + pcg(attrs.stream)) | 0) | 0;
      return [backend.runWebGLProgram(program, [], out.dtype, [[first, step, hashed]])];
    };
  },
};
