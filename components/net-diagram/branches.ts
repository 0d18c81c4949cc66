/** Edges from one port share their first stretch: it is drawn once, and a dot marks where they part. */
import type { Point } from "./layout.js";

const same = (a: Point, b: Point): boolean => Math.abs(a.x - b.x) < 0.01 && Math.abs(a.y - b.y) < 0.01;
const steps = (a: Point, b: Point): number => Math.abs(a.x - b.x) + Math.abs(a.y - b.y);

/** Where path p leaves path q, which starts at the same point: the index of p's next corner, and the point. */
function parting(
  p: readonly Point[],
  q: readonly Point[],
): { readonly next: number; readonly at: Point; readonly far: number } {
  let far = 0;
  for (let i = 0; ; i++) {
    const [a, b, c] = [p[i], p[i + 1], q[i + 1]];
    if (!a || !b || !c) return { next: i + 1, at: a ?? (p.at(-1) as Point), far };
    if (same(b, c)) {
      far += steps(a, b);
      continue;
    }
    const [toB, toC] = [steps(a, b), steps(a, c)];
    const along = (c.x - a.x) * (b.x - a.x) + (c.y - a.y) * (b.y - a.y) > 0.01;
    if (!along) return { next: i + 1, at: a, far };
    return toB < toC ? { next: i + 2, at: b, far: far + toB } : { next: i + 1, at: c, far: far + toC };
  }
}

const corners = (points: readonly Point[]): number => points.length;

/** What each path draws itself, in the paths' order, and the points where paths part. */
export function branches(paths: readonly (readonly Point[])[]): {
  readonly own: readonly (readonly Point[])[];
  readonly dots: readonly Point[];
} {
  const order = paths
    .map((_, i) => i)
    .sort((a, b) => corners(paths[a] ?? []) - corners(paths[b] ?? []) || a - b);
  const own: (readonly Point[])[] = [...paths];
  const dots: Point[] = [];
  for (const [k, i] of order.entries()) {
    const path = paths[i] as readonly Point[];
    let best: ReturnType<typeof parting> | undefined;
    for (const j of order.slice(0, k)) {
      const found = parting(path, paths[j] as readonly Point[]);
      if (!best || found.far > best.far) best = found;
    }
    if (!best || best.far === 0) continue;
    own[i] = [best.at, ...path.slice(best.next)];
    const dot = best.at;
    if (!dots.some((other) => same(other, dot))) dots.push(dot);
  }
  return { own, dots };
}
