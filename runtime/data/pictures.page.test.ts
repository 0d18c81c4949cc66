import { test } from "uvu";
import * as assert from "uvu/assert";
import { images, mnistSprite } from "./index.js";

/** A picture as a PNG file, drawn by `paint`. */
async function picture(
  width: number,
  height: number,
  paint: (context: OffscreenCanvasRenderingContext2D) => void,
): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  paint(canvas.getContext("2d") as OffscreenCanvasRenderingContext2D);
  return canvas.convertToBlob({ type: "image/png" });
}

test("a picture is cropped to the square at its middle and scaled", async () => {
  const wide = await picture(80, 40, (context) => {
    context.fillStyle = "red"; // cropped off
    context.fillRect(0, 0, 80, 40);
    context.fillStyle = "white";
    context.fillRect(20, 0, 40, 40);
    context.fillStyle = "black";
    context.fillRect(20, 20, 40, 20);
  });
  const grey = await images([wide], { size: 8 });
  assert.equal(grey.shape, [1, 8, 8, 1]);
  assert.ok(grey.data.subarray(0, 24).every((x) => x > 0.99));
  assert.ok(grey.data.subarray(40).every((x) => x < -0.99));
});

test("colours are three channels, and grey is their luminance", async () => {
  const blue = await picture(10, 10, (context) => {
    context.fillStyle = "rgb(0, 0, 255)";
    context.fillRect(0, 0, 10, 10);
  });
  const colours = await images([blue, blue], { size: 4, channels: 3 });
  assert.equal(colours.shape, [2, 4, 4, 3]);
  assert.equal([...colours.data.subarray(0, 3)], [-1, -1, 1]);
  const grey = await images([blue], { size: 4 });
  assert.ok(Math.abs((grey.data[0] as number) - (2 * 0.114 - 1)) < 0.01);
});

test("a file that is no picture is named", async () => {
  const error = await images([new File(["no"], "holiday.txt")]).catch((e: unknown) => e);
  assert.match((error as Error).message, /holiday\.txt: takes a picture/);
});

test("a sprite sheet gives a row an image, and its labels", async () => {
  const sheet = await picture(784, 3, (context) => {
    for (let row = 0; row < 3; row++) {
      context.fillStyle = `rgb(${100 * row}, ${100 * row}, ${100 * row})`;
      context.fillRect(0, row, 784, 1);
    }
  });
  const marks = new Uint8Array(30);
  [4, 0, 9].forEach((label, i) => {
    marks[10 * i + label] = 1;
  });
  const got = await mnistSprite({ images: sheet, labels: marks }, { count: 3 });
  assert.equal(got.images.shape, [3, 28, 28, 1]);
  assert.equal([...got.labels.data], [4, 0, 9]);
  assert.ok(Math.abs((got.images.data[784 * 2 + 100] as number) - (200 / 127.5 - 1)) < 1e-6);
  const error = await mnistSprite({ images: sheet, labels: marks.slice(0, 12) }).catch((e: unknown) => e);
  assert.match((error as Error).message, /takes 10 bytes for each of 3 images but receives 12/);
});

test.run();
