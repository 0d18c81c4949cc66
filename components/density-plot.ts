import { css, html, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { densityGrid, histogram } from "./plot/bins.js";
import { channels, dots, scaleBar, sheet, token } from "./plot/canvas.js";
import { thousands } from "./plot/format.js";
import { Picture } from "./plot/picture.js";
import { column, extent, type Points, type PointsInput } from "./plot/points.js";
import { linear, type View } from "./plot/scale.js";
import { sideStairs, stairs } from "./plot/stairs.js";
import { base } from "./styles.js";

/** Side of the density's grid, the blur in its cells, and the number of bins at the margins. */
const [cells, sigma, marginBins] = [128, 2.2, 40];
/** Samples drawn at most; the margins count all. */
const dotsShown = 1000;

/**
 * Data and samples in the plane: the density of the data as a blue ramp, the samples as dots with a halo, and at
 * the margins the histograms of each coordinate. Both axes have one unit, which the scale bar shows.
 * What stands between its tags is shown at the end of the key.
 */
@customElement("density-plot")
export class DensityPlot extends Picture {
  static override styles = [
    base,
    css`
      .joint { position: relative; display: grid; grid-template: 44px auto / 1fr 44px; gap: 6px; }
      .joint > .panel { grid-area: 2 / 1; }
      canvas { width: 100%; height: 100%; border-radius: 5px; }
      .top { grid-area: 1 / 1; width: 100%; height: 44px; }
      .side { grid-area: 2 / 2; width: 44px; height: 100%; }
      .data { fill: var(--gf-data-soft); }
      .samples { fill: none; stroke: var(--gf-sample); stroke-width: 1.25; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
      .ramp { width: 44px; height: 8px; border-radius: 2px; background: linear-gradient(90deg, var(--gf-seq-1), var(--gf-seq-2), var(--gf-seq-3), var(--gf-seq-4)); }
      .dot { width: 7px; height: 7px; border-radius: 50%; background: var(--gf-sample); }
    `,
  ];

  /** Points of the plane: [n, 2]. */
  @property({ attribute: false }) data: PointsInput | null = null;
  /** Points drawn over the data. */
  @property({ attribute: false }) samples: PointsInput | null = null;

  @query("canvas") private canvas!: HTMLCanvasElement | null;
  #data: Points | null = null;
  #samples: Points | null = null;
  #view: View = { x: 0, y: 0, half: 1 };
  /** The density on its grid, from 0 to 1; kept while the data stays. */
  #grid: Float32Array | null = null;
  /** Its picture, kept while the colours stay too. */
  #ramp: { readonly key: string; readonly picture: HTMLCanvasElement } | null = null;

  #plane(name: "data" | "samples"): Points | null {
    const points = this.read(name, this[name]);
    if (points === null || points.dims === 2) return points;
    this.fault(
      name,
      `<density-plot>: ${name} takes points of 2 numbers but receives points of ${points.dims}`,
    );
    return null;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("samples")) this.#samples = this.#plane("samples");
    if (changed.has("data")) {
      this.#data = this.#plane("data");
      this.#ramp = null;
      this.#grid = null;
    }
    const shown = this.#data ?? this.#samples;
    if (shown) this.#view = fit(shown);
    if (this.#data) this.#grid ??= densityGrid(this.#data, this.#view, cells, sigma);
  }

  protected override picture(): TemplateResult {
    const [data, samples] = [this.#data, this.#samples];
    const count = samples?.count ?? 0;
    return html`
      <div class="joint">
        ${this.#margin(0)}
        <div class="panel square">
          <canvas role="img" aria-label="Density of ${thousands(data?.count ?? 0)} data points under ${thousands(count)} samples"></canvas>
        </div>
        ${this.#margin(1)}
      </div>
      <div class="foot">
        <span class="key"><i class="ramp"></i>data</span>
        <span class="key"><i class="dot"></i>${count > dotsShown ? `${thousands(dotsShown)} of ${thousands(count)} samples` : samples ? `${thousands(count)} samples` : "samples"}</span>
        <span class="end">${samples ? nothing : this.note}<slot></slot></span>
      </div>`;
  }

  /** The histogram of one coordinate, in a box of 100 × 44 that stretches with the picture. */
  #margin(axis: 0 | 1): TemplateResult {
    const { x, y, half } = this.#view;
    const middle = axis === 0 ? x : y;
    const counted = (points: Points | null) =>
      points && histogram(column(points, axis), middle - half, middle + half, marginBins);
    const [under, over] = [counted(this.#data), counted(this.#samples)];
    const peak = Math.max(1e-9, ...(under ?? []), ...(over ?? [])) * 1.04;
    if (axis === 0) {
      const height = linear([0, peak], [44, 0]);
      return html`<svg class="top" viewBox="0 0 100 44" preserveAspectRatio="none" aria-hidden="true">
        ${under && svg`<path class="data" d="${stairs(under, [0, 100], height)}V44H0Z" />`}
        ${over && svg`<path class="samples" d=${stairs(over, [0, 100], height)} />`}</svg>`;
    }
    const width = linear([0, peak], [0, 44]);
    return html`<svg class="side" viewBox="0 0 44 100" preserveAspectRatio="none" aria-hidden="true">
      ${under && svg`<path class="data" d="${sideStairs(under, [100, 0], width)}H0V100Z" />`}
      ${over && svg`<path class="samples" d=${sideStairs(over, [100, 0], width)} />`}</svg>`;
  }

  protected override updated(): void {
    const canvas = this.canvas;
    const drawn = canvas && sheet(canvas);
    if (!canvas || !drawn) return;
    if (this.#grid) {
      drawn.g.imageSmoothingQuality = "high";
      drawn.g.drawImage(this.#density(canvas, this.#grid), 0, 0, drawn.width, drawn.height);
    }
    if (this.#samples) {
      const xs = column(this.#samples, 0).subarray(0, dotsShown);
      const ys = column(this.#samples, 1).subarray(0, dotsShown);
      dots(drawn, this.#view, xs, ys, 2, token(canvas, "--gf-bg"), 0.55);
      dots(drawn, this.#view, xs, ys, 1.3, token(canvas, "--gf-sample"), 0.95);
    }
    if (this.#data || this.#samples) scaleBar(canvas, drawn, this.#view);
  }

  /** The density as a picture: `seq-0` at 0 up to `seq-4`, beyond which the dots would not stand out. */
  #density(canvas: HTMLCanvasElement, grid: Float32Array): HTMLCanvasElement {
    const stops = [0, 1, 2, 3, 4].map((i) => token(canvas, `--gf-seq-${i}`));
    const key = stops.join();
    if (this.#ramp?.key === key) return this.#ramp.picture;
    const colours = stops.map(channels);
    const picture = document.createElement("canvas");
    picture.width = picture.height = cells;
    const g = picture.getContext("2d") as CanvasRenderingContext2D;
    const image = g.createImageData(cells, cells);
    for (let i = 0; i < grid.length; i++) {
      const level = (grid[i] as number) ** 0.8 * (stops.length - 1);
      const k = Math.min(stops.length - 2, Math.floor(level));
      const [from, to] = [colours[k], colours[k + 1]] as [readonly number[], readonly number[]];
      for (let c = 0; c < 3; c++)
        image.data[i * 4 + c] = (from[c] as number) + ((to[c] as number) - (from[c] as number)) * (level - k);
      image.data[i * 4 + 3] = 255;
    }
    g.putImageData(image, 0, 0);
    this.#ramp = { key, picture };
    return picture;
  }
}

/** The square view that holds all points, with a margin. */
function fit(points: Points): View {
  const [[x0, x1], [y0, y1]] = [extent(column(points, 0)), extent(column(points, 1))];
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, half: (Math.max(x1 - x0, y1 - y0) / 2) * 1.16 || 1 };
}

declare global {
  interface HTMLElementTagNameMap {
    "density-plot": DensityPlot;
  }
}
