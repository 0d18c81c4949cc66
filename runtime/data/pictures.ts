/** Pictures of any format that the browser reads, as arrays. For pages and their workers: Node has no decoder. */
import type { NDArray } from "../../dsl/array.js";
import { inked, type LabelledImages } from "./mnist.js";
import { type ByteSource, nameOf, type ReadOptions, readBytes } from "./source.js";

export interface PictureOptions extends ReadOptions {
  /** Height and width of the result. Default 28. */
  readonly size?: number;
  /** 1: grey, 3: red, green and blue. Default 1. */
  readonly channels?: 1 | 3;
}

/**
 * The user's own pictures: each is cropped to the square at its middle and scaled to [size, size, channels],
 * −1 (black) to 1 (white). Errors: none given, or one that is no picture, by its name.
 */
export async function images(
  files: readonly ByteSource[],
  { size = 28, channels = 1, ...options }: PictureOptions = {},
): Promise<NDArray> {
  if (files.length === 0) throw new Error("images: takes at least one picture but receives none");
  const width = size * size * channels;
  const data = new Float32Array(files.length * width);
  for (const [i, file] of files.entries()) {
    const picture = await decode(file, options);
    const side = Math.min(picture.width, picture.height);
    const context = canvas(size, size);
    context.imageSmoothingQuality = "high";
    const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2];
    context.drawImage(picture, left, top, side, side, 0, 0, size, size);
    picture.close();
    data.set(inked(channelsOf(context.getImageData(0, 0, size, size).data, channels)), i * width);
  }
  return { shape: [files.length, size, size, channels], dtype: "float32", data };
}

const spriteSide = 28;
const spriteClasses = 10;

/**
 * The sprite-sheet form of MNIST: a picture whose row i is the 784 pixels of image i, and bytes that mark the class
 * of each with a 1 among ten. `count`: the first so many images; default all.
 */
export async function mnistSprite(
  sources: { readonly images: ByteSource; readonly labels: ByteSource },
  { count, ...options }: ReadOptions & { readonly count?: number } = {},
): Promise<LabelledImages> {
  const [picture, marks] = await Promise.all([
    decode(sources.images, options),
    readBytes(sources.labels, options),
  ]);
  const pixels = spriteSide ** 2;
  if (picture.width !== pixels)
    throw new Error(
      `${nameOf(sources.images)}: takes a picture ${pixels} pixels wide, an image a row, but receives ${picture.width}`,
    );
  const n = Math.min(count ?? picture.height, picture.height);
  if (marks.length < n * spriteClasses)
    throw new Error(
      `${nameOf(sources.labels)}: takes ${spriteClasses} bytes for each of ${n} images but receives ${marks.length}`,
    );
  const data = new Float32Array(n * pixels);
  // a canvas as tall as the sheet would be refused: some hundred rows at a time
  for (let row = 0; row < n; row += 500) {
    const rows = Math.min(500, n - row);
    const context = canvas(pixels, rows);
    context.drawImage(picture, 0, row, pixels, rows, 0, 0, pixels, rows);
    data.set(inked(channelsOf(context.getImageData(0, 0, pixels, rows).data, 1)), row * pixels);
  }
  picture.close();
  const labels = Int32Array.from({ length: n }, (_, i) =>
    marks.subarray(i * spriteClasses, (i + 1) * spriteClasses).indexOf(1),
  );
  return {
    images: { shape: [n, spriteSide, spriteSide, 1], dtype: "float32", data },
    labels: { shape: [n], dtype: "int32", data: labels },
  };
}

async function decode(source: ByteSource, options: ReadOptions): Promise<ImageBitmap> {
  if (typeof createImageBitmap !== "function" || typeof OffscreenCanvas !== "function")
    throw new Error("images: takes a browser, which can read pictures, but receives none here");
  const bytes = await readBytes(source, options);
  try {
    return await createImageBitmap(new Blob([bytes]));
  } catch (cause) {
    throw new Error(`${nameOf(source)}: takes a picture but receives a file that the browser cannot read`, {
      cause,
    });
  }
}

function canvas(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("images: takes a canvas to draw on but receives none");
  return context;
}

/** The red, green and blue of RGBA bytes, or their luminance (ITU-R BT.601). */
function channelsOf(rgba: Uint8ClampedArray, channels: 1 | 3): Uint8ClampedArray {
  const result = new Uint8ClampedArray((rgba.length / 4) * channels);
  for (let i = 0; i < rgba.length / 4; i++) {
    const [r, g, b] = rgba.subarray(4 * i, 4 * i + 3) as unknown as [number, number, number];
    if (channels === 3) result.set([r, g, b], 3 * i);
    else result[i] = 0.299 * r + 0.587 * g + 0.114 * b;
  }
  return result;
}
