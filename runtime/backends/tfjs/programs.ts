/** The fragment programs that we write ourselves. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../../dsl/array.js";
import { pcg } from "../../../dsl/random.js";
import type { Value, ValueId } from "../../program.js";
import { glslOf, randomGlsl } from "./glsl.js";
import { type Kernels, shared, valueAt } from "./kernels.js";
import { convolutions, movements } from "./loops.js";
import { tiledMatmul } from "./matmul.js";
import { byPosition, type Draw, type Painter, packs, type Sketch } from "./painter.js";
import { reduction } from "./reduction.js";
import { matrixOf, operand, quotient, remainder } from "./texture.js";

/** Results of one program: WebGL 2 promises four render targets. */
const mostResults = 4;

export const ownKernels = (painter: Painter): Omit<Kernels, "gather" | "scatterAdd"> => ({
  elementwise: ({ attrs, inputs, outputs }, context) => {
    const values = outputs.map((id) => valueAt(context, id));
    const shape = values[0]?.shape ?? [];
    const packed = packs(shape);
    // A number that the host knows is a uniform; everything else is a texture.
    const isNumber = inputs.map((id) => context.isHost(id) && sizeOf(valueAt(context, id).shape) === 1);
    const textures = inputs.flatMap((_, k) => (isNumber[k] ? [] : [k]));
    const numbers = inputs.flatMap((_, k) => (isNumber[k] ? [k] : []));
    if (textures.length > painter.maxOperands)
      throw new RangeError(
        `webgl: an elementwise operation takes ${painter.maxOperands} operands but receives ${textures.length}`,
      );
    const draws = chunks(attrs.results, mostResults).map((results, chunk) =>
      painter.prepare({
        outputs: values.slice(chunk * mostResults, chunk * mostResults + results.length),
        packed,
        operands: textures.length,
        uniforms: numbers.map((k) => `float u${k}`),
        write: (layouts, output) => {
          const reads = textures.map((k, n) =>
            operand(n, valueAt(context, inputs[k]).shape, layouts[n] as (typeof layouts)[number], output),
          );
          const { define, main } = glslOf(attrs.body, results, packed ? "vec4" : "float", (k) =>
            isNumber[k] ? `T(u${k})` : (reads[textures.indexOf(k)]?.value as string),
          );
          return {
            define: [define, ...reads.map((read) => read.define)].join("\n"),
            main,
            results: results.map((step) => `s${step}`),
          };
        },
      }),
    );
    return (xs) => {
      const uniforms = numbers.map((k) => [context.host(inputs[k] as ValueId)?.[0] as number]);
      const operands = textures.map((k) => xs[k] as TensorInfo);
      return draws.flatMap((draw) => draw(operands, uniforms));
    };
  },

  random: ({ attrs, inputs, outputs }, context) => {
    const [key] = inputs as [ValueId];
    const value = valueAt(context, outputs[0]);
    if (!context.isHost(key))
      throw new TypeError(
        "webgl: random takes a key that is an input of the program but receives a computed one",
      );
    const packed = packs(value.shape);
    const width = matrixOf(value.shape)[1];
    const draw = painter.prepare({
      outputs: [value],
      packed,
      operands: 0,
      uniforms: ["ivec3 key"],
      write: () => {
        const { define, main } = randomGlsl(attrs, packed ? "vec4" : "float");
        const index = packed ? `uint(i) + uvec4(0, 1, ${width}, ${width + 1})` : "uint(i)";
        return { define, main: `U index = ${index};\n${main}`, results: ["drawn"] };
      },
    });
    return () => {
      const [seed = 0, step = 0, first = 0] = context.host(key) ?? [];
      return draw([], [[first, step, pcg((seed + pcg(attrs.stream)) | 0) | 0]]);
    };
  },

  reduce: ({ attrs, inputs, outputs }, context) =>
    reduction(attrs, valueAt(context, inputs[0]), painter) ??
    shared.reshape({ attrs: {}, inputs, outputs, prim: "reshape", node: "" }, context),

  concat: ({ attrs: { axis }, inputs, outputs }, context) => {
    const value = valueAt(context, outputs[0]);
    const sizes = inputs.map((id) => valueAt(context, id).shape[axis] as number);
    /** The concatenation of parts of these sizes; where they are too many for one program, in groups first. */
    const join = (sizes: readonly number[], packed: boolean): Draw => {
      const total = sizes.reduce((sum, n) => sum + n, 0);
      if (sizes.length <= painter.maxOperands)
        return painter.prepare(
          concatenation({ ...value, shape: value.shape.with(axis, total) }, axis, sizes, packed),
        );
      const groups = chunks(sizes, painter.maxOperands);
      const draws = groups.map((group) => join(group, false));
      const last = join(
        groups.map((group) => group.reduce((sum, n) => sum + n, 0)),
        packed,
      );
      return (xs) => {
        const parts = chunks(xs, painter.maxOperands).flatMap((group, n) => (draws[n] as Draw)(group));
        const result = last(parts);
        for (const { dataId } of parts) painter.backend.disposeData(dataId);
        return result;
      };
    };
    return join(sizes, packs(value.shape));
  },

  /** Of packed matrices; an operand that is not packed is, once a run. */
  matmul: (op, context) => {
    const plain = valueAt(context, op.outputs[0]).shape.length === 2;
    const product = (plain && tiledMatmul(op, context, painter)) || shared.matmul(op, context);
    const copies = op.inputs.map((id) =>
      painter.prepare(byPosition(valueAt(context, id), 1, true, "return x0(i);")),
    );
    return (xs) => product(xs.map((x, n) => painter.packed(x, copies[n] as (typeof copies)[number])));
  },

  ...movements(painter),
  ...convolutions(painter),

  /** Only another name: every reader knows in which shape a texture was packed. */
  reshape: ({ outputs }, context) => {
    const shape = [...valueAt(context, outputs[0]).shape];
    return ([x]) => {
      const { dataId, dtype } = x as TensorInfo;
      painter.backend.incRef(dataId);
      return [{ dataId, dtype, shape }];
    };
  },
});

/** Parts of these sizes along `axis`, one after the other. */
function concatenation(value: Value, axis: number, sizes: readonly number[], packed: boolean): Sketch {
  const size = sizeOf(value.shape);
  const inner = sizeOf(value.shape.slice(axis + 1));
  const total = value.shape[axis] as number;
  const parts = sizes.map(
    (own, k) => `if (a < ${own}) return x${k}((outside * ${own} + a) * ${inner} + inside); a -= ${own};`,
  );
  const code = `
    int outside = ${quotient("i", inner * total, size)}, inside = ${remainder("i", inner, size)};
    int a = ${remainder(quotient("i", inner, size), total, size)};
    ${parts.join("\n")}
    return 0.;`;
  return byPosition(value, sizes.length, packed, code);
}

/** Pieces of at most `size`. */
const chunks = <T>(xs: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(xs.length / size) }, (_, n) => xs.slice(n * size, (n + 1) * size));
