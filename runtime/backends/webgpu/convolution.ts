import type { Conv2dAttrs } from "../../program.js";
import type { Dispatch } from "./kernel.js";
import { strided } from "./matmul.js";
import { type Factor, type ProductEpilogue, product } from "./product.js";
import type { Params, Place } from "./views.js";

/** The arrays of y = conv2d(x, filter), whichever of them is the result. */
export interface Convolution {
  readonly attrs: Conv2dAttrs;
  /** [b, h, w, c] */
  readonly x: readonly number[];
  /** [kh, kw, c/groups, n] */
  readonly filter: readonly number[];
  /** [b, h', w', n] */
  readonly y: readonly number[];
}

/** The sizes as parameters, after the formulas below. */
function geometry({ attrs, x, filter, y }: Convolution): Params {
  const [, h = 0, w = 0, c = 0] = x;
  const [, kw = 0, cg = 0, channels = 0] = filter;
  const [, yh = 0, yw = 0] = y;
  const { strides, dilations, before, groups } = attrs;
  return {
    ...{ h, w, c, yh, yw, channels, kw, cg, ng: channels / groups },
    ...{ strideH: strides[0], strideW: strides[1], dilationH: dilations[0], dilationW: dilations[1] },
    ...{ beforeH: before[0], beforeW: before[1] },
  };
}

/** (row or column of the image, place in the filter) of an index over the images or the filter. */
const imageLines = (index: string, h: string, w: string): string =>
  `let col = ${index} % i32(p.${w}); let q = ${index} / i32(p.${w}); let row = q % i32(p.${h}); let b = q / i32(p.${h});`;
const filterLines = (index: string, channels: string): string =>
  `let c = ${index} % i32(p.${channels}); let q = ${index} / i32(p.${channels}); let v = q % i32(p.kw); let u = q / i32(p.kw);`;

/** Reads x at the sum of two places (offset, row, column), 0 outside. */
const loadImage = (x: Place): string =>
  `let at = o + k; if (at.y < 0 || at.z < 0 || at.y >= i32(p.h) || at.z >= i32(p.w)) { return 0.0; }
  return bitcast<f32>(${x.space}[at.x + (at.y * i32(p.w) + at.z) * i32(p.c)]);`;

type Scratch = (words: number) => Place;

/** x, filter → y: rows are places of y, columns its channels, and the sum goes over places of the filter. */
export function conv2d(
  convolution: Convolution,
  [x, filter, out]: readonly [x: Place, filter: Place, out: Place],
  scratch: Scratch,
  epilogue?: ProductEpilogue,
): Dispatch[] {
  const { attrs } = convolution;
  const [b = 0, yh = 0, yw = 0, n = 0] = convolution.y;
  const [kh = 0, kw = 0, cg = 0] = convolution.filter;
  const params: Params = { ...geometry(convolution), xAt: x.at };
  const a: Factor = {
    outer: `${imageLines("i", "yh", "yw")}
  return vec4<i32>(i32(p.xAt) + b * i32(p.h * p.w * p.c) + g * i32(p.cg), row * i32(p.strideH) - i32(p.beforeH), col * i32(p.strideW) - i32(p.beforeW), 0);`,
    inner: `${filterLines("k", "cg")} return vec4<i32>(c, u * i32(p.dilationH), v * i32(p.dilationW), 0);`,
    load: loadImage(x),
    along: "inner",
  };
  const ng = n / attrs.groups;
  return product(
    {
      groups: attrs.groups,
      m: b * yh * yw,
      n: ng,
      k: kh * kw * cg,
      a,
      b: strided("filter", filter, { group: ng, outer: 1, inner: n }, params),
      params,
      index: "row * p.groups * p.n + g * p.n + col",
      out,
      size: b * yh * yw * n,
      ...(epilogue ? { epilogue } : {}),
    },
    scratch,
  );
}

/** dy, filter → dx: rows are places of x, columns its channels, and the sum goes over the filter's places. */
export function conv2dInput(
  convolution: Convolution,
  [dy, filter, out]: readonly [dy: Place, filter: Place, out: Place],
  scratch: Scratch,
  epilogue?: ProductEpilogue,
): Dispatch[] {
  const { attrs } = convolution;
  const [b = 0, h = 0, w = 0, c = 0] = convolution.x;
  const [kh = 0, kw = 0, cg = 0, n = 0] = convolution.filter;
  const params: Params = { ...geometry(convolution), dyAt: dy.at, filterAt: filter.at };
  const a: Factor = {
    outer: `${imageLines("i", "h", "w")}
  return vec4<i32>(i32(p.dyAt) + b * i32(p.yh * p.yw * p.channels) + g * i32(p.ng), row + i32(p.beforeH), col + i32(p.beforeW), 0);`,
    inner: `${filterLines("k", "ng")} return vec4<i32>(c, -u * i32(p.dilationH), -v * i32(p.dilationW), 0);`,
    load: `let at = o + k; let i = at.y / i32(p.strideH); let j = at.z / i32(p.strideW);
  if (at.y < 0 || at.z < 0 || i >= i32(p.yh) || j >= i32(p.yw) || i * i32(p.strideH) != at.y || j * i32(p.strideW) != at.z) { return 0.0; }
  return bitcast<f32>(${dy.space}[at.x + (i * i32(p.yw) + j) * i32(p.channels)]);`,
    along: "inner",
  };
  const filterFactor: Factor = {
    outer: "return vec4<i32>(i32(p.filterAt) + i * i32(p.channels) + g * i32(p.ng), 0, 0, 0);",
    inner: "return vec4<i32>((k / i32(p.ng)) * i32(p.cg * p.channels) + k % i32(p.ng), 0, 0, 0);",
    load: `return bitcast<f32>(${filter.space}[o.x + k.x]);`,
    along: "inner",
  };
  return product(
    {
      groups: attrs.groups,
      m: b * h * w,
      n: cg,
      k: kh * kw * (n / attrs.groups),
      a,
      b: filterFactor,
      params,
      index: "row * p.groups * p.n + g * p.n + col",
      out,
      size: b * h * w * c,
      ...(epilogue ? { epilogue } : {}),
    },
    scratch,
  );
}

/** x, dy → dfilter: rows are the filter's places and inputs, columns its outputs, and the sum goes over y's places. */
export function conv2dFilter(
  convolution: Convolution,
  [x, dy, out]: readonly [x: Place, dy: Place, out: Place],
  scratch: Scratch,
): Dispatch[] {
  const { attrs } = convolution;
  const [b = 0, yh = 0, yw = 0, n = 0] = convolution.y;
  const [kh = 0, kw = 0, cg = 0] = convolution.filter;
  const params: Params = { ...geometry(convolution), xAt: x.at };
  const ng = n / attrs.groups;
  const a: Factor = {
    outer: `${filterLines("i", "cg")} return vec4<i32>(i32(p.xAt) + g * i32(p.cg) + c, u * i32(p.dilationH) - i32(p.beforeH), v * i32(p.dilationW) - i32(p.beforeW), 0);`,
    inner: `${imageLines("k", "yh", "yw")} return vec4<i32>(b * i32(p.h * p.w * p.c), row * i32(p.strideH), col * i32(p.strideW), 0);`,
    load: loadImage(x),
    along: "outer",
  };
  return product(
    {
      groups: attrs.groups,
      m: kh * kw * cg,
      n: ng,
      k: b * yh * yw,
      a,
      b: strided("dy", dy, { group: ng, outer: 1, inner: n }, params),
      params,
      index: "row * p.groups * p.n + g * p.n + col",
      out,
      size: kh * kw * cg * n,
    },
    scratch,
  );
}
