import { css, html, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { histogram } from "./plot/bins.js";
import { thousands, tick } from "./plot/format.js";
import { Picture } from "./plot/picture.js";
import { extent, type PointsInput } from "./plot/points.js";
import { linear, ticks } from "./plot/scale.js";
import { stairs } from "./plot/stairs.js";
import { base } from "./styles.js";

const margin = { left: 1, right: 1, top: 12, bottom: 24 };

/**
 * Data and samples on a line, one over the other: the density of the data as an area, that of the samples as a
 * line. Both are counted in the same bins, over the range of the data and a tenth to each side; a sample beyond
 * counts in the total alone. What stands between its tags is shown at the end of the key.
 */
@customElement("histogram-plot")
export class HistogramPlot extends Picture {
  static override styles = [
    base,
    css`
      .plot { position: relative; }
      svg { width: 100%; }
      .axis { stroke: var(--gf-ink-3); }
      .data { fill: var(--gf-data-soft); }
      .edge { fill: none; stroke: var(--gf-data); stroke-width: 1; stroke-linejoin: round; }
      .samples { fill: none; stroke: var(--gf-sample); stroke-width: 1.75; stroke-linejoin: round; }
      .area { width: 16px; height: 10px; border-radius: 2px; background: var(--gf-data-soft); border-top: 1px solid var(--gf-data); }
      .line { width: 16px; height: 2px; border-radius: 1px; background: var(--gf-sample); }
    `,
  ];

  /** Numbers: [n] or [n, 1]. */
  @property({ attribute: false }) data: PointsInput | null = null;
  /** Numbers, drawn over the data. */
  @property({ attribute: false }) samples: PointsInput | null = null;
  /** Height of the drawing in CSS pixels. Default: by the width, 230 below 335, else 336. */
  @property({ type: Number }) height: number | null = null;
  /** The number of bins. Default: by the width, one for every 6 pixels, at most 64. */
  @property({ type: Number }) bins: number | null = null;

  #data: Float32Array | null = null;
  #samples: Float32Array | null = null;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("data")) this.#data = this.read("data", this.data, 1)?.values ?? null;
    if (changed.has("samples")) this.#samples = this.read("samples", this.samples, 1)?.values ?? null;
  }

  protected override picture(): TemplateResult {
    const width = this.redraw.width;
    return html`
      <div class="plot">
        ${width > 0 ? this.#plot(width, this.height ?? (width < 335 ? 230 : 336)) : nothing}
      </div>
      <div class="foot">
        <span class="key"><i class="area"></i>data</span>
        <span class="key"><i class="line"></i>${this.#samples ? `${thousands(this.#samples.length)} samples` : "samples"}</span>
        <span class="end">${this.#samples ? nothing : this.note}<slot></slot></span>
      </div>`;
  }

  #plot(width: number, height: number): TemplateResult {
    const [data, samples] = [this.#data, this.#samples];
    const [least, most] = extent(data ?? samples ?? []);
    const reach = (most - least) * 0.1 || 1;
    const [lo, hi] = [least - reach, most + reach];
    const count = this.bins ?? Math.max(16, Math.min(64, Math.floor(width / 6)));
    const counted = (values: Float32Array | null) => values && histogram(values, lo, hi, count);
    const [under, over] = [counted(data), counted(samples)];
    const peak = Math.max(1e-9, ...(under ?? []), ...(over ?? []));
    const [left, right, bottom] = [margin.left, width - margin.right, height - margin.bottom];
    const x = linear([lo, hi], [left, right]);
    const y = linear([0, peak], [bottom, margin.top]);
    const number = (values: Float32Array | null, what: string) => `${thousands(values?.length ?? 0)} ${what}`;
    return svg`<svg role="img" height=${height} viewBox="0 0 ${width} ${height}"
      aria-label="Histogram of ${number(data, "data points")} and ${number(samples, "samples")}">
      ${
        under &&
        svg`<path class="data" d="${stairs(under, [left, right], y)}L${right} ${bottom}H${left}Z" />
        <path class="edge" d=${stairs(under, [left, right], y)} />`
      }
      ${over && svg`<path class="samples" d=${stairs(over, [left, right], y)} />`}
      <line class="axis" x1="0" x2=${width} y1=${bottom} y2=${bottom} />
      ${ticks(lo, hi, width / 80).map(
        (
          v,
        ) => svg`<line class="axis" x1=${x(v).toFixed(1)} x2=${x(v).toFixed(1)} y1=${bottom} y2=${bottom + 4} />
          <text x=${x(v).toFixed(1)} y=${height - 5} text-anchor="middle">${tick(v)}</text>`,
      )}
    </svg>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "histogram-plot": HistogramPlot;
  }
}
