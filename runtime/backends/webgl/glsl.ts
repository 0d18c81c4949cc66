/**
 * Elementwise bodies and random numbers as GLSL ES 3.00. A T is the four numbers of a
 * texel; I and U are as many integers. NaN and the infinities go
 * through as in IEEE arithmetic, as far as the driver lets them: no function leaves it to GLSL's min, max, sign or
 * pow, which may drop a NaN. exp, log, sin and cos are ours too: GLSL's are good to 10⁻⁴ … 10⁻⁶ only in places.
 */
import { argsOf } from "../../../dsl/expression.js";
import type { ScalarOp, Step } from "../../../dsl/net.js";
import type { PrimitiveAttrs } from "../../program.js";

/** The larger, or NaN where one is NaN. */
const maximum = "T max_(T a, T b) { return pick(less(a, b), b, pick(isNaN(b), b, a)); }";

const numbers = `
    #define QNAN uintBitsToFloat(0x7fc00000u)
    #define INF uintBitsToFloat(0x7f800000u)
    #define ULP 5.9604644775390625e-8`;

/** What every program with a body begins with. */
export const prelude = `${numbers}
    #define T vec4
    #define U uvec4
    #define I ivec4
    bvec4 isNaN(vec4 x) { return greaterThan(floatBitsToUint(x) & 0x7fffffffu, uvec4(0x7f800000u)); }
    bvec4 less(vec4 a, vec4 b) { return lessThan(a, b); }
    bvec4 atMost(vec4 a, vec4 b) { return lessThanEqual(a, b); }
    bvec4 same(vec4 a, vec4 b) { return equal(a, b); }
    vec4 pick(bvec4 c, vec4 a, vec4 b) { return mix(b, a, c); }
    ${maximum}
  `;

/** What the functions below are built from; each is used by those that name it. */
const helpers = {
  /** 2ᵏ eʳ with x = k ln 2 + r and eʳ by its series; 2ᵏ in two factors, neither of which overflows. */
  exp: `
    T exp_(T x) {
      T y = pick(less(x, T(-104)), T(-104), pick(less(T(89), x), T(89), x));
      T k = floor(y * 1.4426950 + .5), r = (y - k * .693359375) + k * 2.12194440e-4;
      T p = 1. + r * (1. + r * (.5 + r * (.16666667 + r * (.041666667 + r * (.0083333333 + r * .0013888889)))));
      T half_ = floor(.5 * k);
      return p * intBitsToFloat((I(half_) + 127) << 23) * intBitsToFloat((I(k - half_) + 127) << 23);
    }`,
  /** 2 s (1 + s²/3 + s⁴/5 + …) with s = (m − 1)/(m + 1), m between √½ and √2; plus e ln 2. */
  ln: `
    T lnPositive(T x) {
      I bits = floatBitsToInt(x) - 0x3f3504f3;
      T e = T(bits >> 23), m = intBitsToFloat((bits & 0x7fffff) + 0x3f3504f3);
      T s = (m - 1.) / (m + 1.), z = s * s;
      T p = s * (2. + z * (.66666667 + z * (.4 + z * (.28571429 + z * .22222222))));
      return e * .693359375 + (p - e * 2.12194440e-4);
    }`,
  /** erf by its Taylor series below 1/2, and by Abramowitz & Stegun 7.1.26 (1.5·10⁻⁷) above. */
  erf: `
    T erf_(T x) {
      T a = abs(x), z = x * x, t = 1. / (1. + .3275911 * a);
      T near = x * (1.1283792 - z * (.37612639 - z * (.11283792 - z * (.026866171 - z * .0052239776))));
      T far = 1. - t * (.254829592 + t * (-.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * exp_(-z);
      return pick(less(a, T(.5)), near, pick(less(x, T(0)), -far, far));
    }`,
  sigmoid: `
    T sigmoid_(T x) {
      T e = exp_(-abs(x));
      return pick(less(x, T(0)), e, T(1)) / (1. + e);
    }`,
  /** x − k·π/2 by a three-part π/2, then the sine or cosine of what is left, below π/4. */
  circle: `
    T circle(T x, T quarter) {
      T k = floor(x * .63661977 + .5);
      T r = ((x - k * 1.5703125) - k * 4.8375129699707031e-4) - k * 7.5497899548918821e-8;
      T z = r * r;
      T s = r * (1. - z * (.16666667 - z * (.0083333310 - z * 1.9515296e-4)));
      T c = 1. - z * (.5 - z * (.041666645 - z * (.0013887316 - z * 2.4433157e-5)));
      T q = k + quarter;
      q = q - 4. * floor(q * .25);
      T v = pick(same(q - 2. * floor(q * .5), T(0)), s, c);
      return pick(less(q, T(2)), v, -v);
    }`,
} as const;

