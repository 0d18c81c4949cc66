/** How far samples are from data, computed in pieces so that the page's thread is never held up. */
import type { NDArray } from "../../dsl/array.js";
import { type DataSet, draw, standardized, statistics } from "../../runtime/data/index.js";
import { slicedWasserstein, wasserstein1 } from "../../runtime/metrics/index.js";
import { giveWay } from "./give-way.js";
import { first } from "./rows.js";

/** 64 directions in the plane, as sixteen sets of four, each as even as the whole. */
const [directions, pieces] = [64, 16];

/**
 * W₁ on a line; in the plane its mean over 64 directions. The directions πk/64 are taken as sixteen sets of
 * four: set j is the directions πk/4 seen by points that are turned back by πj/64.
 */
export async function distance(a: NDArray, b: NDArray): Promise<number> {
  if ((a.shape[1] ?? 1) === 1) return wasserstein1(a, b);
  let sum = 0;
  for (let j = 0; j < pieces; j++) {
    const angle = (Math.PI * j) / directions;
    sum += slicedWasserstein(turnedBack(a, angle), turnedBack(b, angle), { directions: directions / pieces });
    await giveWay();
  }
  return sum / pieces;
}

function turnedBack({ shape, dtype, data }: NDArray, angle: number): NDArray {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const turned = new Float32Array(data.length);
  for (let i = 0; i < data.length; i += 2) {
    const [x, y] = [data[i] as number, data[i + 1] as number];
    turned[i] = cos * x + sin * y;
    turned[i + 1] = cos * y - sin * x;
  }
  return { shape, dtype, data: turned };
}

/** Pairs of fresh draws whose distances make the floor. */
const pairs = 10;

/**
 * The mean distance of `count` fresh points of a distribution to another fresh draw of it, both standardized: what a
 * perfect model would come to. `raw` draws the distribution with a seed.
 */
export async function floorOf(raw: (seed: number) => DataSet, count: number): Promise<number> {
  let sum = 0;
  for (let i = 0; i < pairs; i++) {
    const data = draw(raw(2 * i));
    const scale = statistics(data);
    await giveWay();
    const fresh = first(draw(raw(2 * i + 1)), count);
    sum += await distance(standardized(data, scale), standardized(fresh, scale));
    await giveWay();
  }
  return sum / pairs;
}
