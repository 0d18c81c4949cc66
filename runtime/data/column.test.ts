import { test } from "uvu";
import * as assert from "uvu/assert";
import { points, randomIntegers, spiral, toArray } from "./index.js";

test("nested numbers, arrays and descriptions all become one array", () => {
  const data = Float32Array.of(1, 2, 3, 4, 5, 6);
  assert.equal(
    toArray([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
    { shape: [3, 2], dtype: "float32", data },
  );
  assert.equal(toArray({ shape: [3, 2], dtype: "float32", data }), { shape: [3, 2], dtype: "float32", data });
  assert.equal(
    toArray(
      points([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    ),
    { shape: [3, 2], dtype: "float32", data },
  );
  assert.equal(toArray(spiral(7)).shape, [7, 2]);
  assert.equal(toArray([0.5, 1]).shape, [2]);
  assert.equal(toArray([[[1], [2]]]).shape, [1, 2, 1]);
});

test("a column of integers is int32 where the port asks for it", () => {
  assert.equal(toArray([1, 200], "t", "int32"), { shape: [2], dtype: "int32", data: Int32Array.of(1, 200) });
  assert.is(toArray(randomIntegers(5, 1, 3), "t", "int32").dtype, "int32");
  assert.is(toArray(randomIntegers(5, 1, 3), "x", "float32").dtype, "float32");
  assert.throws(() => toArray([1, 1.5], "t", "int32"), "t: takes integers but receives 1.5 in row 1");
});

test("an array of the wanted type is not copied", () => {
  const data = Float32Array.of(1, 2);
  assert.is(toArray({ shape: [2], dtype: "float32", data }, "x", "float32").data, data);
});

test("what is not a column is refused with its place", () => {
  const refuses = (column: unknown, words: string): void =>
    assert.throws(() => toArray(column as number[], "x0"), words);
  refuses([], "x0: takes at least one example but receives [0]");
  refuses([[], []], "x0: takes at least one example but receives [2, 0]");
  refuses(
    [
      [1, 2],
      [3, Number.NaN],
    ],
    "x0: takes finite numbers but receives NaN in row 1",
  );
  refuses([1, 1e39], "x0: takes finite numbers but receives 1e+39 in row 1");
  refuses([[1, 2], [3]], "x0: takes 2 entries but receives 1 entries in row 1, where row 0 sets the shape");
  refuses([[1, 2], 3], "x0: takes 2 entries but receives the number 3 in row 1, where row 0 sets the shape");
  refuses([1, "2"], "x0: takes a number but receives 2 in row 1, where row 0 sets the shape");
  refuses("points", "x0: takes an array, nested numbers or a data set but receives points");
  refuses(null, "x0: takes an array, nested numbers or a data set but receives null");
  const short = { shape: [3], dtype: "float32", data: Float32Array.of(1) };
  refuses(short, "x0: takes 3 numbers for [3] but receives 1");
});

test.run();
