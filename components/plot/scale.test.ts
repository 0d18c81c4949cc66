import { test } from "uvu";
import * as assert from "uvu/assert";
import { linear, log, logTicks, place, scaleBarLength, ticks } from "./scale.js";

const close = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

test("scales take the ends of the domain to the ends of the range, log scales equal ratios to equal lengths", () => {
  const [x, y] = [linear([-2, 6], [10, 50]), log([1, 1000], [0, 30])];
  assert.equal([x(-2), x(2), x(6)], [10, 30, 50]);
  for (const [value, at] of [
    [1, 0],
    [10, 10],
    [100, 20],
    [1000, 30],
  ] as const)
    close(y(value), at);
  assert.ok(Number.isFinite(y(0)));
});

test("ticks are multiples of 1, 2 or 5 times a power of ten within the ends, about as many as asked", () => {
  for (const [lo, hi, count] of [
    [-3.1, 2.9, 5],
    [0, 1, 4],
    [0.013, 0.017, 3],
    [-1e6, 2e6, 6],
  ] as const) {
    const all = ticks(lo, hi, count);
    assert.ok(all.length >= count / 2.5 && all.length <= count * 2 + 1, `${all}`);
    assert.ok(all.every((t) => t >= lo && t <= hi));
    const step = (all[1] as number) - (all[0] as number);
    assert.match(step.toExponential(6), /^[125]\.000000/);
  }
  assert.equal(ticks(1, 1, 4), [1]);
});

test("log ticks are 1, 2, 5 over few decades and powers of ten over many", () => {
  assert.equal(logTicks(0.08, 1.5, 7), [0.1, 0.2, 0.5, 1]);
  assert.equal(logTicks(1, 50_000, 7), [1, 10, 100, 1000, 10_000]);
  assert.ok(logTicks(1e-8, 1e8, 6).length <= 6);
});

test("a view has one unit on both axes, y upwards, and its scale bar fits in it", () => {
  const view = { x: 1, y: -1, half: 2 };
  const at = place(view, 200);
  assert.equal([at.x(-1), at.x(3), at.y(-3), at.y(1)], [0, 200, 200, 0]);
  for (const half of [0.03, 0.9, 1, 2.6, 70]) {
    const share = scaleBarLength({ ...view, half }) / (2 * half);
    assert.ok(share <= 0.28 && share > 0.1, `${share}`);
  }
});

test.run();
