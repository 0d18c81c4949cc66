import { test } from "uvu";
import * as assert from "uvu/assert";
import { column, extent, pointsOf } from "./points.js";
import { stopsOf } from "./stops.js";

test("arrays, nested numbers and plain typed arrays are the same points", () => {
  const values = Float32Array.of(1, 2, 3, 4);
  const plane = { count: 2, dims: 2, values };
  assert.equal(
    pointsOf(
      [
        [1, 2],
        [3, 4],
      ],
      "data",
    ),
    plane,
  );
  assert.equal(pointsOf({ shape: [2, 2], dtype: "float32", data: values }, "data"), plane);
  assert.equal(pointsOf(values, "data"), { count: 4, dims: 1, values });
  assert.equal([...column(plane, 1)], [2, 4]);
});

test("what cannot be drawn is refused in words that name the place", () => {
  const array = { shape: [1, 1, 3], dtype: "float32", data: Float32Array.of(1, 2, 3) } as const;
  assert.throws(
    () => pointsOf(array, "<x>: data"),
    "<x>: data: takes points of 1 to 2 numbers but receives an array of shape [1, 1, 3]",
  );
  assert.throws(
    () => pointsOf([[1, 2]], "<x>: data", 1),
    "<x>: data: takes points of 1 number but receives an array of shape [1, 2]",
  );
  assert.throws(
    () => pointsOf([1, Number.NaN], "<x>: data"),
    "<x>: data: takes finite numbers but receives NaN in row 1",
  );
});

test("extent is the least and the greatest, or −1 and 1 of nothing", () => {
  assert.equal(extent([3, -2, 7]), [-2, 7]);
  assert.equal(extent([]), [-1, 1]);
});

test("stops ascend in frames, hold the first and the last, and lie denser near t = 0", () => {
  for (const steps of [1, 7, 200, 1000]) {
    const times = Array.from({ length: steps + 1 }, (_, i) => steps - i);
    const stops = stopsOf(times);
    assert.is(stops[0], 0);
    assert.is(stops.at(-1), steps);
    assert.ok(stops.length <= 65);
    stops.slice(1).forEach((frame, i) => assert.ok(frame > (stops[i] as number)));
    if (steps === 200) {
      const below = (t: number) => stops.filter((frame) => (times[frame] as number) < t).length;
      assert.ok(below(50) >= 0.45 * stops.length, `${below(50)} of ${stops.length}`);
      assert.ok(below(10) >= 7);
    }
  }
  assert.equal(stopsOf([]), []);
  assert.equal(stopsOf([0]), [0]);
});

test.run();
