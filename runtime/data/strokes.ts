/** Handwriting-like digits, drawn by the project itself: skeletons bent at random, written with a round pen. */
import { uniforms } from "../../dsl/random.js";
import { digitSkeletons, type Point, type Skeleton } from "./digit-skeletons.js";

/** Straight pieces between two points of a skeleton. */
const piecesPerCurve = 6;
/** The paper that is left free all around, as a part of the image. */
const rim = 0.06;
/** Uniform numbers that one digit is made of. */
const drawsPerDigit = 80;

/** The class of example i: each of the ten equally likely. */
export const strokeLabel = (i: number, seed: number): number =>
  Math.floor(10 * (drawsOf(i, seed)[0] as number));

/** Image i of a set, [size, size] from −1 (paper) to 1 (ink), added to `data` at `offset`. */
export function drawStrokes(data: Float32Array, offset: number, size: number, i: number, seed: number): void {
  const u = drawsOf(i, seed);
  const label = strokeLabel(i, seed);
  const ways = digitSkeletons[label] as readonly Skeleton[];
  const way = ways[Math.floor((u[1] as number) * ways.length)] as Skeleton;
  const { place, pen } = hand(u);
  let next = 10;
  const wobble = (): number => 0.1 * ((u[next++] as number) + (u[next++] as number) - 1);
  const strokes = centred(
    way.map((stroke) => {
      let [dx, dy] = [0, 0];
      return smooth(
        stroke.map(([x, y], k): Point => {
          // the two writings of a corner move as one
          if (k === 0 || stroke[k - 1]?.[0] !== x || stroke[k - 1]?.[1] !== y)
            [dx, dy] = [wobble(), wobble()];
          return place([x + dx, y + dy]);
        }),
      );
    }),
    pen / 2 + rim,
  );
  ink(data.subarray(offset, offset + size * size), size, strokes, pen);
}

const drawsOf = (i: number, seed: number): Float32Array =>
  uniforms(drawsPerDigit, { seed, step: i, stream: 0x5740ce });

/** A writer's slant, proportions, turn and pen. */
function hand(u: Float32Array): { readonly place: (p: Point) => Point; readonly pen: number } {
  const between = (k: number, a: number, b: number): number => a + (b - a) * (u[k] as number);
  // the sum of two uniform numbers is near their middle more often than not
  const slant = 0.5 * (between(2, -0.2, 0.6) + between(3, -0.4, 0.5));
  const turn = between(4, -0.2, 0.2);
  const width = between(5, 0.4, 0.78);
  const height = between(6, 0.62, 0.8);
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const place = ([x, y]: Point): Point => {
    const [a, b] = [width * (x - 0.5) - slant * height * (y - 0.5), height * (y - 0.5)];
    return [c * a - s * b, s * a + c * b];
  };
  return { place, pen: 0.5 * (between(7, 0.045, 0.13) + between(8, 0.06, 0.11)) };
}

/** The polyline of the Catmull-Rom curve through the points. */
function smooth(points: readonly Point[]): Point[] {
  const at = (k: number): Point => points[Math.min(points.length - 1, Math.max(0, k))] as Point;
  const line: Point[] = [at(0)];
  for (let k = 0; k + 1 < points.length; k++) {
    const [p, q, r, s] = [at(k - 1), at(k), at(k + 1), at(k + 2)];
    const along = (axis: 0 | 1, t: number): number =>
      0.5 *
      (2 * q[axis] +
        t *
          (r[axis] -
            p[axis] +
            t *
              (2 * p[axis] -
                5 * q[axis] +
                4 * r[axis] -
                s[axis] +
                t * (3 * (q[axis] - r[axis]) + s[axis] - p[axis]))));
    for (let j = 1; j <= piecesPerCurve; j++)
      line.push([along(0, j / piecesPerCurve), along(1, j / piecesPerCurve)]);
  }
  return line;
}

/**
 * The strokes moved so that the middle of their ink is the middle of the image, (1/2, 1/2), as MNIST's are, and made
 * smaller where they would come nearer to the rim than `margin`.
 */
function centred(strokes: readonly (readonly Point[])[], margin: number): Point[][] {
  let [x, y, length] = [0, 0, 0];
  for (const line of strokes)
    for (let k = 1; k < line.length; k++) {
      const [[a, b], [c, d]] = [line[k - 1] as Point, line[k] as Point];
      const l = Math.hypot(c - a, d - b);
      [x, y, length] = [x + (l * (a + c)) / 2, y + (l * (b + d)) / 2, length + l];
    }
  const [cx, cy] = [x / length, y / length];
  const reach = strokes.flat().reduce((r, [a, b]) => Math.max(r, Math.abs(a - cx), Math.abs(b - cy)), 0);
  const scale = Math.min(1, (0.5 - margin) / reach);
  return strokes.map((line) => line.map(([a, b]): Point => [(a - cx) * scale + 0.5, (b - cy) * scale + 0.5]));
}

/** Writes with a round pen: a pixel is inked as far as it lies within half a pen's width of a line, softly at the rim. */
function ink(image: Float32Array, size: number, strokes: readonly (readonly Point[])[], pen: number): void {
  const nearest = new Float32Array(size * size).fill(Number.POSITIVE_INFINITY);
  const reach = pen / 2 + 1.5 / size;
  const pixel = (x: number): number => Math.floor(x * size);
  for (const line of strokes)
    for (let k = 1; k < line.length; k++) {
      const [[ax, ay], [bx, by]] = [line[k - 1] as Point, line[k] as Point];
      const [ux, uy] = [bx - ax, by - ay];
      const square = ux * ux + uy * uy || 1;
      const [top, bottom] = [
        Math.max(0, pixel(Math.min(ay, by) - reach)),
        Math.min(size - 1, pixel(Math.max(ay, by) + reach)),
      ];
      const [left, right] = [
        Math.max(0, pixel(Math.min(ax, bx) - reach)),
        Math.min(size - 1, pixel(Math.max(ax, bx) + reach)),
      ];
      for (let row = top; row <= bottom; row++)
        for (let column = left; column <= right; column++) {
          const [px, py] = [(column + 0.5) / size - ax, (row + 0.5) / size - ay];
          const t = Math.min(1, Math.max(0, (px * ux + py * uy) / square));
          const d = Math.hypot(px - t * ux, py - t * uy);
          const at = row * size + column;
          if (d < (nearest[at] as number)) nearest[at] = d;
        }
    }
  for (let at = 0; at < image.length; at++) {
    const cover = Math.min(1, Math.max(0, (pen / 2 - (nearest[at] as number)) * size * 0.8 + 0.5));
    image[at] = 2 * cover - 1;
  }
}
