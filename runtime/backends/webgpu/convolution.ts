/**
 * Convolutions as products. The sum over places of the filter and channels, or over places of the images, goes in
 * segments: the channels of one place, or one row of an image.
 */
import type { Conv2dAttrs } from "../../program.js";
import type { Dispatch } from "./kernel.js";
import { strided } from "./matmul.js";
import { type Factor, type ProductEpilogue, product } from "./product.js";
import type { Params, Place } from "./views.js";

/** The shapes of y = conv2d(x, filter), whichever of the three is the result. */
export interface Convolution {
  readonly attrs: Conv2dAttrs;
  /** [b, h, w, c] */
  readonly x: readonly number[];
  /** [kh, kw, c/groups, n] */
  readonly filter: readonly number[];
  /** [b, h', w', n] */
  readonly y: readonly number[];
}

interface Sizes extends Record<string, number> {
  readonly b: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
  readonly yh: number;
  readonly yw: number;
  readonly channels: number;
  readonly kh: number;
  readonly kw: number;
  /** Channels of a group, of x and of y. */
  readonly cg: number;
  readonly ng: number;
}

/** The sizes by the names that the functions below read. */
function sizesOf({ attrs, x, filter, y }: Convolution): Sizes {
  const [b = 0, h = 0, w = 0, c = 0] = x;
  const [kh = 0, kw = 0, cg = 0, channels = 0] = filter;
  const [, yh = 0, yw = 0] = y;
  const { strides, dilations, before, groups } = attrs;
  return {
    ...{ b, h, w, c, yh, yw, channels, kh, kw, cg, ng: channels / groups },
    ...{ strideH: strides[0], strideW: strides[1], dilationH: dilations[0], dilationW: dilations[1] },
    ...{ beforeH: before[0], beforeW: before[1] },
  };
}

/** A size as a signed number. */
const p = (name: string): string => `i32(p.${name})`;
/** Image, row and column of the place `i` of all images. */
const placeLines = (h: string, w: string): string =>
  `let col = i % ${p(w)}; let row = (i / ${p(w)}) % ${p(h)}; let image = i / (${p(w)} * ${p(h)});`;
/** Row and column of the filter's place `s`. */
const filterLines = `let v = s % ${p("kw")}; let u = s / ${p("kw")};`;
/** Row-major in the groups of channels. */
const index = "row * p.groups * p.n + g * p.n + col";

type Scratch = (words: number) => Place;

/** x, filter → y: rows are places of y, columns its channels. */
export function conv2d(
  convolution: Convolution,
  [x, filter, out]: readonly [x: Place, filter: Place, out: Place],
  scratch: Scratch,
  epilogue?: ProductEpilogue,
): Dispatch[] {
  const { groups } = convolution.attrs;
  const sizes = sizesOf(convolution);
  const { b, yh, yw, kh, kw, cg, ng, channels } = sizes;
  const params: Params = { ...sizes, xAt: x.at };
  const a: Factor = {
    space: x.space,
    outer: `${placeLines("yh", "yw")} return vec4<i32>(${p("xAt")} + image * ${p("h")} * ${p("w")} * ${p("c")} + g * ${p("cg")}, row * ${p("strideH")} - ${p("beforeH")}, col * ${p("strideW")} - ${p("beforeW")}, 0);`,
    segment: `${filterLines} return vec4<i32>(0, u * ${p("dilationH")}, v * ${p("dilationW")}, 0);`,
    start: `let at = o + s; let there = at.y >= 0 && at.z >= 0 && at.y < ${p("h")} && at.z < ${p("w")};
  return vec3<i32>(at.x + (at.y * ${p("w")} + at.z) * ${p("c")}, 0, select(0, 1, there));`,
    step: "1",
    missing: "all",
  };
  const strides = { group: ng, outer: 1, segment: cg * channels, inner: channels };
  return product(
    {
      ...{ groups, m: b * yh * yw, n: ng, k: kh * kw * cg, length: cg },
      ...{ a, b: strided("filter", filter, strides, params), params, index, out },
      ...(epilogue ? { epilogue } : {}),
    },
    scratch,
  );
}

