import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpret } from "../test/interpret.js";
import {
  adam,
  checkOptimizer,
  cosineDecay,
  learningRateAt,
  type Optimizer,
  optimizerRule,
  sgd,
  warmUp,
} from "./optimizers.js";
import { decayName, slotName, updateProgram } from "./update-program.js";

const close = (a: number, b: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);
const vector = { size: 2, parts: [] };
const empty = { size: 0, parts: [] };

/** The weights after a step from w with gradient g and moments zero. */
function step(optimizer: Optimizer, w: readonly number[], g: readonly number[], n = 1): number[] {
  const layout = { parameters: vector, frozen: empty, statistics: empty };
  const { program, vectors } = updateProgram({ layout, losses: 1, optimizer, average: false });
  const numbers = optimizerRule(optimizer).schedule(optimizer, n);
  const given: Record<string, Float32Array> = {
    parameters: Float32Array.from(w),
    gradient: Float32Array.from(g),
    losses: Float32Array.of(1),
    alive: Float32Array.of(1),
    history: new Float32Array(64),
    [slotName]: Float32Array.of(0),
    [decayName]: Float32Array.of(0),
  };
  for (const name of vectors) given[name] = new Float32Array(2);
  for (const [name, value] of Object.entries(numbers)) given[`#${name}`] = Float32Array.of(value);
  const outputs = { ...program.outputs, next: program.updates.parameters as number };
  return [...(interpret({ ...program, outputs }, given).next as ArrayLike<number> as Float64Array)];
}

test("a gradient no longer than the clip is left as it is, a longer one keeps its direction", () => {
  const optimizer = sgd({ learningRate: 1, clip: 5 });
  assert.equal(
    step(optimizer, [0, 0], [3, 4]).map((x) => Math.round(x * 1e6) / 1e6),
    [-3, -4],
  );
  const [x, y] = step(optimizer, [0, 0], [30, 40]) as [number, number];
  close(x, -3, 1e-6);
  close(y, -4, 1e-6);
});

test("Adam's first step is the learning rate, whatever the gradient; weight decay shrinks the weights beside it", () => {
  const [x, y] = step(adam({ learningRate: 0.25 }), [1, 1], [7, -0.01]) as [number, number];
  close(x, 0.75, 1e-5);
  close(y, 1.25, 1e-5);
  const [u] = step(adam({ learningRate: 0.25, weightDecay: 0.5 }), [8, 1], [7, 1]) as [number];
  close(u, 8 * (1 - 0.125) - 0.25, 1e-5);
});

test("a warm-up rises evenly to its peak and stays there", () => {
  const rate = warmUp(0.2, 10);
  close(learningRateAt(rate, 1), 0.02);
  close(learningRateAt(rate, 5), 0.1);
  for (const n of [10, 11, 500]) close(learningRateAt(rate, n), 0.2);
});

test("a cosine falls from the peak to its final rate, half of it in the middle", () => {
  const rate = cosineDecay(1, { steps: 110, warmUp: 10, final: 0.2 });
  close(learningRateAt(rate, 10), 1);
  close(learningRateAt(rate, 60), 0.6);
  for (const n of [110, 200]) close(learningRateAt(rate, n), 0.2);
  let last = Number.POSITIVE_INFINITY;
  for (let n = 10; n <= 110; n++) {
    assert.ok(learningRateAt(rate, n) < last);
    last = learningRateAt(rate, n);
  }
});

test("the rate of a step reaches the weights", () => {
  const optimizer = sgd({ learningRate: warmUp(1, 4) });
  assert.equal(step(optimizer, [0, 0], [1, 2], 2), [-0.5, -1]);
});

test("what cannot work is refused in words", () => {
  const refuses = (optimizer: Optimizer, words: RegExp): void =>
    assert.throws(() => checkOptimizer(optimizer), words);
  refuses(adam({ learningRate: 0 }), /learningRate takes a positive number but receives 0/);
  refuses(adam({ clip: -1 }), /clip takes a positive number but receives -1/);
  refuses(sgd({ learningRate: warmUp(Number.NaN, 3) }), /learningRate\.peak takes .* receives NaN/);
  refuses(
    adam({ learningRate: cosineDecay(1, { steps: 5, warmUp: 5 }) }),
    /more than the 5 steps of its warm-up/,
  );
});

test.run();
