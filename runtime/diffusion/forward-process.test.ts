import { test } from "uvu";
import * as assert from "uvu/assert";
import { evaluateBody } from "../../dsl/apply.js";
import { formulaOf } from "../../dsl/formula.js";
import { forwardProcess } from "./forward-process.js";
import { linearSchedule } from "./schedule.js";

const schedule = linearSchedule();

test("the forward process mixes data and noise as the schedule says, at every t from 1 to T", () => {
  const { body } = forwardProcess(schedule);
  schedule.alphaBars.forEach((alphaBar, i) => {
    const xt = evaluateBody(body, { t: i + 1, x0: 0.7, eps: -1.3 });
    assert.is(xt, Math.sqrt(alphaBar) * 0.7 + Math.sqrt(1 - alphaBar) * -1.3);
  });
  assert.throws(() => evaluateBody(body, { t: 0, x0: 1, eps: 1 }), /integer from 1 to 200 but receives 0/);
});

test("data of variance 1 keep variance 1", () => {
  const { body } = forwardProcess(schedule);
  for (const t of [1, 50, 200]) {
    const [a, b] = [evaluateBody(body, { t, x0: 1, eps: 0 }), evaluateBody(body, { t, x0: 0, eps: 1 })];
    assert.ok(Math.abs(a * a + b * b - 1) < 1e-12);
  }
});

test("its ports are t from 1 to T, x0 and eps of the same shape, known or inferred", () => {
  const { inputs } = forwardProcess(schedule, [2]);
  assert.equal(inputs.t, { dtype: "integer", shape: [], min: 1, max: 200 });
  assert.equal(inputs.x0, { dtype: "real", shape: [2] });
  assert.is(forwardProcess(schedule).inputs.eps?.shape, null);
});

test("it reads as in the paper", () => {
  assert.is(formulaOf(forwardProcess(schedule), { name: "xt" }).text, "xₜ = √ᾱₜ x₀ + √(1 − ᾱₜ) ε");
});

test.run();
