/** Numbers to other places: nothing is computed. Whole texels are moved where they stay whole, else number by number. */
import { sizeOf } from "../../../dsl/array.js";
import type { Value } from "../../program.js";
import { stridesOf } from "../tfjs/plain.js";
import { type Kernels, valueAt } from "../tfjs/rows.js";
import { chunks } from "./elementwise.js";
import { literal } from "./glsl.js";
import { alike, columnsOf, type Layout, type TextureMemory, texelsOf } from "./memory.js";
import { type Draw, type Painter, placed, type Sketch, tensorOf } from "./painter.js";
import type { Shader } from "./shader.js";

type Shape = readonly number[];
/** A shape counted in texels. */
const inTexels = (shape: Shape): number[] =>
  shape.length ? [...shape.slice(0, -1), texelsOf(columnsOf(shape))] : [1];
const keeps = (layout: Layout, shape: Shape, columns: number): boolean =>
  columnsOf(shape) === columns && alike(layout.columns, columns);

/**
 * A movement: `find` gives, for the place `i` in an array of `to`, the lines that end with the return of `moved(…)` of
 * a place in the operand. It is called with shapes in texels where `whole` is, else with shapes in numbers.
 */
function moving(
  output: Value,
  whole: (layouts: readonly Layout[]) => boolean,
  find: (shader: Shader, to: Shape, whole: boolean) => string,
  indices: readonly number[] = [],
): Sketch {
  return {
    outputs: [output],
    write: (shader, layouts) => {
      const inWholes = whole(layouts);
      layouts.forEach((layout, k) => {
        shader.texels(k, layout);
        if (!inWholes || indices.includes(k)) shader.numbers(k, layout);
      });
      const { shape } = output;
      if (inWholes) {
        shader.define(`vec4 move(int i) { ${find(shader, inTexels(shape), true)} }`);
        return { main: "", results: ["move(t)"] };
      }
      shader.define(`float move(int i) { ${find(shader, shape, false)} }`);
      const [row, columns] = [shader.int(texelsOf(columnsOf(shape))), shader.int(columnsOf(shape))];
      if (columnsOf(shape) === 1) return { main: "", results: ["vec4(move(t), 0, 0, 0)"] };
      return {
        main: `int r = div(t, ${row}), i = r * ${columns} + 4 * (t - r * ${row});`,
        results: ["vec4(move(i), move(i + 1), move(i + 2), move(i + 3))"],
      };
    },
  };
}
/** The operand's name in a movement: of texels, or of numbers. */
const from = (whole: boolean, k = 0): string => `${whole ? "X" : "x"}${k}`;

export const movements = (
  painter: Painter,
): Pick<
  Kernels<TextureMemory>,
  "reshape" | "transpose" | "slice" | "pad" | "concat" | "gather" | "scatterAdd"
