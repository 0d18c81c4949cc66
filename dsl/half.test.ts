import { test } from "uvu";
import * as assert from "uvu/assert";
import { fromHalf, mostHalf, toHalf } from "./half.js";
import {
  chain,
  embedding,
  fromJSON,
  initialize,
  linear,
  type Net,
  NetError,
  parametersOf,
  toJSON,
} from "./index.js";
import { integer } from "./ports.js";

/** Every finite half that is not negative, ascending by its bits. */
const finite = Array.from({ length: 0x7c00 }, (_, bits) => bits);

test("all 65,536 halves come back from their numbers", () => {
  let count = 0;
  for (let bits = 0; bits < 65_536; bits++) {
    const x = fromHalf(bits);
    if ((bits & 0x7c00) === 0x7c00) {
      assert.is(Number.isNaN(x), (bits & 1023) !== 0);
      if (!Number.isNaN(x)) assert.is(x, bits & 0x8000 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
      continue;
    }
    assert.is(Math.fround(x), x);
    assert.is(toHalf(x), bits);
    count++;
  }
  assert.is(count, 63_488);
  assert.is(fromHalf(0x3c00), 1);
  assert.is(fromHalf(0x0001), 2 ** -24);
  assert.is(fromHalf(0x7bff), mostHalf);
  assert.is(fromHalf(0x3555), 0.333251953125);
});

test("between two halves the nearer is taken, and halfway the even one", () => {
  for (const bits of finite.slice(0, -1)) {
    const [low, high] = [fromHalf(bits), fromHalf(bits + 1)];
    const middle = (low + high) / 2;
    const float32 = Math.fround(middle) === middle;
    assert.ok(high > low && float32);
    const even = bits % 2 === 0 ? bits : bits + 1;
    const step = middle * 2 ** -23;
    assert.is(toHalf(middle), even);
    assert.is(toHalf(-middle), even + 0x8000);
    assert.is(toHalf(Math.fround(middle - step)), bits);
    assert.is(toHalf(Math.fround(middle + step)), bits + 1);
  }
  assert.is(toHalf(2 ** -149), 0);
});

const net: Net = chain([linear(5), linear(3)]);
const ready = initialize(net, { seed: 1, given: { input: { dtype: "real", shape: [4] } } });
const half = (of: Net): string => toJSON(of, { precision: "float16" });

test("a file in half precision has half the bytes, and the nearest halves of the weights", () => {
  const read = fromJSON(half(ready));
  const [before, after] = [parametersOf(ready), parametersOf(read)];
  for (const [path, { shape, dtype, data }] of Object.entries(before)) {
    assert.equal(after[path]?.shape, shape);
    assert.is(after[path]?.dtype, dtype);
    assert.equal(after[path]?.data, data.map((x) => fromHalf(toHalf(x))) as Float32Array);
  }
  const weight = JSON.parse(half(ready)).net.layers[0].arrays.weight;
  assert.is(atob(weight.data).length, 2 * 20);
  assert.equal([weight.dtype, weight.stored], ["float32", "float16"]);
  assert.is(half(read), half(ready));
  assert.equal(fromJSON(toJSON(ready)), ready);
  assert.not(toJSON(ready).includes("stored"));
});

test("an array with a number that no half is near stays as it is", () => {
  const change = (x: number): Net => {
    const copy = structuredClone(ready) as unknown as {
      layers: { arrays: { weight: { data: Float32Array } } }[];
    };
    (copy.layers[0] as (typeof copy.layers)[number]).arrays.weight.data[3] = x;
    return copy as unknown as Net;
  };
  for (const x of [mostHalf + 1, -1e9]) {
    const wide = change(Math.fround(x));
    const { layers } = JSON.parse(half(wide)).net;
    assert.equal(
      layers.map((layer: { arrays: { weight: { stored?: string } } }) => layer.arrays.weight.stored),
      [undefined, "float16"],
    );
    assert.equal(parametersOf(fromJSON(half(wide)))["0.weight"]?.data, parametersOf(wide)["0.weight"]?.data);
  }
});

test("another precision in a file, or one for integers, is refused in words", () => {
  const refuses = (change: (array: Record<string, unknown>) => void, words: RegExp): void => {
    const file = JSON.parse(half(initialize(chain([embedding(2)]), { given: { input: integer(0, 2) } })));
    change(file.net.layers[0].arrays.weight);
    try {
      fromJSON(file);
      assert.unreachable("it should have been refused");
    } catch (error) {
      assert.instance(error, NetError);
      assert.match((error as Error).message, words);
    }
  };
  refuses(
    (array) => Object.assign(array, { stored: "bfloat16" }),
    /stored: takes float16 but receives bfloat16/,
  );
  refuses((array) => Object.assign(array, { dtype: "int32" }), /stored: float16 is for float32 arrays/);
  refuses((array) => Object.assign(array, { data: "AA==" }), /takes base64 of float32 numbers/);
  assert.throws(() => toJSON(ready, { precision: "float8" as never }), /precision takes float32 or float16/);
});

test.run();
