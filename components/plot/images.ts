/** Pictures of images: what an element accepts, and how one becomes pixels in the colours of the page. */
import type { NDArray } from "../../dsl/array.js";
import { channels, token } from "./canvas.js";

/** Images of one size: `count` of [height, width, channels], numbers from −1 to 1. */
export interface Images {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly data: ArrayLike<number>;
}

/** The images of an array [n, h, w], [n, h, w, 1] or [n, h, w, 3]; an Error of another shape, `<where>: …`. */
export function imagesOf({ shape, data }: NDArray, where: string): Images {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const known = channels === 1 || channels === 3;
  if (shape.length < 3 || shape.length > 4 || !known || height * width === 0)
    throw new Error(
      `${where} takes images [n, height, width, 1 or 3] but receives an array of shape [${shape.join(", ")}]`,
    );
  if (data.length !== count * height * width * channels)
    throw new Error(
      `${where} takes ${count * height * width * channels} numbers but receives ${data.length}`,
    );
  return { count, height, width, channels, data };
}

/** What −1 and 1 of a grey image look like: the tokens px-0 and px-1 as `element` shows them. */
export interface Ink {
  readonly paper: readonly [number, number, number];
  readonly ink: readonly [number, number, number];
}
export const inkOf = (element: HTMLElement): Ink => ({
  paper: channels(token(element, "--gf-px-0")),
  ink: channels(token(element, "--gf-px-1")),
});

/** The pixels of image `i`: grey between paper and ink, colours as they are. Numbers beyond ±1 are cut off. */
export function pixelsOf(images: Images, i: number, { paper, ink }: Ink): ImageData {
  const { height, width, channels: depth, data } = images;
  const picture = new ImageData(width, height);
  const first = i * height * width * depth;
  const [from, to] = depth === 3 ? [[0, 0, 0] as const, [255, 255, 255] as const] : [paper, ink];
  for (let p = 0; p < height * width; p++) {
    for (let c = 0; c < 3; c++) {
      const x = data[first + p * depth + (depth === 3 ? c : 0)] as number;
      const share = Math.min(1, Math.max(0, (x + 1) / 2)) || 0;
      picture.data[4 * p + c] = (from[c] as number) + ((to[c] as number) - (from[c] as number)) * share;
    }
    picture.data[4 * p + 3] = 255;
  }
  return picture;
}
