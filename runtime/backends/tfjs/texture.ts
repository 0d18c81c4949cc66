/**
 * Where numbers lie in tfjs's textures, and how a fragment program finds them. An unpacked texture holds one
 * number a texel, in row-major order; a packed one holds 2×2 blocks of the last two axes. Programs read either
 * kind, so that nothing is ever converted only to be read by us.
 */
import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../../dsl/array.js";

export interface Layout {
  readonly packed: boolean;
  /** Of a packed texture: the shape whose last two axes were packed. */
  readonly shape: readonly number[];
  /** In texels. */
  readonly width: number;
  readonly height: number;
  /** Whether an unpacked texture begins with the tensor's first number; otherwise the tensor is a slice of it. */
  readonly fromStart: boolean;
}

/** The texture of a tensor, which is uploaded where it is not yet on the device. */
export interface Source extends Layout {
  readonly texture: WebGLTexture;
  /** The position of the tensor's first number in an unpacked texture that it is a slice of. */
  readonly offset: number;
}

export function sourceOf(backend: MathBackendWebGL, { dataId }: TensorInfo): Source {
  backend.uploadToGPU(dataId);
  const { texture, texShape, isPacked = false, slice, shape } = backend.texData.get(dataId);
  if (!texture || !texShape) throw new Error("webgl: tfjs gives no texture");
  const [height, width] = isPacked ? texShape.map((d) => Math.ceil(d / 2)) : texShape;
  return {
    texture: texture.texture,
    packed: isPacked,
    shape,
    width: width as number,
    height: height as number,
    offset: slice?.flatOffset ?? 0,
    fromStart: !slice?.flatOffset,
  };
}

/** Below it a quotient of integers is exact in float32, which is much the faster. */
const exactBelow = 2 ** 22;

/** ⌊a/n⌋ as GLSL, for an integer expression 0 ≤ a < limit. */
export function quotient(a: string, n: number, limit: number): string {
  if (n === 1) return a;
  if (Number.isInteger(Math.log2(n))) return `((${a}) >> ${Math.log2(n)})`;
  return limit < exactBelow ? `int((float(${a}) + .5) * ${1 / n})` : `((${a}) / ${n})`;
}
/** a mod n as GLSL. */
export function remainder(a: string, n: number, limit: number): string {
  if (n === 1) return "0";
  if (Number.isInteger(Math.log2(n))) return `((${a}) & ${n - 1})`;
  return limit < exactBelow ? `((${a}) - ${n} * ${quotient(a, n, limit)})` : `((${a}) % ${n})`;
}

/** Rows and columns of the matrices that a shape is made of. */
export const matrixOf = (shape: readonly number[]): readonly [number, number] => [
  shape.at(-2) ?? 1,
  shape.at(-1) ?? 1,
];

/** True where a matrix's last row shares a block with nothing of the next matrix, and rows can be counted through. */
const rowsRunOn = (shape: readonly number[]): boolean =>
  matrixOf(shape)[0] % 2 === 0 || sizeOf(shape.slice(0, -2)) === 1;

/** `float x<k>(int i)`: the number at row-major position i of operand k. */
export function reader(k: number, { packed, shape, width, height, fromStart }: Layout): string {
  const texels = width * height;
  const texel = (t: string): string =>
    height === 1 ? `ivec2(${t}, 0)` : `ivec2(${remainder(t, width, texels)}, ${quotient(t, width, texels)})`;
  if (!packed)
    return `uniform sampler2D X${k}; ${fromStart ? "" : `uniform int offset${k};`}
    float x${k}(int i) { ${fromStart ? "" : `i += offset${k};`} return texelFetch(X${k}, ${texel("i")}, 0).r; }`;
  const [rows, columns] = matrixOf(shape);
  const size = sizeOf(shape);
  const across = Math.ceil(columns / 2);
  const matrix = rowsRunOn(shape) ? "" : `int m = ${quotient("r", rows, size)}; r -= m * ${rows};`;
  return `uniform sampler2D X${k};
    float x${k}(int i) {
      int r = ${quotient("i", columns, size)}, c = i - r * ${columns};
      ${matrix}
      int t = ${matrix && `m * ${Math.ceil(rows / 2)} + `}(r >> 1);
      ${width === across ? "ivec2 at = ivec2(c >> 1, t);" : `t = t * ${across} + (c >> 1); ivec2 at = ${texel("t")};`}
      vec4 block = texelFetch(X${k}, at, 0);
      vec2 row = (r & 1) == 0 ? block.xy : block.zw;
      return (c & 1) == 0 ? row.x : row.y;
    }`;
}

