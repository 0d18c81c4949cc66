/** Lines with rounded corners, and arrowheads. */
import type { Point } from "./layout.js";

const radius = 10;
const arrowLength = 6.5;
const n = (x: number): string => String(Math.round(x * 10) / 10);

const length = (a: Point, b: Point): number => Math.hypot(b.x - a.x, b.y - a.y);
const towards = (a: Point, b: Point, by: number): Point => {
  const all = length(a, b) || 1;
  return { x: a.x + ((b.x - a.x) * by) / all, y: a.y + ((b.y - a.y) * by) / all };
};

/** Corners are rounded except where another line begins; the end leaves room for the arrowhead. */
export function linePath(points: readonly Point[], arrow: boolean, sharp: readonly Point[]): string {
  const path = straightened(points);
  const end = path.length - 1;
  if (arrow && end > 0) path[end] = towards(path[end] as Point, path[end - 1] as Point, arrowLength - 2);
  let d = `M${n(path[0]?.x ?? 0)} ${n(path[0]?.y ?? 0)}`;
  for (let i = 1; i <= end; i++) {
    const [a, b, c] = [path[i - 1] as Point, path[i] as Point, path[i + 1]];
    const atBranch = c && sharp.some((p) => length(p, b) < 0.5);
    const room = c
      ? Math.min(radius, length(a, b) / (i === 1 ? 1 : 2), length(b, c) / (i + 1 === end ? 1 : 2))
      : 0;
    if (!c || atBranch || room < 1) d += `L${n(b.x)} ${n(b.y)}`;
    else {
      const [from, to] = [towards(b, a, room), towards(b, c, room)];
      d += `L${n(from.x)} ${n(from.y)}Q${n(b.x)} ${n(b.y)} ${n(to.x)} ${n(to.y)}`;
    }
  }
  return d;
}

export function arrowPath(points: readonly Point[]): string {
  const [a, b] = points.slice(-2) as [Point, Point];
  const base = towards(b, a, arrowLength);
  const [dx, dy] = [((b.y - a.y) / (length(a, b) || 1)) * 3.2, ((a.x - b.x) / (length(a, b) || 1)) * 3.2];
  return `M${n(b.x)} ${n(b.y)}L${n(base.x + dx)} ${n(base.y + dy)}L${n(base.x - dx)} ${n(base.y - dy)}Z`;
}

/** Without points in the middle of a straight line. */
function straightened(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (const [i, b] of points.entries()) {
    const [a, c] = [kept.at(-1), points[i + 1]];
    if (a && length(a, b) < 0.01) continue;
    const between = a && c && ((a.x === b.x && b.x === c.x) || (a.y === b.y && b.y === c.y));
    if (!between) kept.push(b);
  }
  return kept;
}
