/** Convolutions of images and their transposes. Filters of groups that texels do not keep apart are read by number. */
import type { Conv2dAttrs, OpOf } from "../../program.js";
import { type Context, type Kernels, valueAt } from "../tfjs/rows.js";
import { finishing } from "./epilogue.js";
import { type Layout, type TextureMemory, texelsOf } from "./memory.js";
import { type Draw, type Painter, placed, tensorOf } from "./painter.js";
import type { Shader } from "./shader.js";
import { each, planes } from "./tiles.js";

type Images = readonly [b: number, h: number, w: number, c: number];
type Rows = Pick<Kernels<TextureMemory>, "conv2d" | "conv2dInput" | "conv2dFilter">;

export const conv2d = (painter: Painter): Rows => ({
  conv2d: (op, context) => toImages(painter, op, context),
  conv2dInput: (op, context) => toImages(painter, op, context),
  conv2dFilter: (op, context) => {
    const [x, y] = op.inputs.map((id) => valueAt(context, id).shape) as unknown as [Images, Images];
    const aligned = [x, y].map((shape) => painter.aligned(shape));
    const draw = toFilter(painter, op, context, x, y);
    return (xs) => draw(xs.map((v, k) => (aligned[k] as (typeof aligned)[number])(placed(v)))).map(tensorOf);
  },
});

/** The sizes of a geometry, as uniforms. */
function geometry(shader: Shader, { strides, dilations, before }: Conv2dAttrs) {
  const pair = (values: readonly [number, number]): readonly [string, string] => [
    shader.int(values[0]),
    shader.int(values[1]),
  ];
  return { strides: pair(strides), dilations: pair(dilations), before: pair(before) };
}

/**
 * y from x, or dx from dy. Bands of pixels share what is read of the filter: with four texels of it a fragment makes
 * four channels of each of its pixels.
 */
function toImages(
  painter: Painter,
  op: OpOf<"conv2d"> | OpOf<"conv2dInput">,
  context: Context<TextureMemory>,
): ReturnType<Rows["conv2d"]> {
  const back = op.prim === "conv2dInput";
  const [source, filter] = op.inputs.map((id) => valueAt(context, id).shape) as unknown as [Images, Images];
  const value = valueAt(context, op.outputs[0]);
  const [, height, width, channels] = value.shape as unknown as Images;
  const [, kw, depth, n] = filter;
  const { groups } = op.attrs;
  const share = n / groups;
  const apart = groups === 1 || (depth % 4 === 0 && share % 4 === 0);
  const bands = painter.bands(value.shape);
  const count = bands?.count ?? 1;
  const draw = painter.prepare({
    outputs: [value],
    ...(bands ? { bands } : {}),
    write: (shader, layouts) => {
      shader.texels(0, layouts[0] as Layout);
      shader.texels(1, layouts[1] as Layout);
      if (!apart) {
        shader.numbers(0, layouts[0] as Layout);
        shader.numbers(1, layouts[1] as Layout);
      }
      finishing(shader, op, context, layouts);
      const { strides, dilations, before } = geometry(shader, op.attrs);
      const [across, pixels, columns] = [texelsOf(channels), height * width, width].map((d) =>
        shader.int(d),
      ) as [string, string, string];
      const [rows, line, wide] = [source[1], source[2], texelsOf(source[3])].map((d) => shader.int(d)) as [
        string,
        string,
        string,
      ];
      const [kernelHeight, kernelWidth] = [shader.int(filter[0]), shader.int(kw)];
      const [step, skip] = [
        shader.int((bands?.step ?? 0) / texelsOf(channels)),
        shader.int(bands?.step ?? 0),
      ];
      const strided = op.attrs.strides.some((s) => s > 1);
      /** The row (axis 0) or column that output place `i` reads at tap `u`; negative or too large outside. */
      const reads = (i: string, u: string, axis: 0 | 1): string =>
        back
          ? `${i} + ${before[axis]} - ${u} * ${dilations[axis]}`
          : `${i} * ${strides[axis]} + ${u} * ${dilations[axis]} - ${before[axis]}`;
      const place = (r: number): string => {
        const between =
          back && strided
            ? `int y${r} = div(max(0, y), ${strides[0]}), x${r}_ = div(max(0, x), ${strides[1]});
               bool in${r} = y${r} * ${strides[0]} == y && x${r}_ * ${strides[1]} == x && y${r} < ${rows} && x${r}_ < ${line};`
            : `int y${r} = y, x${r}_ = x; bool in${r} = y >= 0 && x >= 0 && y < ${rows} && x < ${line};`;
        return `y = ${reads(`i${r}`, "u", 0)}; x = ${reads(`j${r}`, "v", 1)}; ${between}
          int at${r} = in${r} ? ((b${r} * ${rows} + y${r}) * ${line} + x${r}_) * ${wide} : 0;`;
      };
      const terms = apart
        ? byTexels(shader, back, count, { depth, n, groups, share })
        : byNumbers(shader, back, count, { depth, n, share, channels: source[3] });
      return {
        main: `int row = div(t, ${across}), column = t - row * ${across}, y, x;
          ${each(
            count,
            (
              r,
            ) => `int b${r} = div(row + ${r} * ${step}, ${pixels}), j${r} = row + ${r} * ${step} - b${r} * ${pixels};
              int i${r} = div(j${r}, ${columns}); j${r} -= i${r} * ${columns}; vec4 sum${r} = vec4(0);`,
          )}
          for (int u = 0; u < ${kernelHeight}; u++) for (int v = 0; v < ${kernelWidth}; v++) {
            ${each(count, place)}
            int tap = u * ${kernelWidth} + v;
            ${terms}
          }`,
        results: Array.from({ length: count }, (_, r) => `finish(sum${r}, t + ${r} * ${skip})`),
      };
    },
  });
  const aligned = [painter.aligned(source), painter.aligned(filter)];
  return (xs) => draw(xs.map((x, k) => (aligned[k] ? aligned[k](placed(x)) : placed(x)))).map(tensorOf);
}

