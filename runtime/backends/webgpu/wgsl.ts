/**
 * Elementwise bodies as WGSL. NaN and the infinities go through as in IEEE arithmetic: no function leaves it to WGSL's
 * min, max, sign, pow or comparisons of NaN, which may take numbers for finite. exp, log, sin, cos, tanh and erf are
 * ours too: WGSL asks of its sine an error of 2⁻¹¹ only, and of its logarithm 2⁻²¹.
 */
import { argsOf } from "../../../dsl/expression.js";
import type { ScalarOp, Step } from "../../../dsl/net.js";

/** What a function below is built from: its text, and the others that it calls. */
interface Helper {
  readonly text: string;
  readonly needs?: readonly HelperName[];
}
const helper = (text: string, ...needs: HelperName[]): Helper => ({ text, needs });

type HelperName =
  | "numbers"
  | "isNaN"
  | "pick"
  | "exp"
  | "ln"
  | "erf"
  | "sigmoid"
  | "circle"
  | "sign"
  | "log"
  | "tanh"
  | "softplus"
  | "pow"
  | "min"
  | "max"
  | "truth"
  | "normal";

/** In the order of use. A constant expression that is no finite number does not compile: bits go round by memory. */
const helpers: { readonly [H in HelperName]: Helper } = {
  numbers: helper(`var<private> nanBits: u32 = 0x7fc00000u;
var<private> infinityBits: u32 = 0x7f800000u;
fn nan() -> f32 { return bitcast<f32>(nanBits); }
fn infinity() -> f32 { return bitcast<f32>(infinityBits); }`),
  isNaN: helper("fn isNaN(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }"),
  pick: helper("fn pick(c: bool, a: f32, b: f32) -> f32 { return select(b, a, c); }"),
  /** 2ᵏ eʳ with x = k ln 2 + r and eʳ by its series; 2ᵏ in two factors, neither of which overflows. */
  exp: helper(
    `fn exp_(x: f32) -> f32 {
  let y = pick(x < -104.0, -104.0, pick(89.0 < x, 89.0, x));
  let k = floor(y * 1.4426950 + 0.5);
  let r = (y - k * 0.693359375) + k * 2.12194440e-4;
  let p = 1.0 + r * (1.0 + r * (0.5 + r * (0.16666667 + r * (0.041666667 + r * (0.0083333333 + r * 0.0013888889)))));
  let h = floor(0.5 * k);
  return p * bitcast<f32>((i32(h) + 127) << 23u) * bitcast<f32>((i32(k - h) + 127) << 23u);
}`,
    "pick",
  ),
  /** 2 s (1 + s²/3 + s⁴/5 + …) with s = (m − 1)/(m + 1), m between √½ and √2; plus e ln 2. */
  ln: helper(`fn ln(x: f32) -> f32 {
  let bits = bitcast<i32>(x) - 0x3f3504f3;
  let e = f32(bits >> 23u);
  let m = bitcast<f32>((bits & 0x7fffff) + 0x3f3504f3);
  let s = (m - 1.0) / (m + 1.0);
  let z = s * s;
  let p = s * (2.0 + z * (0.66666667 + z * (0.4 + z * (0.28571429 + z * 0.22222222))));
  return e * 0.693359375 + (p - e * 2.12194440e-4);
}`),
  /** Its Taylor series below 1/2, Abramowitz & Stegun 7.1.26 (1.5·10⁻⁷) above. */
  erf: helper(
    `fn erf_(x: f32) -> f32 {
  let a = abs(x);
  let z = x * x;
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let near = x * (1.1283792 - z * (0.37612639 - z * (0.11283792 - z * (0.026866171 - z * 0.0052239776))));
  let q = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let far = 1.0 - q * exp_(-z);
  return pick(a < 0.5, near, pick(x < 0.0, -far, far));
}`,
    "exp",
  ),
  sigmoid: helper(
    `fn sigmoid_(x: f32) -> f32 {
  let e = exp_(-abs(x));
  return pick(x < 0.0, e, 1.0) / (1.0 + e);
}`,
    "exp",
  ),
  /** x − k·π/2 by a three-part π/2, then the sine or cosine of what is left, below π/4. */
  circle: helper(
    `fn circle(x: f32, quarter: f32) -> f32 {
  let k = floor(x * 0.63661977 + 0.5);
  let r = ((x - k * 1.5703125) - k * 4.8375129699707031e-4) - k * 7.5497899548918821e-8;
  let z = r * r;
  let s = r * (1.0 - z * (0.16666667 - z * (0.0083333310 - z * 1.9515296e-4)));
  let c = 1.0 - z * (0.5 - z * (0.041666645 - z * (0.0013887316 - z * 2.4433157e-5)));
  let t = k + quarter;
  let q = t - 4.0 * floor(t * 0.25);
  let v = pick(q - 2.0 * floor(q * 0.5) == 0.0, s, c);
  return pick(q < 2.0, v, -v);
}`,
    "pick",
  ),
  sign: helper("fn sign_(x: f32) -> f32 { return pick(x < 0.0, -1.0, pick(0.0 < x, 1.0, x)); }", "pick"),
  log: helper(
    `fn log_(x: f32) -> f32 {
  let y = pick(0.0 < x, ln(x), pick(x == 0.0, -infinity(), nan()));
  return pick(x == infinity(), x, y);
}`,
    "numbers",
    "pick",
    "ln",
  ),
  /** 1 − 2/(e^(2|x|) + 1) with the sign of x; a series near 0, where that would cancel. */
  tanh: helper(
    `fn tanh_(x: f32) -> f32 {
  let a = abs(x);
  let z = x * x;
  let near = x * (1.0 - z * (0.33333333 - z * (0.13333333 - z * (0.053968254 - z * (0.021869489 - z * 0.0088632355)))));
  let far = 1.0 - 2.0 / (exp_(2.0 * a) + 1.0);
  return pick(a < 0.4, near, pick(x < 0.0, -far, far));
}`,
    "exp",
  ),
  /** log(1 + e) = log(u) e/(u − 1) with u = 1 + e rounded, which undoes the rounding. */
  softplus: helper(
    `fn softplus_(x: f32) -> f32 {
  let e = exp_(-abs(x));
  let u = 1.0 + e;
  let l = pick(u == 1.0, e, ln(u) * (e / (u - 1.0)));
  return pick(x < 0.0, 0.0, x) + l;
}`,
    "exp",
    "ln",
  ),
  /** e^(b ln |a|), negative for a negative base and an odd exponent, NaN for a fractional one. */
  pow: helper(
    `fn pow_(a: f32, b: f32) -> f32 {
  var p = exp_(b * ln(abs(a)));
  p = pick(a == 0.0, pick(b < 0.0, infinity(), 0.0), p);
  let odd = b - 2.0 * floor(0.5 * b);
  p = pick(a < 0.0, pick(odd == 1.0, -p, pick(odd == 0.0, p, nan())), p);
  p = pick(isNaN(a), a, p);
  return pick(b == 0.0, 1.0, p);
}`,
    "numbers",
    "isNaN",
    "exp",
    "ln",
  ),
  min: helper(
    "fn min_(a: f32, b: f32) -> f32 { return pick(b < a, b, pick(isNaN(b), b, a)); }",
    "isNaN",
    "pick",
  ),
  max: helper(
    "fn max_(a: f32, b: f32) -> f32 { return pick(a < b, b, pick(isNaN(b), b, a)); }",
    "isNaN",
    "pick",
  ),
  /** 1 where the comparison holds, 0 where it does not or where one is NaN. */
  truth: helper(
    "fn truth(c: bool, a: f32, b: f32) -> f32 { return pick(c && !isNaN(a) && !isNaN(b), 1.0, 0.0); }",
    "isNaN",
    "pick",
  ),
  /** √(−2 ln u1)·cos(2π u2) of 24-bit words. The cosine's angle is
   * reduced in turns, which is exact; so is 1 − u1, where u1 is near 1 and its logarithm needs it. */
  normal: helper(
    `fn normal(a: u32, b: u32) -> f32 {
  let v = (f32(0xffffffu - a) + 0.5) * 5.9604644775390625e-8;
  let s = -v / (2.0 - v);
  let z = s * s;
  let near = s * (2.0 + z * (0.66666667 + z * (0.4 + z * (0.28571429 + z * 0.22222222))));
  let l = pick(v < 0.25, near, ln((f32(a) + 0.5) * 5.9604644775390625e-8));
  let t = f32(b) * 5.9604644775390625e-8;
  let k = floor(4.0 * t + 0.5);
  let r = 6.2831853 * (t - 0.25 * k);
  let y = r * r;
  let sine = r * (1.0 - y * (0.16666667 - y * (0.0083333310 - y * 1.9515296e-4)));
  let cosine = 1.0 - y * (0.5 - y * (0.041666645 - y * (0.0013887316 - y * 2.4433157e-5)));
  let c = pick(k == 1.0, -sine, pick(k == 2.0, -cosine, pick(k == 3.0, sine, cosine)));
  return sqrt(-2.0 * l) * c;
}`,
    "pick",
    "ln",
  ),
};

