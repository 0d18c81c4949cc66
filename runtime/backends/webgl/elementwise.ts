/** Elementwise bodies and random numbers: one fragment program each, whatever the body. */
import { sizeOf } from "../../../dsl/array.js";
import { pcg } from "../../../dsl/random.js";
import type { ValueId } from "../../program.js";
import { type Kernels, valueAt } from "../tfjs/rows.js";
import { glslOf, randomGlsl } from "./glsl.js";
import { columnsOf, type Layout, type TextureMemory, texelsOf } from "./memory.js";
import { operandAt } from "./operand.js";
import { type Painter, placed, tensorOf } from "./painter.js";

export const elementwise = (painter: Painter): Pick<Kernels<TextureMemory>, "elementwise" | "random"> => ({
  elementwise: ({ attrs, inputs, outputs }, context) => {
    const values = outputs.map((id) => valueAt(context, id));
    const shape = values[0]?.shape ?? [];
    // A number that the host knows is a uniform; everything else is a texture.
    const isNumber = inputs.map((id) => context.isHost(id) && sizeOf(valueAt(context, id).shape) === 1);
    const textures = inputs.flatMap((_, k) => (isNumber[k] ? [] : [k]));
    const numbers = inputs.flatMap((_, k) => (isNumber[k] ? [k] : []));
    if (textures.length > painter.maxOperands)
      throw new RangeError(
        `webgl: an elementwise operation takes ${painter.maxOperands} operands but receives ${textures.length}`,
      );
    const draws = chunks(attrs.results, painter.maxResults).map((results, chunk) =>
      painter.prepare({
        outputs: values.slice(chunk * painter.maxResults, chunk * painter.maxResults + results.length),
        floats: numbers.length,
        write: (shader, layouts) => {
          textures.forEach((k, n) => {
            operandAt(shader, n, layouts[n] as Layout, valueAt(context, inputs[k]).shape, shape);
          });
          const { define, main } = glslOf(
            attrs.body,
            results,
            (k) => (isNumber[k] ? `T(u[${numbers.indexOf(k)}])` : `o${textures.indexOf(k)}(t)`),
            (value) => shader.rate(value),
          );
          shader.define(define);
          const texel = (step: number, n: number): string =>
            values[chunk * painter.maxResults + n]?.dtype === "int32" ? `trunc(s${step})` : `s${step}`;
          return { main, results: results.map(texel) };
        },
      }),
    );
    return (xs) => {
      const floats = numbers.map((k) => context.host(inputs[k] as ValueId)?.[0] as number);
      const operands = textures.map((k) => placed(xs[k]));
      return draws.flatMap((draw) => draw(operands, floats)).map(tensorOf);
    };
  },

  random: ({ attrs, inputs, outputs }, context) => {
    const [key] = inputs as [ValueId];
    const value = valueAt(context, outputs[0]);
    if (!context.isHost(key))
      throw new TypeError(
        "webgl: random takes a key that is an input of the program but receives a computed one",
      );
    const columns = columnsOf(value.shape);
    const draw = painter.prepare({
      outputs: [value],
      keys: 3,
      write: (shader) => {
        const { define, main } = randomGlsl(attrs);
        shader.define(define);
        const width = shader.int(texelsOf(columns));
        const first =
          columns % 4 === 0 ? "4 * t" : `div(t, ${width}) * ${shader.int(columns)} + 4 * mod_(t, ${width})`;
        return { main: `U index = uint(${first}) + uvec4(0, 1, 2, 3);\n${main}`, results: ["drawn"] };
      },
    });
    return () => {
      const [seed = 0, step = 0, first = 0] = context.host(key) ?? [];
      return draw([], [], [first, step, pcg((seed + pcg(attrs.stream)) | 0) | 0]).map(tensorOf);
    };
  },
});

/** Pieces of at most `size`. */
export const chunks = <T>(xs: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(xs.length / size) }, (_, n) => xs.slice(n * size, (n + 1) * size));