interface Filter {
  readonly depth: number;
  readonly n: number;
  readonly share: number;
}

/** Over the texels of a pixel's channels: each with the four texels of the filter that it meets. */
function byTexels(
  shader: Shader,
  back: boolean,
  count: number,
  { depth, n, groups, share }: Filter & { readonly groups: number },
): string {
  const width = shader.int(texelsOf(n));
  const rowsOf = shader.int(depth);
  const terms = shader.int(texelsOf(back ? share : depth));
  // In groups, the channels of a texel of the output read so many texels of the input, from the group's first on.
  const group = groups === 1 ? "0" : `div(column, ${shader.int(texelsOf(back ? depth : share))})`;
  const within = groups === 1 ? "column" : `column - g * ${shader.int(texelsOf(depth))}`;
  const first = `int g = ${group}, base = g * ${terms};`;
  const taps = back
    ? each(4, (q) => `vec4 f${q} = X1((tap * ${rowsOf} + 4 * (${within}) + ${q}) * ${width} + base + l);`)
    : each(4, (q) => {
        const texel = `X1((tap * ${rowsOf} + 4 * l + ${q}) * ${width} + column)`;
        return `vec4 f${q} = ${depth % 4 && q ? `(4 * l + ${q} < ${rowsOf} ? ${texel} : vec4(0))` : texel};`;
      });
  const add = (r: number): string =>
    back
      ? `sum${r} += vec4(dot(s${r}, f0), dot(s${r}, f1), dot(s${r}, f2), dot(s${r}, f3));`
      : `sum${r} += s${r}.x * f0 + s${r}.y * f1 + s${r}.z * f2 + s${r}.w * f3;`;
  return `${first} for (int l = 0; l < ${terms}; l++) {
      ${taps}
      ${each(count, (r) => `vec4 s${r} = X0(at${r} + base + l); s${r} = in${r} ? s${r} : vec4(0); ${add(r)}`)}
    }`;
}

/** Each lane of the output is a channel of a group of its own. */
function byNumbers(
  shader: Shader,
  back: boolean,
  count: number,
  { depth, n, share, channels }: Filter & { readonly channels: number },
): string {
  const [own, other, terms] = [back ? depth : share, back ? share : depth, back ? share : depth];
  const [ownSize, otherSize, limit] = [own, other, terms].map((d) => shader.int(d)) as [
    string,
    string,
    string,
  ];
  const [rowsOf, width, line, wide] = [depth, n, channels, texelsOf(channels)].map((d) => shader.int(d)) as [
    string,
    string,
    string,
    string,
  ];
  if (depth === 1 && share === 1)
    return `vec4 f = X1(tap * ${shader.int(texelsOf(n))} + column);
      ${each(count, (r) => `vec4 s${r} = X0(at${r} + column); sum${r} += in${r} ? s${r} * f : vec4(0);`)}`;
  const lane = (q: number): string => {
    const channel = `int c = 4 * column + ${q}, g = div(c, ${ownSize}), k = g * ${otherSize} + l;`;
    const tap = back
      ? `(tap * ${rowsOf} + c - g * ${ownSize}) * ${width} + k`
      : `(tap * ${rowsOf} + l) * ${width} + c`;
    return `{ ${channel} float f = x1(${tap});
      ${each(count, (r) => `if (in${r}) sum${r}[${q}] += f * x0(div(at${r}, ${wide}) * ${line} + k);`)} }`;
  };
  return `for (int l = 0; l < ${limit}; l++) { ${each(4, lane)} }`;
}