/** dy, filter → dx: rows are places of x, columns its channels. */
export function conv2dInput(
  convolution: Convolution,
  [dy, filter, out]: readonly [dy: Place, filter: Place, out: Place],
  scratch: Scratch,
  epilogue?: ProductEpilogue,
): Dispatch[] {
  const { groups } = convolution.attrs;
  const sizes = sizesOf(convolution);
  const { b, h, w, kh, kw, cg, ng, channels } = sizes;
  const params: Params = { ...sizes, dyAt: dy.at };
  const a: Factor = {
    space: dy.space,
    outer: `${placeLines("h", "w")} return vec4<i32>(${p("dyAt")} + image * ${p("yh")} * ${p("yw")} * ${p("channels")} + g * ${p("ng")}, row + ${p("beforeH")}, col + ${p("beforeW")}, 0);`,
    segment: `${filterLines} return vec4<i32>(0, u * ${p("dilationH")}, v * ${p("dilationW")}, 0);`,
    start: `let y = o.y - s.y; let x = o.z - s.z; let row = y / ${p("strideH")}; let col = x / ${p("strideW")};
  let there = y >= 0 && x >= 0 && row < ${p("yh")} && col < ${p("yw")} && row * ${p("strideH")} == y && col * ${p("strideW")} == x;
  return vec3<i32>(o.x + (row * ${p("yw")} + col) * ${p("channels")}, 0, select(0, 1, there));`,
    step: "1",
    missing: "all",
  };
  const strides = { group: ng, outer: channels, segment: cg * channels, inner: 1 };
  return product(
    {
      ...{ groups, m: b * h * w, n: cg, k: kh * kw * ng, length: ng },
      ...{ a, b: strided("filter", filter, strides, params), params, index, out },
      ...(epilogue ? { epilogue } : {}),
    },
    scratch,
  );
}

/** x, dy → dfilter: rows are the filter's places and inputs, columns its outputs; a segment is a row of y. */
export function conv2dFilter(
  convolution: Convolution,
  [x, dy, out]: readonly [x: Place, dy: Place, out: Place],
  scratch: Scratch,
): Dispatch[] {
  const { groups } = convolution.attrs;
  const sizes = sizesOf(convolution);
  const { b, yh, yw, kh, kw, cg, ng, channels } = sizes;
  const params: Params = { ...sizes, xAt: x.at };
  const a: Factor = {
    space: x.space,
    outer: `let c = i % ${p("cg")}; let place = i / ${p("cg")}; let v = place % ${p("kw")}; let u = place / ${p("kw")};
  return vec4<i32>(${p("xAt")} + g * ${p("cg")} + c, u * ${p("dilationH")} - ${p("beforeH")}, v * ${p("dilationW")} - ${p("beforeW")}, 0);`,
    segment: `let row = s % ${p("yh")}; let image = s / ${p("yh")};
  return vec4<i32>(image * ${p("h")} * ${p("w")} * ${p("c")}, row * ${p("strideH")}, 0, 0);`,
    // Number k of the row is at column o.z + k·stride of x, which is there from ⌈−o.z/stride⌉ to ⌈(w − o.z)/stride⌉.
    start: `let at = o + s; let there = at.y >= 0 && at.y < ${p("h")}; let up = ${p("strideW")} - 1;
  let lo = max(0, up - at.z) / ${p("strideW")}; let hi = max(0, ${p("w")} - at.z + up) / ${p("strideW")};
  return vec3<i32>(at.x + (at.y * ${p("w")} + at.z) * ${p("c")}, lo, select(0, hi, there));`,
    step: `${p("strideW")} * ${p("c")}`,
    missing: "some",
  };
  const strides = { group: ng, outer: 1, segment: yw * channels, inner: channels };
  return product(
    {
      ...{ groups, m: kh * kw * cg, n: ng, k: b * yh * yw, length: yw },
      ...{ a, b: strided("dy", dy, strides, params), params, index, out },
    },
    scratch,
  );
}
