import { test } from "uvu";
import * as assert from "uvu/assert";
import { lookup, type Symbolic, type SymbolsOf, table, trace } from "./expression.js";
import { type Formula, formulaOf } from "./formula.js";

const real = { dtype: "real", shape: [] } as const;
const t = { dtype: "integer", shape: [], min: 1, max: 3 } as const;
const ports = { t, x0: real, xt: real, eps: real, epsHat: real, x: real, a: real };
type Symbols = SymbolsOf<typeof ports>;
const formula = (f: (symbols: Symbols) => Symbolic, name?: string): Formula =>
  formulaOf({ body: trace(ports, f) }, name === undefined ? {} : { name });

const alphaBar = table("alphaBar", [1, 2, 3]);
const sqrtAlphaBar = table("sqrtAlphaBar", [1, 2, 3]);
const sqrtOneMinusAlphaBar = table("sqrtOneMinusAlphaBar", [1, 2, 3]);

test("formulas as one line of text", () => {
  const cases: [string, string | undefined, (symbols: Symbols) => Symbolic][] = [
    ["tScale = (t − 1)/199 − 1/2", "tScale", ({ t }) => t.sub(1).div(199).sub(0.5)],
    [
      "xₜ = √ᾱₜ x₀ + √(1 − ᾱₜ) ε",
      "xt",
      ({ t, x0, eps }) => alphaBar(t).sqrt().mul(x0).add(alphaBar(t).neg().add(1).sqrt().mul(eps)),
    ],
    [
      "xₜ = √ᾱₜ x₀ + √(1 − ᾱₜ) ε",
      "xt",
      ({ t, x0, eps }) => sqrtAlphaBar(t).mul(x0).add(sqrtOneMinusAlphaBar(t).mul(eps)),
    ],
    [
      "x̂₀ = (xₜ − √(1 − ᾱₜ) ε̂)/√ᾱₜ",
      "x0Hat",
      ({ t, xt, epsHat }) => xt.sub(sqrtOneMinusAlphaBar(t).mul(epsHat)).div(sqrtAlphaBar(t)),
    ],
    ["bₜ x + a − a", undefined, ({ t, x, a }) => lookup([1, 2, 3], t).mul(x).add(a).sub(a)],
    ["2 x", undefined, ({ x }) => x.mul(2)],
    ["−2 x", undefined, ({ x }) => x.mul(-2)],
    ["x − 3", undefined, ({ x }) => x.add(-3)],
    ["x + 3", undefined, ({ x }) => x.sub(-3)],
    ["x − (a − x)", undefined, ({ x, a }) => x.sub(a.sub(x))],
    ["x + a − x", undefined, ({ x, a }) => x.add(a).sub(x)],
    ["(x + a) (x − a)", undefined, ({ x, a }) => x.add(a).mul(x.sub(a))],
    ["x/(a x)", undefined, ({ x, a }) => x.div(a.mul(x))],
    ["x/(a/x)", undefined, ({ x, a }) => x.div(a.div(x))],
    ["(x/a) x", undefined, ({ x, a }) => x.div(a).mul(x)],
    ["(x + 1)²", undefined, ({ x }) => x.add(1).square()],
    ["sin(x)²", undefined, ({ x }) => x.sin().square()],
    ["x^(a + 1)", undefined, ({ x, a }) => x.pow(a.add(1))],
    ["x³", undefined, ({ x }) => x.pow(3)],
    ["1/√x", undefined, ({ x }) => x.rsqrt()],
    ["−(x + a)", undefined, ({ x, a }) => x.add(a).neg()],
    ["max(|x|, ⌊a⌋)", undefined, ({ x, a }) => x.abs().max(a.floor())],
    ["(x if x ≤ a, else −x)", undefined, ({ x, a }) => x.le(a).select(x, x.neg())],
    ["(1/3) x", undefined, ({ x }) => x.mul(1 / 3)],
    ["0.1 x", undefined, ({ x }) => x.mul(0.1)],
    ["2.5·10⁻⁸ x", undefined, ({ x }) => x.mul(2.5e-8)],
    ["x + 10⁻⁸", undefined, ({ x }) => x.add(1e-8)],
  ];
  for (const [text, name, f] of cases) assert.is(formula(f, name).text, text.normalize("NFC"));
});

test("the same as MathML", () => {
  assert.is(
    formula(({ t }) => t.sub(1).div(199).sub(0.5), "tScale").mathml,
    "<math><mrow><mi>tScale</mi><mo>=</mo><mrow><mfrac><mrow><mi>t</mi><mo>−</mo><mn>1</mn></mrow><mn>199</mn></mfrac>" +
      "<mo>−</mo><mfrac><mn>1</mn><mn>2</mn></mfrac></mrow></mrow></math>",
  );
  assert.is(
    formula(({ t }) => alphaBar(t).sqrt()).mathml,
    '<math><msqrt><msub><mover accent="true"><mi>α</mi><mo stretchy="false">¯</mo></mover><mrow><mi>t</mi></mrow></msub></msqrt></math>',
  );
});

test("MathML has matching tags and no markup of a name, whatever the name", () => {
  const name = `<img src=x onerror="alert('1')">&`;
  const body = trace({ [name]: real }, (symbols) =>
    (symbols[name] as Symbolic).lt(2).select(1, symbols[name] as Symbolic),
  );
  const { mathml } = formulaOf({ body }, { name });
  assert.not.match(mathml, /<img/);
  const open: string[] = [];
  for (const [, close, tag] of mathml.matchAll(/<(\/?)([a-z]+)[^>]*>/g)) {
    if (close) assert.is(open.pop(), tag);
    else open.push(tag as string);
  }
  assert.equal(open, []);
});

test("what is shared gets a name where the formula would be long, so that a doubling tower stays readable", () => {
  const { text, mathml } = formula(({ x }) => {
    let y: Symbolic = x;
    for (let i = 0; i < 100; i++) y = y.add(1).mul(y);
    return y;
  }, "y");
  const lines = text.split("\n");
  assert.is(lines.length, 100);
  assert.is(lines[0], "u₁ = (x + 1) x");
  assert.is(lines[99], "y = (u₉₉ + 1) u₉₉");
  assert.ok(mathml.length < 50_000);
});

test.run();