interface Rule {
  readonly needs?: readonly (keyof typeof helpers)[];
  /** Definition of the function `<op>_`, where an expression does not do. */
  readonly define?: string;
  readonly call: (a: string, b: string, c: string) => string;
}
const call = (name: string, define?: string, needs: Rule["needs"] = []): Rule => ({
  needs,
  ...(define === undefined ? {} : { define }),
  call: (a, b, c) => `${name}(${[a, b, c].filter((x) => x !== "").join(", ")})`,
});
const infix = (sign: string): Rule => ({ call: (a, b) => `${a} ${sign} ${b}` });
const truth = (test: string): Rule => ({ call: (a, b) => `pick(${test}(${a}, ${b}), T(1), T(0))` });

/** The elementwise functions. A new `ScalarOp` without a row here does not compile. */
const rules: { readonly [O in ScalarOp]: Rule } = {
  neg: { call: (a) => `-${a}` },
  abs: call("abs"),
  sign: call("sign_", "T sign_(T x) { return pick(less(x, T(0)), T(-1), pick(less(T(0), x), T(1), x)); }"),
  floor: call("floor"),
  reciprocal: { call: (a) => `1. / ${a}` },
  square: { call: (a) => `${a} * ${a}` },
  sqrt: call("sqrt"),
  rsqrt: { call: (a) => `1. / sqrt(${a})` },
  exp: call("exp_", undefined, ["exp"]),
  log: call(
    "log_",
    `T log_(T x) {
      T y = pick(less(T(0), x), lnPositive(x), pick(same(x, T(0)), T(-INF), T(QNAN)));
      return pick(same(x, T(INF)), x, y);
    }`,
    ["ln"],
  ),
  sin: call("sin_", "T sin_(T x) { return circle(x, T(0)); }", ["circle"]),
  cos: call("cos_", "T cos_(T x) { return circle(x, T(1)); }", ["circle"]),
  /** 1 − 2/(e^(2|x|) + 1) with the sign of x; a series near 0, where that would cancel. */
  tanh: call(
    "tanh_",
    `T tanh_(T x) {
      T a = abs(x), z = x * x;
      T near = x * (1. - z * (.33333333 - z * (.13333333 - z * (.053968254 - z * (.021869489 - z * .0088632355)))));
      T far = 1. - 2. / (exp_(2. * a) + 1.);
      return pick(less(a, T(.4)), near, pick(less(x, T(0)), -far, far));
    }`,
    ["exp"],
  ),
  sigmoid: call("sigmoid_", undefined, ["exp", "sigmoid"]),
  /** log(1 + e) = log(u) e/(u − 1) with u = 1 + e rounded, which undoes the rounding. */
  softplus: call(
    "softplus_",
    `T softplus_(T x) {
      T e = exp_(-abs(x)), u = 1. + e;
      T l = pick(same(u, T(1)), e, lnPositive(u) * (e / (u - 1.)));
      return pick(less(x, T(0)), T(0), x) + l;
    }`,
    ["exp", "ln"],
  ),
  relu: call("relu_", "T relu_(T x) { return pick(less(x, T(0)), T(0), x); }"),
  silu: call("silu_", "T silu_(T x) { return x * sigmoid_(x); }", ["exp", "sigmoid"]),
  gelu: call("gelu_", "T gelu_(T x) { return .5 * x * (1. + erf_(x * .70710678)); }", ["exp", "erf"]),
  erf: call("erf_", undefined, ["exp", "erf"]),
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  div: infix("/"),
  /** e^(b ln |a|), negative for a negative base and an odd exponent, NaN for a fractional one. */
  pow: call(
    "pow_",
    `T pow_(T a, T b) {
      T p = exp_(b * lnPositive(abs(a)));
      p = pick(same(a, T(0)), pick(less(b, T(0)), T(INF), T(0)), p);
      T odd = b - 2. * floor(.5 * b);
      p = pick(less(a, T(0)), pick(same(odd, T(1)), -p, pick(same(odd, T(0)), p, T(QNAN))), p);
      p = pick(isNaN(a), a, p);
      return pick(same(b, T(0)), T(1), p);
    }`,
    ["exp", "ln"],
  ),
  min: call("min_", "T min_(T a, T b) { return pick(less(b, a), b, pick(isNaN(b), b, a)); }"),
  max: call("max_"),
  lt: truth("less"),
  le: truth("atMost"),
  eq: truth("same"),
  select: { call: (c, a, b) => `pick(same(${c}, T(0)), ${b}, ${a})` },
};

