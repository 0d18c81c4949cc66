/** Drawing on canvases: sharp at any pixel ratio, in the colours of the page. */
import type { Token } from "../tokens.js";
import { tick } from "./format.js";
import { place, scaleBarLength, type View } from "./scale.js";

/** A context in CSS pixels and the size of its canvas in them. */
export interface Sheet {
  readonly g: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
}

/** The canvas, cleared, with one of its pixels for each of the screen's; null while it has no size. */
export function sheet(canvas: HTMLCanvasElement): Sheet | null {
  const ratio = Math.min(3, Math.max(1, devicePixelRatio));
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const g = canvas.getContext("2d");
  if (g === null || width === 0 || height === 0) return null;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, width, height);
  return { g, width, height };
}

/** A CSS colour, tokens and mixtures included, as this element would show it. */
export function colour(element: HTMLElement, css: string): string {
  element.style.outlineColor = css;
  return getComputedStyle(element).outlineColor;
}

/** The value of a token's colour. */
export const token = (element: HTMLElement, name: Token): string => colour(element, `var(${name})`);

/** The red, green and blue of a colour as 0 … 255. */
export function channels(css: string): readonly [number, number, number] {
  const g = pixel();
  g.clearRect(0, 0, 1, 1);
  g.fillStyle = css;
  g.fillRect(0, 0, 1, 1);
  const [r = 0, green = 0, b = 0] = g.getImageData(0, 0, 1, 1).data;
  return [r, green, b];
}

let shared: CanvasRenderingContext2D | undefined;
function pixel(): CanvasRenderingContext2D {
  shared ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true }) ?? undefined;
  if (shared === undefined)
    throw new Error("channels: takes a browser that draws on canvases but receives none");
  return shared;
}

/** Discs of radius `r` at every point inside a square picture; `xs` and `ys` in the view's units. */
export function dots(
  { g, width }: Sheet,
  view: View,
  xs: Float32Array,
  ys: Float32Array,
  r: number,
  fill: string,
  alpha = 1,
): void {
  const at = place(view, width);
  g.fillStyle = fill;
  g.globalAlpha = alpha;
  for (let i = 0; i < xs.length; i++) {
    const x = at.x(xs[i] as number);
    const y = at.y(ys[i] as number);
    if (x < -r || y < -r || x > width + r || y > width + r) continue;
    g.beginPath();
    g.arc(x, y, r, 0, 2 * Math.PI);
    g.fill();
  }
  g.globalAlpha = 1;
}

/** The bar in the lower left corner that says how long a unit is. */
export function scaleBar(canvas: HTMLCanvasElement, { g, width, height }: Sheet, view: View): void {
  const units = scaleBarLength(view);
  const length = (units / (2 * view.half)) * width;
  const [left, bottom] = [10, height - 10.5];
  g.strokeStyle = token(canvas, "--gf-ink-3");
  g.lineWidth = 1;
  g.beginPath();
  g.moveTo(left, bottom - 3);
  g.lineTo(left, bottom);
  g.lineTo(left + length, bottom);
  g.lineTo(left + length, bottom - 3);
  g.stroke();
  const font = `11px ${getComputedStyle(canvas).fontFamily}`;
  g.font = font;
  g.textAlign = "center";
  const [text, x, y] = [tick(units), left + length / 2, bottom - 5];
  g.lineWidth = 3;
  g.lineJoin = "round";
  g.strokeStyle = token(canvas, "--gf-bg");
  g.strokeText(text, x, y);
  g.fillStyle = token(canvas, "--gf-ink-2");
  g.fillText(text, x, y);
}