/**
 * The first lines of a `main` that draws this layout: `ivec2 p`, its texel, and `int i`, the row-major position
 * of the (first) number there. In a packed one of C columns the others are at i + 1, i + C and i + C + 1, and
 * `across` and `down` count the blocks.
 */
export function position({ packed, shape, width, height }: Layout): string {
  if (!packed) return `ivec2 p = ivec2(gl_FragCoord.xy); int i = p.y * ${width} + p.x;`;
  const [rows, columns] = matrixOf(shape);
  const texels = width * height;
  const across = Math.ceil(columns / 2);
  const down = Math.ceil(rows / 2);
  const matrix = rowsRunOn(shape) ? "" : `int m = ${quotient("down", down, texels)};`;
  return `ivec2 p = ivec2(gl_FragCoord.xy);
    int across = p.x, down = p.y;
    ${width === across ? "" : `int t = p.y * ${width} + p.x; down = ${quotient("t", across, texels)}; across = t - down * ${across};`}
    ${matrix}
    int i = ${matrix ? `(m * ${rows} + 2 * (down - m * ${down}))` : "2 * down"} * ${columns} + 2 * across;`;
}

/** Zeros in `result` where a block reaches beyond the last row or column: matmul reads them. */
export function edges({ packed, shape, width, height }: Layout): string {
  const [rows, columns] = matrixOf(shape);
  if (!packed) return "";
  const [across, down] = [Math.ceil(columns / 2), Math.ceil(rows / 2)];
  return `${columns % 2 ? `if (across == ${across - 1}) result.yw = vec2(0);` : ""}
    ${rows % 2 ? `if (${remainder("down", down, width * height)} == ${down - 1}) result.zw = vec2(0);` : ""}`;
}

/**
 * Row-major position in an operand of shape `from` of the element at position `i` of the shape `to` that it is
 * broadcast to, as a GLSL expression: a term for every run of axes that are not repeated.
 */
export function broadcastIndex(from: readonly number[], to: readonly number[]): string {
  const terms: string[] = [];
  const size = sizeOf(to);
  let [outer, inner, extent, start] = [1, 1, 1, 1];
  const flush = (): void => {
    if (extent === 1) return;
    const shifted = quotient("i", start, size);
    const kept = start * extent === size ? shifted : remainder(shifted, extent, size);
    terms.push(inner === extent ? kept : `(${kept}) * ${inner / extent}`);
    extent = 1;
  };
  for (let axis = to.length - 1; axis >= 0; axis--) {
    const d = to[axis] as number;
    const own = from[axis - to.length + from.length] ?? 1;
    if (own === 1 && d !== 1) flush();
    else if (d !== 1) {
      if (extent === 1) start = outer;
      extent *= d;
      inner *= d;
    }
    outer *= d;
  }
  flush();
  return terms.length === 0 ? "0" : terms.join(" + ");
}

/**
 * The number of operand k at the position of `main`, broadcast to the output: a float, or the vec4 of a block.
 * Definitions and the expression.
 */
export function operand(
  k: number,
  shape: readonly number[],
  source: Layout,
  output: Layout,
): { readonly define: string; readonly value: string } {
  const index = broadcastIndex(shape, output.shape);
  const read = reader(k, source);
  const sameTexels =
    index === "i" &&
    source.packed === output.packed &&
    source.fromStart &&
    source.width === output.width &&
    source.height === output.height &&
    (!source.packed || String(matrixOf(source.shape)) === String(matrixOf(output.shape)));
  if (sameTexels) return { define: read, value: `texelFetch(X${k}, p, 0)${output.packed ? "" : ".r"}` };
  if (!output.packed) return { define: read, value: `x${k}(${index})` };
  const [rows, columns] = matrixOf(shape).map((d, n) => d !== matrixOf(output.shape)[n]) as [
    boolean,
    boolean,
  ];
  const width = matrixOf(output.shape)[1];
  const corners = [
    "x(f(i))",
    columns ? "a" : "x(f(i + 1))",
    rows ? "a" : `x(f(i + ${width}))`,
    columns ? (rows ? "a" : "c") : rows ? "b" : `x(f(i + ${width + 1}))`,
  ].map((corner) => corner.replace("x(f", `x${k}(f${k}`));
  return {
    define: `${read}
    int f${k}(int i) { return ${index}; }
    vec4 block${k}(int i) { float a = ${corners[0]}, b = ${corners[1]}, c = ${corners[2]}, d = ${corners[3]}; return vec4(a, b, c, d); }`,
    value: `block${k}(i)`,
  };
}