/** A number as GLSL; exact, so that constants are those of the other backends rounded to float32. */
export const literal = (x: number): string =>
  Number.isFinite(x)
    ? /[.e]/.test(String(x))
      ? String(x)
      : `${x}.`
    : Number.isNaN(x)
      ? "QNAN"
      : x > 0
        ? "INF"
        : "-INF";

/**
 * A body as the lines of a `main`, with the value of step n as `T s<n>`: those steps that the results need.
 * `input(k)` is the GLSL for the k-th operand at
 * this element, `number(x)` that for a constant: a uniform, since a mean's depends on sizes.
 */
export function glslOf(
  body: readonly Step[],
  results: readonly number[],
  input: (k: number) => string,
  number: (value: number) => string,
): { readonly define: string; readonly main: string } {
  const needed = new Set(results);
  for (let i = body.length - 1; i >= 0; i--)
    if (needed.has(i)) for (const a of argsOf(body[i] as Step)) needed.add(a);
  const used = new Set<ScalarOp>();
  const lines = [...needed]
    .sort((a, b) => a - b)
    .map((i) => {
      const step = body[i] as Step;
      if (step.op === "input") return `T s${i} = ${input(Number(step.name))};`;
      if (step.op === "constant") return `T s${i} = T(${number(step.value)});`;
      if (step.op === "lookup")
        throw new TypeError("webgl: elementwise takes no lookup steps but receives one");
      used.add(step.op);
      const [a = "", b = "", c = ""] = step.args.map((k) => `s${k}`);
      return `T s${i} = ${rules[step.op].call(a, b, c)};`;
    });
  const ops = [...used].map((op) => rules[op]);
  const helped = new Set(ops.flatMap((rule) => rule.needs ?? []));
  const define = [
    prelude,
    ...(Object.keys(helpers) as (keyof typeof helpers)[]).filter((h) => helped.has(h)).map((h) => helpers[h]),
    ...ops.map((rule) => rule.define ?? ""),
  ];
  return { define: define.join("\n"), main: lines.join("\n") };
}

/** 1 − u1 is exact where u1 is not: near 1, where the logarithm needs it. */
const normal = `
    T normalOf(U a, U b) {
      T v = (T(0xffffffu - a) + .5) * ULP, s = -v / (2. - v), z = s * s;
      T near = s * (2. + z * (.66666667 + z * (.4 + z * (.28571429 + z * .22222222))));
      T l = pick(less(v, T(.25)), near, lnPositive((T(a) + .5) * ULP));
      T t = T(b) * ULP, k = floor(4. * t + .5), r = 6.2831853 * (t - .25 * k), y = r * r;
      T sine = r * (1. - y * (.16666667 - y * (.0083333310 - y * 1.9515296e-4)));
      T cosine = 1. - y * (.5 - y * (.041666645 - y * (.0013887316 - y * 2.4433157e-5)));
      T c = pick(same(k, T(1)), -sine, pick(same(k, T(2)), -cosine, pick(same(k, T(3)), sine, cosine)));
      return sqrt(-2. * l) * c;
    }`;

/**
 * The random numbers of `dsl/random.ts` at the row-major position `U index`: definitions, and the lines of a
 * `main` that end with `T drawn`. `key` is (first, step, pcg(seed + pcg(stream))), three integers.
 */
export function randomGlsl(draw: PrimitiveAttrs["random"]): {
  readonly define: string;
  readonly main: string;
} {
  let result = draw.kind === "normal" ? "normalOf(x >> 8, y >> 8)" : "T(x >> 8) * ULP";
  if (draw.kind === "integer") result = `T(I(x % ${draw.max - draw.min + 1}u) + ${draw.min})`;
  return {
    define: [prelude, ...(draw.kind === "normal" ? [helpers.ln, normal] : [])].join("\n"),
    main: `
      U x = index + uint(key[0]), y = U(uint(key[1])), z = U(uint(key[2]));
      x = x * 1664525u + 1013904223u; y = y * 1664525u + 1013904223u; z = z * 1664525u + 1013904223u;
      x += y * z; y += z * x; z += x * y;
      x ^= x >> 16; y ^= y >> 16; z ^= z >> 16;
      x += y * z; y += z * x; z += x * y;
      T drawn = ${result};`,
  };
}
