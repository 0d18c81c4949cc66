/** The reverse process drawn on a canvas: dots with trails in the plane, paths over time on a line. */
import { histogram } from "./bins.js";
import { dots, type Sheet, scaleBar, token } from "./canvas.js";
import { linear, place, type View } from "./scale.js";

/** A trajectory [frames, count, dims], and the stops of the slider: a time and its frame each. */
export interface Process {
  readonly count: number;
  readonly dims: number;
  readonly data: ArrayLike<number>;
  readonly stops: readonly { readonly t: number; readonly frame: number }[];
}

/** Coordinate `axis` of point i at stop k. */
const coordinate = ({ count, dims, data, stops }: Process, k: number, i: number, axis: number): number =>
  data[((stops[k]?.frame ?? 0) * count + i) * dims + axis] as number;

/** Coordinate `axis` of the first `most` points at stop k. */
const coordinates = (process: Process, k: number, axis: number, most = process.count): Float32Array =>
  Float32Array.from({ length: Math.min(most, process.count) }, (_, i) => coordinate(process, k, i, axis));

/** The greatest absolute value at the last stop. */
function reachOf({ count, dims, data, stops }: Process): number {
  const from = (stops.at(-1)?.frame ?? 0) * count * dims;
  let most = 0;
  for (let i = from; i < from + count * dims; i++) most = Math.max(most, Math.abs(data[i] as number));
  return most;
}

/** Points drawn at most; of those every how-manieth has a trail; the stops that a trail reaches back. */
const [shown, every, reach] = [1200, 12, 12];

/** A segment for every point of `which` from stop to stop, fading backwards from `at`. */
function trails(
  { g }: Sheet,
  at: number,
  length: number,
  which: readonly number[],
  x: (stop: number, i: number) => number,
  y: (stop: number, i: number) => number,
  strength: number,
): void {
  const from = Math.max(0, at - length);
  for (let k = from; k < at; k++) {
    g.globalAlpha = strength * (0.12 + 0.88 * ((k - from + 1) / (at - from)) ** 1.5);
    g.beginPath();
    for (const i of which) {
      g.moveTo(x(k, i), y(k, i));
      g.lineTo(x(k + 1, i), y(k + 1, i));
    }
    g.stroke();
  }
  g.globalAlpha = 1;
}

const everyNth = (count: number, step: number): number[] =>
  Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);

/** Where time t lies among the stops, as a fractional position. */
function positionOf({ stops }: Process, t: number): number {
  const after = stops.findIndex((stop) => stop.t <= t);
  const [a, b] = [stops[after - 1]?.t, stops[after]?.t];
  return a === undefined || b === undefined || a === b ? Math.max(0, after) : after - (t - b) / (a - b);
}

/** Points of the plane at stop `at`, with trails. The view is centred and holds the last stop and most of a standard normal. */
export function drawPlane(canvas: HTMLCanvasElement, paper: Sheet, process: Process, at: number): void {
  const view: View = { x: 0, y: 0, half: Math.max(2.3, reachOf(process) * 1.08) };
  const ink = token(canvas, "--gf-sample");
  const to = place(view, paper.width);
  const [xs, ys] = [coordinates(process, at, 0, shown), coordinates(process, at, 1, shown)];
  paper.g.strokeStyle = ink;
  paper.g.lineWidth = 1;
  paper.g.lineCap = "round";
  trails(
    paper,
    at,
    reach,
    everyNth(xs.length, every),
    (k, i) => to.x(coordinate(process, k, i, 0)),
    (k, i) => to.y(coordinate(process, k, i, 1)),
    0.4,
  );
  dots(paper, view, xs, ys, 1.35, ink, 0.9);
  scaleBar(canvas, paper, view);
}

/**
 * Numbers: the path of some of them from the first stop to `at`, time running to the right on the slider's own
 * scale; at the right edge the histogram of all at this time, over that of the data.
 */
export function drawLine(
  canvas: HTMLCanvasElement,
  paper: Sheet,
  process: Process,
  at: number,
  data: Float32Array | null,
): void {
  const { g, width, height } = paper;
  const { stops } = process;
  const now = coordinates(process, at, 0);
  const [edge, bottom] = [width - 56, height - 24];
  const most = Math.max(3, reachOf(process));
  const x = linear([0, stops.length - 1], [4, edge - 8]);
  const y = linear([-most * 1.04, most * 1.04], [bottom, 0]);
  const ink = token(canvas, "--gf-sample");

  // The time axis, with round times where their labels have room.
  g.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  g.strokeStyle = token(canvas, "--gf-ink-3");
  g.fillStyle = token(canvas, "--gf-ink-2");
  g.lineWidth = 1;
  line(g, [
    [0, bottom + 0.5],
    [edge, bottom + 0.5],
  ]);
  const span = stops[0]?.t ?? 1;
  const round = [1, 0.5, 0.25, 0.1, 0.025, 0].map((share) => Math.round(share * span));
  for (const t of round.filter((t, i) => t !== round[i - 1])) {
    const tickX = Math.round(x(positionOf(process, t))) + 0.5;
    line(g, [
      [tickX, bottom],
      [tickX, bottom + 4],
    ]);
    g.textAlign = t === span ? "left" : "center";
    g.fillText(t === span ? `t = ${t}` : String(t), t === span ? 0 : tickX, height - 5);
  }

  g.save();
  g.beginPath();
  g.rect(0, 0, width, bottom);
  g.clip();
  g.strokeStyle = ink;
  g.lineCap = g.lineJoin = "round";
  const some = everyNth(Math.min(now.length, 64), 1);
  const value = (k: number, i: number): number => y(coordinate(process, k, i, 0));
  g.lineWidth = 1;
  trails(paper, at, stops.length, some, x, value, 0.34);
  g.fillStyle = ink;
  for (const i of some) {
    g.beginPath();
    g.arc(x(at), value(at, i), 2, 0, 2 * Math.PI);
    g.fill();
  }

  // The histograms, lying on their side.
  const bins = 44;
  const counted = (values: Float32Array) => histogram(values, -most * 1.04, most * 1.04, bins);
  const [under, over] = [data && counted(data), counted(now)];
  const long = linear([0, Math.max(...(under ?? []), ...over)], [edge + 4, width - 1]);
  const outline = (density: Float64Array): Path2D => {
    const path = new Path2D();
    for (let i = 0; i < bins; i++) {
      const [from, to] = [(i / bins) * bottom, ((i + 1) / bins) * bottom];
      path.lineTo(long(density[bins - 1 - i] as number), from);
      path.lineTo(long(density[bins - 1 - i] as number), to);
    }
    return path;
  };
  if (under) {
    const area = outline(under);
    area.lineTo(edge + 4, bottom);
    area.lineTo(edge + 4, 0);
    g.fillStyle = token(canvas, "--gf-data-soft");
    g.fill(area);
  }
  g.lineWidth = 1.25;
  g.stroke(outline(over));
  g.restore();
}

function line(g: CanvasRenderingContext2D, points: readonly (readonly [number, number])[]): void {
  g.beginPath();
  for (const [x, y] of points) g.lineTo(x, y);
  g.stroke();
}
