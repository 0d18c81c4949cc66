/** Looking closer: how a picture is moved and enlarged in its window. Pure functions of plain values. */

/** The picture's point p is shown at k·p + (x, y). */
export interface View {
  readonly k: number;
  readonly x: number;
  readonly y: number;
}
export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** As large as it comes, times its size as drawn. */
const largest = 4;

/** The whole picture at a scale, in the middle of the window's width. */
export const fit = (k: number, picture: Extent, window: Extent): View => ({
  k,
  x: Math.max(0, (window.width - k * picture.width) / 2),
  y: 0,
});

/** Enlarged by a factor, the point of the window that is named staying where it is; never smaller than the least scale. */
export function zoomed(
  view: View,
  factor: number,
  at: { readonly x: number; readonly y: number },
  least: number,
): View {
  const k = Math.min(largest, Math.max(least, view.k * factor));
  return { k, x: at.x - ((at.x - view.x) * k) / view.k, y: at.y - ((at.y - view.y) * k) / view.k };
}

/** Moved back until the window shows nothing beyond the picture, or the picture stands in the middle of it. */
export function held(view: View, picture: Extent, window: Extent): View {
  const axis = (at: number, length: number, room: number): number =>
    length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, at));
  const height = view.k * picture.height;
  return {
    k: view.k,
    x: axis(view.x, view.k * picture.width, window.width),
    y: height <= window.height + 1 ? 0 : axis(view.y, height, window.height),
  };
}