interface Rule {
  readonly needs: readonly HelperName[];
  readonly text: (a: string, b: string, c: string) => string;
}
const rule = (text: Rule["text"], ...needs: HelperName[]): Rule => ({ text, needs });
/** A call of the helper, which is named as the function with "_" behind it. */
const own = (name: ScalarOp & HelperName): Rule =>
  rule((a, b) => `${name}_(${b === "" ? a : `${a}, ${b}`})`, name);
const truth = (sign: string): Rule => rule((a, b) => `truth(${a} ${sign} ${b}, ${a}, ${b})`, "truth");

/** The elementwise functions. A new `ScalarOp` without a row here does not compile. */
const rules: { readonly [O in ScalarOp]: Rule } = {
  neg: rule((a) => `-${a}`),
  abs: rule((a) => `abs(${a})`),
  sign: own("sign"),
  floor: rule((a) => `floor(${a})`),
  reciprocal: rule((a) => `1.0 / ${a}`),
  square: rule((a) => `${a} * ${a}`),
  sqrt: rule((a) => `sqrt(${a})`),
  rsqrt: rule((a) => `1.0 / sqrt(${a})`),
  exp: own("exp"),
  log: own("log"),
  sin: rule((a) => `circle(${a}, 0.0)`, "circle"),
  cos: rule((a) => `circle(${a}, 1.0)`, "circle"),
  tanh: own("tanh"),
  sigmoid: own("sigmoid"),
  softplus: own("softplus"),
  relu: rule((a) => `pick(${a} < 0.0, 0.0, ${a})`, "pick"),
  silu: rule((a) => `${a} * sigmoid_(${a})`, "sigmoid"),
  gelu: rule((a) => `0.5 * ${a} * (1.0 + erf_(${a} * 0.70710678))`, "erf"),
  erf: own("erf"),
  add: rule((a, b) => `${a} + ${b}`),
  sub: rule((a, b) => `${a} - ${b}`),
  mul: rule((a, b) => `${a} * ${b}`),
  div: rule((a, b) => `${a} / ${b}`),
  pow: own("pow"),
  min: own("min"),
  max: own("max"),
  lt: truth("<"),
  le: truth("<="),
  eq: truth("=="),
  select: rule((c, a, b) => `pick(${c} == 0.0, ${b}, ${a})`, "pick"),
};

