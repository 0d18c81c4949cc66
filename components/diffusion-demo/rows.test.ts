import { test } from "uvu";
import * as assert from "uvu/assert";
import { first, joined } from "./rows.js";

const array = { shape: [3, 2], dtype: "float32", data: Float32Array.of(1, 2, 3, 4, 5, 6) } as const;

test("the first rows of an array, or all of them where it has fewer", () => {
  assert.equal(first(array, 2), { shape: [2, 2], dtype: "float32", data: Float32Array.of(1, 2, 3, 4) });
  assert.equal(first(array, 9), array);
});

test("arrays joined have the rows of both in order, and the first rows give the first back", () => {
  const both = joined([array, first(array, 1)]);
  assert.equal(both, { shape: [4, 2], dtype: "float32", data: Float32Array.of(1, 2, 3, 4, 5, 6, 1, 2) });
  assert.equal(first(both, 3), array);
  assert.is(joined([array]), array);
});

test.run();
