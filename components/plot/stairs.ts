import type { Scale } from "./scale.js";

/** The outline of bars of equal width over [from, to], as SVG path data: `M x y H x V y H x …`. */
export function stairs(heights: ArrayLike<number>, [from, to]: readonly [number, number], y: Scale): string {
  const width = (to - from) / heights.length;
  let path = "";
  for (let i = 0; i < heights.length; i++) {
    const top = y(heights[i] as number).toFixed(1);
    path += `${i === 0 ? `M${from.toFixed(1)} ${top}` : `V${top}`}H${(from + (i + 1) * width).toFixed(1)}`;
  }
  return path;
}

/** The same with the axes exchanged: bars that lie on their side, from `from` at the first to `to` at the last. */
export function sideStairs(
  widths: ArrayLike<number>,
  [from, to]: readonly [number, number],
  x: Scale,
): string {
  const height = (to - from) / widths.length;
  let path = "";
  for (let i = 0; i < widths.length; i++) {
    const end = x(widths[i] as number).toFixed(1);
    path += `${i === 0 ? `M${end} ${from.toFixed(1)}` : `H${end}`}V${(from + (i + 1) * height).toFixed(1)}`;
  }
  return path;
}
