import { test } from "uvu";
import * as assert from "uvu/assert";
import { duration, fixed, minus, percent, significant, thousands, tick } from "./format.js";

test("negative numbers have a true minus sign and no hyphen", () => {
  for (const text of [
    fixed(-0.316, 2),
    thousands(-1234),
    significant(-0.0421),
    significant(-1e-7),
    tick(-2),
    tick(-3000),
  ]) {
    assert.ok(text.includes(minus), text);
    assert.not.match(text, "-");
  }
});

test("significant keeps three digits at every size", () => {
  const given = [
    0.10812,
    1.2345,
    12.345,
    123.4,
    30_000,
    0,
    0.000123,
    1.2e-7,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ];
  assert.equal(given.map(significant), [
    "0.108",
    "1.23",
    "12.3",
    "123",
    "30,000",
    "0.00",
    "0.000123",
    `1.2e${minus}7`,
    "NaN",
    "∞",
  ]);
});

test("ticks are short", () => {
  assert.equal([1, 0.5, 0.002, 1000, 20_000, 5e6].map(tick), ["1", "0.5", "0.002", "1k", "20k", "5M"]);
});

test("seconds become minutes", () => {
  assert.equal([0, 56.2, 60, 723].map(duration), ["0:00", "0:56", "1:00", "12:03"]);
});

test("shares are finer near none and near all, and say 0 and 100 only for those", () => {
  assert.equal([1, 0.99990001, 0.989, 0.28, 0.0061, 0].map(percent), [
    "100 %",
    "99.99 %",
    "98.9 %",
    "28 %",
    "0.6 %",
    "0 %",
  ]);
});

test.run();
