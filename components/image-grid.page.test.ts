import { test } from "uvu";
import * as assert from "uvu/assert";
import type { NDArray } from "../dsl/array.js";
import "./image-grid.js";
import { all, mount, one, text } from "./plot/mount.js";

const sheet = (shape: readonly number[], at: (i: number) => number): NDArray => ({
  shape,
  dtype: "float32",
  data: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => at(i)),
});
const colourAt = (canvas: HTMLCanvasElement, x: number, y: number): readonly number[] => [
  ...(canvas.getContext("2d")?.getImageData(x, y, 1, 1).data ?? []),
];

test("images stand in rows, nearly in a square, two pixels apart", async () => {
  const grid = await mount("image-grid", { images: sheet([7, 4, 3, 1], (i) => (i < 12 ? 1 : -1)) });
  const canvas = one<HTMLCanvasElement>(grid, "canvas");
  assert.equal([canvas.width, canvas.height], [3 * 5 - 2, 3 * 6 - 2]);
  assert.equal(colourAt(canvas, 0, 0), [27, 30, 36, 255], "ink");
  assert.equal(colourAt(canvas, 5, 0), [255, 255, 255, 255], "paper");
  assert.equal(colourAt(canvas, 3, 0), [0, 0, 0, 0], "between them");
  assert.is(canvas.getAttribute("aria-label"), "7 images of 4 by 3 pixels");
});

test("the number of columns can be chosen, and numbers beyond ±1 are cut off", async () => {
  const grid = await mount("image-grid", { images: sheet([6, 2, 2], () => -40), columns: 6 });
  const canvas = one<HTMLCanvasElement>(grid, "canvas");
  assert.equal([canvas.width, canvas.height], [6 * 4 - 2, 2]);
  assert.equal(colourAt(canvas, 0, 0), [255, 255, 255, 255]);
});

test("colours are shown as they are", async () => {
  const grid = await mount("image-grid", { images: sheet([1, 1, 1, 3], (i) => [1, -1, 0][i] ?? 0) });
  assert.equal(colourAt(one(grid, "canvas"), 0, 0), [255, 0, 128, 255]);
});

test("ink and paper change places in the dark", async () => {
  document.documentElement.dataset.theme = "dark";
  const grid = await mount("image-grid", { images: sheet([1, 2, 2, 1], () => 1) });
  assert.equal(colourAt(one(grid, "canvas"), 0, 0), [233, 235, 239, 255]);
  delete document.documentElement.dataset.theme;
});

test("what is no array of images is told in words, and right ones mend it", async () => {
  const grid = await mount("image-grid", { images: sheet([2, 5], () => 0) });
  assert.match(text(grid), /images takes images \[n, height, width, 1 or 3\] but receives .* \[2, 5\]/);
  grid.images = sheet([1, 2, 2, 1], () => 0);
  await grid.updateComplete;
  assert.is(all(grid, "canvas").length, 1);
});

test("without images it shows its note", async () => {
  assert.match(text(await mount("image-grid", { note: "appear while it trains" })), /appear while it trains/);
});

test.run();
