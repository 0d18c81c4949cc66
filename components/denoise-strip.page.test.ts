import { test } from "uvu";
import * as assert from "uvu/assert";
import type { NDArray } from "../dsl/array.js";
import "./denoise-strip.js";
import { all, drawn, mount, text } from "./plot/mount.js";

/** Frames of which frame f, sample i has the one grey (10 f + i)/100. */
const frames = 21;
const times = Array.from({ length: frames }, (_, f) => 200 - 10 * f);
const walk = (samples: number): NDArray => ({
  shape: [frames, samples, 4, 4, 1],
  dtype: "float32",
  data: Float32Array.from(
    { length: frames * samples * 16 },
    (_, k) => (10 * Math.floor(k / 16 / samples) + (Math.floor(k / 16) % samples)) / 100 - 1,
  ),
});

test("rows are samples and columns are time steps, from T to 0", async () => {
  const strip = await mount("denoise-strip", { trajectory: walk(8), times, rows: 3, columns: 6 }, 700);
  const heads = all(strip, "th").map((th) => th.textContent);
  assert.is(heads.length, 6);
  assert.is(heads[0], "t = 200");
  assert.is(heads.at(-1), "t = 0");
  const cells = all<HTMLCanvasElement>(strip, "canvas");
  assert.is(cells.length, 18);
  assert.is(cells[6]?.getAttribute("aria-label"), "Sample 2 at t = 200");
  const shade = (cell: HTMLCanvasElement | undefined) =>
    cell?.getContext("2d")?.getImageData(0, 0, 1, 1).data[0];
  // Row 2 (i = 1) of the last frame: 1 + x = (200 + 1)/100, beyond ink; of the first: 1/100.
  assert.is(shade(cells[6]), Math.round(255 + (27 - 255) * 0.005));
  assert.is(shade(cells[11]), 27);
});

test("a narrow strip leaves out steps between, never the first or the last", async () => {
  const strip = await mount("denoise-strip", { trajectory: walk(2), times }, 320);
  const heads = () => all(strip, "th").map((th) => th.textContent);
  const narrow = heads();
  assert.ok(narrow.length <= 6 && narrow.length >= 4, narrow.join());
  assert.equal([narrow[0], narrow.at(-1)], ["t = 200", "t = 0"]);
  strip.style.width = "900px";
  await drawn(strip);
  await drawn(strip);
  assert.ok(heads().length > narrow.length, heads().join());
});

test("times that do not fit the frames are told in words", async () => {
  const strip = await mount("denoise-strip", { trajectory: walk(2), times: [3, 2, 1] });
  assert.match(text(strip), /times takes 21 numbers, one for each frame, but receives 3/);
});

test.run();
