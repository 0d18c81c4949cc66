/** The exact 2-Wasserstein distance: on a line by sorting, elsewhere by the best pairing of points. */
import { type Cloud, cloudsOf, type Points, squareDistance } from "./cloud.js";
import { costOnLine } from "./quantiles.js";
import { sortFloats } from "./sort.js";

/** Beyond so many points the best pairing, whose time grows as their cube, takes many seconds. */
const mostPaired = 2000;

/**
 * W₂(a, b) = (min over plans of E‖X − Y‖²)^½. On a line for any sizes; in more dimensions for clouds of equal size, of at
 * most 2,000 points (time as n³). Throws where that does not hold, and where a number is not finite.
 */
export function wasserstein2(a: Points, b: Points): number {
  const [x, y] = cloudsOf("wasserstein2", a, b);
  if (x.dims === 1) return Math.sqrt(costOnLine(sorted(x), sorted(y), (apart) => apart * apart));
  if (x.count !== y.count || x.count > mostPaired)
    throw new Error(
      `wasserstein2: takes equal numbers of points, at most ${mostPaired}, but receives ${x.count} and ${y.count}`,
    );
  return Math.sqrt(leastCost(x.count, (i, j) => squareDistance(x, i, y, j)) / x.count);
}

const sorted = ({ data }: Cloud): Float32Array => sortFloats(Float32Array.from(data));

/**
 * The least Σ cost(i, π(i)) over all permutations π: rows are assigned one after another, each by a shortest
 * augmenting path under the prices of rows and columns (Jonker and Volgenant 1987).
 */
function leastCost(n: number, cost: (row: number, column: number) => number): number {
  const [rowPrice, columnPrice] = [new Float64Array(n), new Float64Array(n)];
  const rowOf = new Int32Array(n).fill(-1);
  for (let start = 0; start < n; start++) {
    const distance = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
    const before = new Int32Array(n).fill(-1); // the column before this one on the path
    const done = new Uint8Array(n);
    let [row, column, reached] = [start, -1, 0];
    do {
      let [next, least] = [-1, Number.POSITIVE_INFINITY];
      for (let j = 0; j < n; j++) {
        if (done[j]) continue;
        const d = reached + cost(row, j) - (rowPrice[row] as number) - (columnPrice[j] as number);
        if (d < (distance[j] as number)) {
          distance[j] = d;
          before[j] = column;
        }
        if ((distance[j] as number) < least) [next, least] = [j, distance[j] as number];
      }
      [column, reached] = [next, least];
      done[column] = 1;
      row = rowOf[column] as number;
    } while (row >= 0);
    rowPrice[start] = (rowPrice[start] as number) + reached;
    for (let j = 0; j < n; j++)
      if (done[j] && j !== column) {
        const spare = reached - (distance[j] as number);
        columnPrice[j] = (columnPrice[j] as number) - spare;
        rowPrice[rowOf[j] as number] = (rowPrice[rowOf[j] as number] as number) + spare;
      }
    for (let at = column; at >= 0; ) {
      const from = before[at] as number;
      rowOf[at] = from < 0 ? start : (rowOf[from] as number);
      at = from;
    }
  }
  let sum = 0;
  rowOf.forEach((i, j) => {
    sum += cost(i, j);
  });
  return sum;
}