/** dfilter: over all pixels, four channels of x times four of dy. */
function toFilter(
  painter: Painter,
  op: OpOf<"conv2dFilter">,
  context: Context<TextureMemory>,
  x: Images,
  y: Images,
): Draw {
  const value = valueAt(context, op.outputs[0]);
  const [kh, kw, depth, n] = value.shape as unknown as Images;
  const { groups } = op.attrs;
  const share = n / groups;
  const apart = groups === 1 || (depth % 4 === 0 && share % 4 === 0);
  /** The loop over a line of y's pixels, with ADD for what is done with `vec4 y` and `X(k)`. */
  const loop = (shader: Shader, tap: readonly [string, string], channel: string, column: string): string => {
    const { strides, dilations, before } = geometry(shader, op.attrs);
    const [height, width, deep] = [x[1], x[2], texelsOf(x[3])].map((d) => shader.int(d)) as [
      string,
      string,
      string,
    ];
    const [rows, columns, wide] = [y[1], y[2], texelsOf(n)].map((d) => shader.int(d)) as [
      string,
      string,
      string,
    ];
    return `int shift = ${tap[1]} * ${dilations[1]} - ${before[1]};
      int first = max(0, div(${strides[1]} - 1 + max(0, -shift), ${strides[1]}));
      int last = min(${columns}, ${width} > shift ? div(${width} - shift - 1, ${strides[1]}) + 1 : 0);
      for (int l = from; l < to; l++) {
        int b = div(l, ${rows}), i = l - b * ${rows};
        int row = i * ${strides[0]} + ${tap[0]} * ${dilations[0]} - ${before[0]};
        if (row < 0 || row >= ${height}) continue;
        int at = ((b * ${height} + row) * ${width} + first * ${strides[1]} + shift) * ${deep} + ${channel};
        int bt = (l * ${columns} + first) * ${wide} + ${column};
        int hop = ${strides[1]} * ${deep};
        for (int j = first; j < last; j++, at += hop, bt += ${wide}) {
        #define X(k) X0(at + k)
        vec4 y = X1(bt); ADD }
      }`;
  };
  if (apart)
    return planes(painter, {
      value,
      steps: y[0] * y[1],
      lead: [kh, kw],
      rows: depth,
      write: (shader, layouts) => {
        shader.texels(0, layouts[0] as Layout);
        shader.texels(1, layouts[1] as Layout);
        const group =
          groups === 1
            ? "down"
            : `down + div(across, ${shader.int(texelsOf(share))}) * ${shader.int(texelsOf(depth))}`;
        return loop(shader, ["i0", "i1"], group, "across");
      },
    });
  return painter.prepare({
    outputs: [value],
    write: (shader, layouts) => {
      shader.texels(0, layouts[0] as Layout);
      shader.texels(1, layouts[1] as Layout);
      shader.numbers(0, layouts[0] as Layout);
      const [across, down, wide] = [texelsOf(n), depth, kw].map((d) => shader.int(d)) as [
        string,
        string,
        string,
      ];
      const [deep, line] = [shader.int(texelsOf(x[3])), shader.int(x[3])];
      const single = depth === 1 && share === 1;
      const lanes = each(
        4,
        (q) => `x0(div(at, ${deep}) * ${line} + div(4 * column + ${q}, ${shader.int(share)}) * ${down} + c)`,
        ", ",
      );
      const text = loop(shader, ["u", "v"], single ? "column" : "0", "column");
      return {
        main: `int q = div(t, ${across}), column = t - q * ${across}, tap = div(q, ${down}), c = q - tap * ${down};
          int u = div(tap, ${wide}), v = tap - u * ${wide}, from = 0, to = ${shader.int(y[0] * y[1])};
          vec4 sum = vec4(0);
          ${single ? text.replace("ADD", "sum += X(0) * y;") : text.replace("ADD", `sum += vec4(${lanes}) * y;`)}`,
        results: ["sum"],
      };
    },
  });
}
