import { css, html, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { normals } from "../dsl/random.js";
import type { Schedule } from "../runtime/diffusion/schedule.js";
import { histogram } from "./plot/bins.js";
import { colour, dots, scaleBar, sheet } from "./plot/canvas.js";
import { thousands } from "./plot/format.js";
import {
  alphaBarAt,
  noiseTimes,
  shareOf,
  sliderTimes,
  timeSlider,
  timesShown,
  warningOf,
} from "./plot/noise-times.js";
import { Picture } from "./plot/picture.js";
import { column, extent, type Points, type PointsInput } from "./plot/points.js";
import { linear, type View } from "./plot/scale.js";
import { stairs } from "./plot/stairs.js";
import { base, controls } from "./styles.js";

/** Points of the plane drawn in each picture, and bins of a histogram. */
const [dotsShown, bins] = [1000, 48];

/**
 * How data turns to noise: x_t = √ᾱ_t·x₀ + √(1−ᾱ_t)·ε at six times side by side, each with its share of signal ᾱ_t
 * as a bar, and at any time under a slider. Every point keeps its ε, so it moves on a smooth way; its colour goes from
 * data to noise with √ᾱ_t. Points of the plane are dots; numbers are histograms over the density of N(0, 1).
 */
@customElement("forward-process")
export class ForwardProcess extends Picture {
  static override styles = [
    base,
    controls,
    noiseTimes,
    css`
      canvas, .bars { width: 100%; height: 100%; border-radius: 5px; }
      .bars { overflow: hidden; }
      .bars path { vector-effect: non-scaling-stroke; }
      .edge { fill: none; stroke-width: 1; }
      .bell { fill: none; stroke: var(--gf-ink-3); stroke-width: 1; stroke-dasharray: 2 3; }
    `,
  ];

  /** The data, t = 0: [n], [n, 1] or [n, 2]. */
  @property({ attribute: false }) data: PointsInput | null = null;
  /** The schedule of the noise. */
  @property({ attribute: false }) schedule: Schedule | null = null;

  /** The time under the slider, 0 … T. */
  @state() private t = 0;
  #axes: readonly Float32Array[] = [];
  #noise: readonly Float32Array[] = [];
  #count = 0;
  #view: View = { x: 0, y: 0, half: 2.6 };
  /** The times at which the slider stops, ascending, finer near 0. */
  #stops: readonly number[] = [0];

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("data")) this.#take(this.read("data", this.data));
    if (changed.has("schedule")) {
      const steps = this.schedule?.steps ?? 0;
      this.#stops = sliderTimes(steps);
      this.t = Math.min(this.t, steps);
    }
  }

  #take(points: Points | null): void {
    const most = points?.dims === 2 ? dotsShown : points?.count;
    this.#count = points?.count ?? 0;
    this.#axes = points
      ? Array.from({ length: points.dims }, (_, d) => column(points, d).subarray(0, most))
      : [];
    this.#noise = this.#axes.map((axis, d) => normals(axis.length, { seed: 1, stream: d }));
    const reach = Math.max(...this.#axes.flatMap((axis) => extent(axis)).map(Math.abs), 0);
    this.#view = { x: 0, y: 0, half: Math.max(2.6, reach * 1.08) };
  }

  /** How many points there are; where not all are drawn, of how many. */
  get #counted(): string {
    const [drawn, all] = [this.#axes[0]?.length ?? 0, thousands(this.#count)];
    return drawn < this.#count ? `${thousands(drawn)} of ${all}` : `${all} points`;
  }

  #alphaBar(t: number): number {
    return alphaBarAt(this.schedule, t);
  }

  /** Each coordinate of x_t. */
  #at(t: number): Float32Array[] {
    const signal = Math.sqrt(this.#alphaBar(t));
    const noise = Math.sqrt(1 - this.#alphaBar(t));
    return this.#axes.map((axis, d) => axis.map((x, i) => signal * x + noise * (this.#noise[d]?.[i] ?? 0)));
  }

  /** From the colour of noise to that of data with √ᾱ_t. */
  #mix(t: number, data: string, noise: string): string {
    return `color-mix(in oklab, var(${data}) ${(100 * Math.sqrt(this.#alphaBar(t))).toFixed(1)}%, var(${noise}))`;
  }

  protected override picture(): TemplateResult {
    return html`
      <div class="all">
        <div class="one">
          <div class="head"><b>${this.t === 0 ? "Data" : "Noisy data"}</b><span>${this.#counted}</span></div>
          <div class="body">${this.#tile(this.t, "data")}${timeSlider(this.#stops, this.t, (t) => {
            this.t = t;
          })}</div>
        </div>
        <div>
          <div class="head"><b>Forward process</b><span>bar: share of signal left</span></div>
          <div class="strip">${this.schedule ? timesShown(this.schedule.steps).map((t, i) => html`<div>${this.#tile(t, i === 0 ? "first" : "")}${shareOf(t, this.#alphaBar(t))}</div>`) : nothing}</div>
        </div>
      </div>
      ${warningOf(this.schedule)}`;
  }

  #tile(t: number, part: string): TemplateResult {
    const label = `Data after ${t} steps of noise`;
    if (this.#axes.length !== 1)
      return html`<div class="panel square"><canvas data-t=${t} data-part=${part} role="img" aria-label=${label}></canvas></div>`;
    const { half } = this.#view;
    const [values = new Float32Array()] = this.#at(t);
    const heights = histogram(values, -half, half, bins);
    // One scale for all times: the data's own peak is the highest.
    const peak = Math.max(...histogram(this.#axes[0] ?? [], -half, half, bins)) * 1.12;
    const y = linear([0, peak || 1], [100, 0]);
    const path = stairs(heights, [0, 100], y);
    const bell = Array.from({ length: 61 }, (_, i) => {
      const x = (i / 30 - 1) * half;
      return `${((i / 60) * 100).toFixed(1)} ${y(Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)).toFixed(1)}`;
    }).join("L");
    return html`<div class="panel square"><svg class="bars" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label=${label}>
      ${svg`<path d="${path}V100H0Z" .style=${`fill: ${this.#mix(t, "--gf-data-soft", "--gf-noise")}`} />
      <path class="edge" d=${path} .style=${`stroke: ${this.#mix(t, "--gf-data", "--gf-noise-dot")}`} />
      <path class="bell" d="M${bell}" />`}</svg></div>`;
  }

  protected override updated(): void {
    if (this.#axes.length !== 2) return;
    for (const canvas of this.renderRoot.querySelectorAll("canvas")) {
      const [t, part] = [Number(canvas.dataset.t), canvas.dataset.part];
      const key = [
        t,
        devicePixelRatio,
        canvas.clientWidth,
        colour(canvas, this.#mix(t, "--gf-data", "--gf-noise-dot")),
      ].join();
      // A picture that shows the same data at the same time, size and colour stays as it is.
      if (this.#drawn.get(canvas)?.key === key && this.#drawn.get(canvas)?.axes === this.#axes) continue;
      const paper = sheet(canvas);
      const [xs, ys] = this.#at(t);
      if (!paper || !xs || !ys) continue;
      const fill = colour(canvas, this.#mix(t, "--gf-data", "--gf-noise-dot"));
      dots(paper, this.#view, xs, ys, paper.width > 240 ? 1.3 : 0.95, fill, 0.8);
      if (part) scaleBar(canvas, paper, this.#view);
      this.#drawn.set(canvas, { key, axes: this.#axes });
    }
  }

  #drawn = new WeakMap<HTMLCanvasElement, { readonly key: string; readonly axes: readonly Float32Array[] }>();
}

declare global {
  interface HTMLElementTagNameMap {
    "forward-process": ForwardProcess;
  }
}
