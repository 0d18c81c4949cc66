/** The fragment programs that we write ourselves. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../../dsl/array.js";
import { pcg } from "../../../dsl/random.js";
import type { Value, ValueId } from "../../program.js";
import { glslOf, prelude, randomGlsl } from "./glsl.js";
import { type Kernels, shared, valueAt } from "./kernels.js";
import { tiledMatmul } from "./matmul.js";
import type { Painter, Sketch } from "./painter.js";
import { matrixOf, operand, quotient, reader, remainder } from "./texture.js";

/** Results of one program: WebGL 2 promises four render targets. */
const mostResults = 4;

/** Values with proper matrices in their last two axes are packed, as matmul wants them. */
const packs = (shape: readonly number[]): boolean => matrixOf(shape).every((d) => d > 1);

/** A program for each number of the output by its row-major position: `float value(int i)`. */
function byPosition(outputs: Value, operands: number, packed: boolean, value: string): Sketch {
  const width = matrixOf(outputs.shape)[1];
  return {
    outputs: [outputs],
    packed,
    operands,
    write: (layouts) => ({
      define: [
        prelude.float,
        ...layouts.map((layout, k) => reader(k, layout)),
        `float value(int i) {\n${value}\n}`,
      ].join("\n"),
      main: "",
      results: [
        packed ? `vec4(value(i), value(i + 1), value(i + ${width}), value(i + ${width + 1}))` : "value(i)",
      ],
    }),
  };
}

export const ownKernels = (
  painter: Painter,
): Pick<Kernels, "elementwise" | "random" | "reduce" | "concat" | "matmul" | "reshape"> => ({
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

  /** One run of neighbouring axes after the other; a long one in two stages, so that the GPU has enough to do at a time. */
  reduce: ({ attrs, inputs, outputs }, context) => {
    const value = valueAt(context, outputs[0]);
    const from = valueAt(context, inputs[0]).shape;
    const { start, step } = {
      sum: { start: "0.", step: "sum += v" },
      max: { start: "-INF", step: "sum = nanMax(sum, v)" },
    }[attrs.kind];
    const stages: ((xs: readonly TensorInfo[]) => TensorInfo[])[] = [];
    /** [outer, n, inner] → [outer, count, inner], each from `window` numbers. */
    const stage = (outer: number, n: number, inner: number, window: number): void => {
      const count = Math.ceil(n / window);
      const size = outer * count * inner;
      const code = `
        int outside = ${quotient("i", inner * count, size)}, chunk = ${remainder(quotient("i", inner, size), count, size)};
        int inside = ${remainder("i", inner, size)};
        int first = chunk * ${window}, at = (outside * ${n} + first) * ${inner} + inside;
        int count = min(${window}, ${n} - first);
        float sum = ${start};
        for (int k = 0; k < count; k++) { float v = x0(at + k * ${inner}); ${step}; }
        return sum;`;
      stages.push(
        painter.prepare(byPosition({ dtype: value.dtype, shape: [outer * count * inner] }, 1, false, code)),
      );
    };
    let shape = from;
    for (const axes of runs(attrs.axes)) {
      const [first, last] = [axes[0] as number, axes.at(-1) as number];
      const outer = sizeOf(shape.slice(0, first));
      const n = sizeOf(shape.slice(first, last + 1));
      const inner = sizeOf(shape.slice(last + 1));
      const window = n > 64 && outer * inner < 4096 ? 2 ** Math.round(Math.log2(n) / 2) : n;
      stage(outer, n, inner, window);
      if (window < n) stage(outer, Math.ceil(n / window), inner, Math.ceil(n / window));
      shape = shape.map((d, axis) => (axes.includes(axis) ? 1 : d));
    }
    if (stages.length === 0)
      return shared.reduce({ prim: "reduce", attrs, inputs, outputs, node: "" }, context);
    return (xs) =>
      stages.reduce<readonly TensorInfo[]>((operands, run, n) => {
        const results = run(operands);
        if (n > 0) for (const { dataId } of operands) painter.backend.disposeData(dataId);
        return results;
      }, xs);
  },

  concat: (op, context) => {
    const { attrs, inputs, outputs } = op;
    const value = valueAt(context, outputs[0]);
    if (inputs.length === 1 || inputs.length > painter.maxOperands) return shared.concat(op, context);
    const inner = sizeOf(value.shape.slice(attrs.axis + 1));
    const total = value.shape[attrs.axis] as number;
    const size = sizeOf(value.shape);
    const parts = inputs.map((id, k) => {
      const own = valueAt(context, id).shape[attrs.axis] as number;
      return `if (a < ${own}) return x${k}((outside * ${own} + a) * ${inner} + inside); a -= ${own};`;
    });
    const code = `
      int outside = ${quotient("i", inner * total, size)}, inside = ${remainder("i", inner, size)};
      int a = ${remainder(quotient("i", inner, size), total, size)};
      ${parts.join("\n")}
      return 0.;`;
    return painter.prepare(byPosition(value, inputs.length, packs(value.shape), code));
  },

  /** Of packed matrices; an operand that is not packed is, once a run. */
  matmul: (op, context) => {
    const product = tiledMatmul(op, context, painter) ?? shared.matmul(op, context);
    const copies = op.inputs.map((id) =>
      painter.prepare(byPosition(valueAt(context, id), 1, true, "return x0(i);")),
    );
    return (xs) => product(xs.map((x, n) => painter.packed(x, copies[n] as (typeof copies)[number])));
  },

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

/** Pieces of at most `size`. */
const chunks = <T>(xs: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(xs.length / size) }, (_, n) => xs.slice(n * size, (n + 1) * size));

/** Ascending numbers as runs of neighbours: 0, 1, 3 → [0, 1], [3]. */
const runs = (xs: readonly number[]): number[][] =>
  xs.reduce<number[][]>((all, x) => {
    const last = all.at(-1);
    if (last && last.at(-1) === x - 1) last.push(x);
    else all.push([x]);
    return all;
  }, []);