> => ({
  /** Only another name: every reader knows in which rows the numbers lie. */
  reshape:
    (_, { backend }) =>
    ([x]) => {
      backend.incRef(placed(x));
      return [tensorOf(placed(x))];
    },

  transpose: ({ attrs: { order }, inputs, outputs }, context) => {
    const { shape } = valueAt(context, inputs[0]);
    const draw = painter.prepare(transposition(valueAt(context, outputs[0]), shape, order));
    return ([x]) => draw([placed(x)]).map(tensorOf);
  },

  slice: ({ attrs: { begin, strides }, inputs, outputs }, context) => {
    const { shape } = valueAt(context, inputs[0]);
    const value = valueAt(context, outputs[0]);
    const columns = columnsOf(value.shape);
    const first = begin.reduce((sum, n, axis) => sum + n * (stridesOf(shape)[axis] as number), 0);
    const draw = painter.prepare(
      moving(
        value,
        ([layout]) => keeps(layout as Layout, shape, columns),
        (shader, to, whole) => {
          const own = stridesOf(whole ? inTexels(shape) : shape);
          const start = begin.reduce((sum, n, axis) => sum + n * (own[axis] as number), 0);
          const at = shader.project(
            "i",
            to,
            own.map((n, axis) => n * (strides[axis] as number)),
          );
          return `return ${from(whole)}(${shader.int(start)} + ${at});`;
        },
      ),
    );
    const together = runsOn(shape, value.shape, strides);
    return ([x]) => {
      const source = placed(x);
      // Texels that follow one another in the source are the slice.
      if (together && first % 4 === 0 && source.columns % 4 === 0 && columns % 4 === 0)
        return [tensorOf(context.backend.view(source, first / 4, columns, sizeOf(value.shape)))];
      if (together && source.columns === columns && columnsOf(shape) === columns)
        return [
          tensorOf(
            context.backend.view(source, (first / columns) * texelsOf(columns), columns, sizeOf(value.shape)),
          ),
        ];
      return draw([source]).map(tensorOf);
    };
  },

  pad: ({ attrs: { before, strides, value: rest }, inputs, outputs }, context) => {
    const { shape } = valueAt(context, inputs[0]);
    const value = valueAt(context, outputs[0]);
    const draw = painter.prepare(
      moving(
        value,
        ([layout]) => keeps(layout as Layout, shape, columnsOf(value.shape)),
        (shader, to, whole) => {
          const own = stridesOf(whole ? inTexels(shape) : shape);
          const counted = stridesOf(to);
          const nothing = `${whole ? "vec4" : "float"}(${literal(Math.fround(rest))})`;
          const axes = to.map((d, axis) => {
            const size = (whole ? inTexels(shape) : shape)[axis] as number;
            if (size === d)
              return `at += ${shader.project(
                "i",
                to,
                to.map((_, k) => (k === axis ? (own[axis] as number) : 0)),
              )};`;
            const index = `mod_(div(i, ${shader.int(counted[axis] as number)}), ${shader.int(d)})`;
            const stride = shader.int(strides[axis] as number);
            return `a = ${index} - ${shader.int(before[axis] as number)}; b = a < 0 ? -1 : div(a, ${stride});
              if (b < 0 || b * ${stride} != a || b >= ${shader.int(size)}) return ${nothing};
              at += b * ${shader.int(own[axis] as number)};`;
          });
          return `int at = 0, a, b; ${axes.join("\n")} return ${from(whole)}(at);`;
        },
      ),
    );
    return ([x]) => draw([placed(x)]).map(tensorOf);
  },

  concat: ({ attrs: { axis }, inputs, outputs }, context) => {
    const value = valueAt(context, outputs[0]);
    const shapes = inputs.map((id) => valueAt(context, id).shape);
    const part = (shapes: readonly Shape[]): Value => ({
      ...value,
      shape: value.shape.with(
        axis,
        shapes.reduce((sum, shape) => sum + (shape[axis] as number), 0),
      ),
    });
    /** The concatenation of so many; where they are too many for one program, in groups first. */
    const join = (shapes: readonly Shape[]): Draw => {
      if (shapes.length <= painter.maxOperands)
        return painter.prepare(concatenation(part(shapes), axis, shapes));
      const groups = chunks(shapes, painter.maxOperands);
      const draws = groups.map(join);
      const last = join(groups.map((group) => part(group).shape));
      return (xs) => {
        const parts = chunks(xs, painter.maxOperands).flatMap((group, n) => (draws[n] as Draw)(group));
        const result = last(parts);
        for (const made of parts) context.backend.disposeData(made);
        return result;
      };
    };
    const draw = join(shapes);
    return (xs) => draw(xs.map(placed)).map(tensorOf);
  },

  gather: ({ attrs, inputs, outputs }, context) => {
    const table = valueAt(context, inputs[0]).shape;
    const value = valueAt(context, outputs[0]);
    const draw = painter.prepare(
      moving(
        value,
        ([layout]) => table.length > 1 && keeps(layout as Layout, table, columnsOf(value.shape)),
        (shader, _, whole) => {
          const row = shader.int(sizeOf((whole ? inTexels(table) : table).slice(1)));
          return `int r = div(i, ${row}); return ${from(whole)}((int(x1(r)) - ${shader.int(attrs.from)}) * ${row} + i - r * ${row});`;
        },
        [1],
      ),
    );
    return (xs) => draw(xs.map(placed)).map(tensorOf);
  },

  scatterAdd: ({ attrs, inputs, outputs }, context) => {
    const [indices = [], updates = []] = inputs.map((id) => valueAt(context, id).shape);
    const value = valueAt(context, outputs[0]);
    const draw = painter.prepare(
      moving(
        value,
        (layouts) => updates.length > 1 && keeps(layouts[1] as Layout, updates, columnsOf(value.shape)),
        (shader, to, whole) => {
          const row = shader.int(sizeOf(to.slice(1)));
          return `int r = div(i, ${row}), k = i - r * ${row}; ${whole ? "vec4" : "float"} sum = ${whole ? "vec4(0)" : "0."};
            for (int b = 0; b < ${shader.int(indices[0] as number)}; b++)
              if (int(x0(b)) - ${shader.int(attrs.from)} == r) sum += ${from(whole, 1)}(b * ${row} + k);
            return sum;`;
        },
        [0],
      ),
    );
    return (xs) => draw(xs.map(placed)).map(tensorOf);
  },
});

/** x, of this shape, with its axes in another order. */
export function transposition(value: Value, shape: Shape, order: readonly number[]): Sketch {
  const last = shape.length - 1;
  return moving(
    value,
    ([layout]) => order[last] === last && keeps(layout as Layout, shape, columnsOf(shape)),
    (shader, to, whole) => {
      const strides = stridesOf(whole ? inTexels(shape) : shape);
      const at = shader.project(
        "i",
        to,
        order.map((axis) => strides[axis] as number),
      );
      return `return ${from(whole)}(${at});`;
    },
  );
}

/** Whether the numbers of a slice follow one another: after its first axis of more than 1 all axes are whole. */
function runsOn(shape: Shape, size: Shape, strides: Shape): boolean {
  const first = size.findIndex((d) => d !== 1);
  return first < 0 || (strides[first] === 1 && size.every((d, axis) => axis <= first || d === shape[axis]));
}

/** Parts along `axis`, one after the other. */
function concatenation(value: Value, axis: number, shapes: readonly Shape[]): Sketch {
  const last = value.shape.length - 1;
  return moving(
    value,
    (layouts) =>
      layouts.every((layout, k) => {
        const columns = columnsOf(shapes[k] as Shape);
        return alike(layout.columns, columns) && (axis < last || columns % 4 === 0);
      }),
    (shader, to, whole) => {
      const inner = shader.int(sizeOf(to.slice(axis + 1)));
      const parts = shapes.map((shape, k) => {
        const own = shader.int((whole ? inTexels(shape) : shape)[axis] as number);
        return `if (a < ${own}) return ${from(whole, k)}((outside * ${own} + a) * ${inner} + inside); a -= ${own};`;
      });
      return `int q = div(i, ${inner}), inside = i - q * ${inner}, outside = div(q, ${shader.int(to[axis] as number)});
        int a = q - outside * ${shader.int(to[axis] as number)};
        ${parts.join("\n")}
        return ${whole ? "vec4(0)" : "0."};`;
    },
  );
}
