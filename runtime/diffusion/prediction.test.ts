import { test } from "uvu";
import * as assert from "uvu/assert";
import { evaluateBody } from "../../dsl/apply.js";
import { forwardProcess } from "./forward-process.js";
import { type Prediction, predictionSchema, targetOf, x0HatOf } from "./prediction.js";
import { cosineSchedule, zeroTerminalSnr } from "./schedule.js";

const schedule = cosineSchedule({ steps: 50 });

test("what a net should say gives x₀ back, for every target and time", () => {
  for (const prediction of predictionSchema.options)
    for (const t of [1, 7, 25, 49]) {
      const [x0, eps] = [0.8, -0.6];
      const xt = evaluateBody(forwardProcess(schedule).body, { t, x0, eps });
      const said = evaluateBody(targetOf(prediction, schedule).body, { t, x0, eps });
      const back = evaluateBody(x0HatOf(prediction, schedule, { shape: [] }).body, { t, xt, said });
      assert.ok(Math.abs(back - x0) < 1e-9, `${prediction} at ${t}: ${back}`);
    }
});

test("where nothing is left of the data v tells it still, and ε is refused", () => {
  const zero = zeroTerminalSnr(schedule);
  const back = (prediction: Prediction) => x0HatOf(prediction, zero, { shape: [] }).body;
  assert.is(evaluateBody(back("v"), { t: 50, xt: 0.3, said: -0.8 }), 0.8);
  assert.throws(() => back("eps"), /takes a model of v or x0 but receives one of eps/);
});

test.run();
