import { test } from "uvu";
import * as assert from "uvu/assert";
import { evaluateBody } from "../../dsl/apply.js";
import { fn } from "../../dsl/fn.js";
import { inferShapes } from "../../dsl/infer.js";
import type { Fn, Graph } from "../../dsl/net.js";
import { integer, real } from "../../dsl/ports.js";
import { reverseStep } from "./reverse-step.js";
import { type Ddpm, ddim, ddpm } from "./sampler.js";
import { samplerTable } from "./sampler-table.js";
import { linearSchedule } from "./schedule.js";

const schedule = linearSchedule();
const { steps, betas, alphaBars } = schedule;
const model = fn({ t: integer(1, steps), xt: [2] }, ({ t, xt }) => xt.mul(t));
const bodyOf = (step: Graph, node: string) => (step.nodes[node] as Fn).body;
const variances: Ddpm["variance"][] = ["beta", "betaTilde"];
const close = (a: number, b: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);
const alphaBar = (t: number): number => (t === 0 ? 1 : (alphaBars[t - 1] as number));

/** x after the row of DDPM's table that is for t. */
function after(step: Graph, t: number, x: number, epsHat: number, z: number): number {
  const x0Hat = evaluateBody(bodyOf(step, "x0Hat"), { t, xt: x, said: epsHat });
  return evaluateBody(bodyOf(step, "next"), { i: steps - t + 1, x, x0Hat, z });
}

for (const variance of variances) {
  const step = reverseStep(model, schedule, ddpm({ variance }));
  const next = (t: number, x: number, epsHat: number, z: number): number => after(step, t, x, epsHat, z);

  test(`${variance}: the step is a net from x and t to x, of the model's shape`, () => {
    const ports = inferShapes(step)[""];
    assert.equal(ports?.inputs.x, { dtype: "real", shape: [2] });
    assert.equal(ports?.inputs.t, integer(1, steps));
    assert.equal(ports?.outputs.x?.shape, [2]);
    assert.equal(ports?.inputs.i, integer(1, steps));
    assert.is(step.nodes.said, model);
  });

  test(`${variance}: where the data are one point, every start ends on it`, () => {
    const a = 0.6;
    for (const start of [-3, 0.1, 2]) {
      let x = start;
      for (let t = steps; t >= 1; t--) {
        const epsHat = (x - Math.sqrt(alphaBar(t)) * a) / Math.sqrt(1 - alphaBar(t));
        x = next(t, x, epsHat, Math.sin(17 * t));
      }
      close(x, a, 1e-9);
    }
  });

  test(`${variance}: the last step adds no noise, the others σ_t`, () => {
    for (let t = 1; t <= steps; t++) {
      const sigma = next(t, 0.3, 0.2, 1) - next(t, 0.3, 0.2, 0);
      const posterior = ((betas[t - 1] as number) * (1 - alphaBar(t - 1))) / (1 - alphaBar(t));
      close(sigma ** 2, t === 1 ? 0 : variance === "beta" ? (betas[t - 1] as number) : posterior);
    }
  });
}

test("σ² = β keeps normal data normal: variance 1 stays 1 under the exact denoiser", () => {
  const step = reverseStep(model, schedule, ddpm({ variance: "beta" }));
  for (let t = 2; t <= steps; t++) {
    const slope = after(step, t, 1, Math.sqrt(1 - alphaBar(t)), 0);
    close(slope ** 2 + (betas[t - 1] as number), 1);
  }
});

test("σ² = β̃ is exact for one point: variance 1 − ᾱ_t becomes 1 − ᾱ_{t−1}", () => {
  const step = reverseStep(model, schedule, ddpm({ variance: "betaTilde" }));
  const { rows } = samplerTable(ddpm({ variance: "betaTilde" }), schedule);
  for (let t = 1; t <= steps; t++) {
    const slope = after(step, t, 1, 1 / Math.sqrt(1 - alphaBar(t)), 0);
    const sigma = rows[steps - t]?.[2] as number;
    close(slope ** 2 * (1 - alphaBar(t)) + sigma ** 2, 1 - alphaBar(t - 1));
  }
});

test("a step without noise draws none", () => {
  assert.is("z" in reverseStep(model, schedule, ddim()).nodes, false);
  assert.is("z" in reverseStep(model, schedule, ddim({ eta: 0.5 })).nodes, true);
});

test("what the model says may be x0 or v, and x0Hat may be clipped", () => {
  const x0Hat = (options: Parameters<typeof reverseStep>[3], said: number) =>
    evaluateBody(bodyOf(reverseStep(model, schedule, ddpm(), options), "x0Hat"), { t: 60, xt: 0.4, said });
  const [a, s] = [Math.sqrt(alphaBar(60)), Math.sqrt(1 - alphaBar(60))];
  assert.is(x0Hat({ predicts: "x0" }, 3), 3);
  close(x0Hat({ predicts: "v" }, 0.3), a * 0.4 - s * 0.3);
  assert.is(x0Hat({ predicts: "x0", clip: 1 }, 3), 1);
  assert.is(x0Hat({ predicts: "x0", clip: 1 }, -3), -1);
});

test("a model of other ports is refused in words", () => {
  const refuses = (wrong: Fn, words: RegExp): void =>
    assert.throws(() => reverseStep(wrong, schedule, ddpm()), words);
  refuses(
    fn({ t: integer(1, 200), x: [2] }, ({ x }) => x.mul(2)),
    /ports t and xt but receives one with t, x/,
  );
  refuses(
    fn({ t: integer(1, 100), xt: [2] }, ({ xt }) => xt.mul(2)),
    /from 1 to the schedule's 200 but receives 1 to 100/,
  );
  refuses(
    fn({ t: real, xt: [2] }, ({ t, xt }) => xt.mul(t)),
    /receives a real port/,
  );
});

test.run();