/** A number as WGSL, rounded to float32 as on the other backends. */
const literal = (x: number): string => {
  const y = Math.fround(x);
  if (Number.isNaN(y)) return "nan()";
  if (!Number.isFinite(y)) return y > 0 ? "infinity()" : "-infinity()";
  return `${Object.is(y, -0) ? "-0" : y}f`;
};

/** Lines of a function, and the helpers that they call. */
export interface Body {
  readonly lines: readonly string[];
  readonly needs: ReadonlySet<HelperName>;
}

/**
 * A body as lines that define `<prefix><n>`, the value of step n, of those steps that the results need. `input(k)` is
 * the WGSL of the k-th operand.
 */
export function bodyOf(
  body: readonly Step[],
  results: readonly number[],
  input: (k: number) => string,
  prefix = "s",
): Body {
  const needed = new Set(results);
  for (let i = body.length - 1; i >= 0; i--)
    if (needed.has(i)) for (const a of argsOf(body[i] as Step)) needed.add(a);
  const needs = new Set<HelperName>();
  const lines = [...needed]
    .sort((a, b) => a - b)
    .map((i) => {
      const step = body[i] as Step;
      const define = (text: string): string => `let ${prefix}${i} = ${text};`;
      if (step.op === "input") return define(input(Number(step.name)));
      if (step.op === "constant") {
        if (!Number.isFinite(Math.fround(step.value))) needs.add("numbers");
        return define(literal(step.value));
      }
      if (step.op === "lookup")
        throw new TypeError("webgpu: elementwise takes no lookup steps but receives one");
      const { text, needs: own } = rules[step.op];
      for (const name of own) needs.add(name);
      const [a = "", b = "", c = ""] = step.args.map((k) => `${prefix}${k}`);
      return define(text(a, b, c));
    });
  return { lines, needs };
}

/** The text of these helpers and of all that they call, each once. */
export function helperText(names: Iterable<HelperName>): string {
  const wanted = new Set<HelperName>();
  const want = (name: HelperName): void => {
    wanted.add(name);
    for (const other of helpers[name].needs ?? []) want(other);
  };
  for (const name of names) want(name);
  const all = Object.keys(helpers) as HelperName[];
  return all
    .filter((name) => wanted.has(name))
    .map((name) => helpers[name].text)
    .join("\n");
}
export type { HelperName };
