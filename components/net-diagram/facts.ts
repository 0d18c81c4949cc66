/** What the line under the drawing says about a node: sizes, parameters, how its weights are spread. */
import type { Net, PortType } from "../../dsl/net.js";
import { isLayer, membersOf } from "../../dsl/walk.js";
import type { Shapes } from "./drawing.js";
import { shapeWords } from "./drawing.js";

export interface Spread {
  readonly mean: number;
  readonly sd: number;
  /** Counts over equal bins of the range, as far as it lies within 3.2 sd of the mean. */
  readonly bins: readonly number[];
}

const bins = 40;
const reach = 3.2;

/** The spread of all numbers in the arrays of a net, or null where it has none yet. */
export function spreadOf(net: Net): Spread | null {
  const arrays = arraysOf(net);
  const count = arrays.reduce((n, data) => n + data.length, 0);
  if (count === 0) return null;
  let sum = 0;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const data of arrays)
    for (const value of data) {
      sum += value;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  const mean = sum / count;
  let squares = 0;
  for (const data of arrays) for (const value of data) squares += (value - mean) ** 2;
  const sd = Math.sqrt(squares / count);
  const [low, high] = [Math.max(least, mean - reach * sd), Math.min(most, mean + reach * sd)];
  const counts = Array.from({ length: bins }, () => 0);
  for (const data of arrays)
    for (const value of data) {
      const bin =
        high > low ? Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins)) : bins / 2;
      if (bin >= 0 && value <= high) counts[bin] = (counts[bin] as number) + 1;
    }
  return { mean, sd, bins: counts };
}

/** The arrays of a net and of all within it. */
function arraysOf(net: Net): readonly (Float32Array | Int32Array)[] {
  if (!isLayer(net)) return membersOf(net).flatMap(([, member]) => arraysOf(member));
  return Object.values(net.arrays ?? {}).map(({ data }) => data);
}

/** `2, int → 2`: what goes in and what comes out. */
export function sizesOf(shapes: Shapes, path: string): string {
  if (!Object.hasOwn(shapes, path)) return "";
  const words = (ports: Readonly<Record<string, PortType>>): string =>
    Object.values(ports)
      .map(shapeWords)
      .filter((word) => word !== "")
      .join(", ");
  const { inputs, outputs } = shapes[path] as NonNullable<Shapes[string]>;
  return [words(inputs), words(outputs)].filter((side) => side !== "").join(" → ");
}
