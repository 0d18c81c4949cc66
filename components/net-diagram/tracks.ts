/** The lines between two columns: each that changes its place does so on a track, tracks in the order that crosses least. */

/** One bundle from a port in one column to cells in the next. */
export interface Bundle {
  readonly key: string;
  readonly from: number;
  readonly to: readonly number[];
}

/** Ends nearer than this would run into one another. */
const near = 6;

const straight = ({ from, to }: Bundle): boolean => to.every((y) => Math.abs(y - from) < 0.5);
const low = ({ from, to }: Bundle): number => Math.min(from, ...to);
const high = ({ from, to }: Bundle): number => Math.max(from, ...to);
const within = (y: number, bundle: Bundle): boolean => y > low(bundle) - near && y < high(bundle) + near;

/** What it costs to have the track of a before that of b: crossings, and lines upon one another. */
function cost(a: Bundle, b: Bundle): number {
  let sum = within(b.from, a) ? 1 : 0;
  for (const y of a.to) sum += (within(y, b) ? 1 : 0) + (Math.abs(y - b.from) < near ? 100 : 0);
  return sum;
}

/** The track of each bundle that needs one, from 0 in the way of the data. */
export function tracks(bundles: readonly Bundle[]): ReadonlyMap<string, number> {
  const waiting = bundles.filter((bundle) => !straight(bundle));
  const ordered: Bundle[] = [];
  while (waiting.length > 0) {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [i, a] of waiting.entries()) {
      const sum = waiting.reduce((n, b) => (a === b ? n : n + cost(a, b) - cost(b, a)), 0);
      if (sum < least) [best, least] = [i, sum];
    }
    ordered.push(...waiting.splice(best, 1));
  }
  const found = new Map<string, number>();
  for (const [i, bundle] of ordered.entries()) {
    let track = 0;
    for (const other of ordered.slice(0, i))
      if (low(other) < high(bundle) + 2 * near && low(bundle) < high(other) + 2 * near)
        track = Math.max(track, (found.get(other.key) as number) + 1);
    found.set(bundle.key, track);
  }
  return found;
}
