import { css, html, LitElement, nothing, svg, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { LossBins } from "./plot/bins.js";
import { significant, thousands, tick } from "./plot/format.js";
import { Redraw } from "./plot/redraw.js";
import { log, logTicks } from "./plot/scale.js";
import { base } from "./styles.js";

const margin = { left: 34, right: 8, top: 10, bottom: 26 };

/**
 * The loss of every step so far, both axes logarithmic: the mean over bins of steps that grow geometrically, with
 * the band between the 10 % and the 90 % quantile of each, and the latest mean as a number.
 *
 * `losses` replaces what is shown; `extend(losses)` adds the steps that follow and costs what they cost. Entry i is
 * the loss of step i + 1. `floor`, where it is known, is the least that the loss can come to: a dashed line.
 */
@customElement("loss-plot")
export class LossPlot extends LitElement {
  static override styles = [
    base,
    css`
      .plot { position: relative; }
      svg { width: 100%; }
      .grid { stroke: var(--gf-line); }
      .axis { stroke: var(--gf-ink-3); }
      .band { fill: var(--gf-loss-band); }
      .mean { fill: none; stroke: var(--gf-loss-line); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
      .floor { stroke: var(--gf-ink-3); stroke-dasharray: 2 4; stroke-linecap: round; }
      .last { fill: var(--gf-loss-line); stroke: var(--gf-bg); stroke-width: 1.5; }
      text.value { fill: var(--gf-loss-text); font-size: 13px; font-weight: 600; paint-order: stroke; stroke: var(--gf-bg); stroke-width: 4px; stroke-linejoin: round; }
      .line { width: 16px; height: 2px; border-radius: 1px; background: var(--gf-loss-line); }
      .area { width: 16px; height: 10px; border-radius: 2px; background: var(--gf-loss-band); }
    `,
  ];

  /** The least value that the loss can have, if it is known. */
  @property({ type: Number }) floor: number | null = null;
  /** Height of the drawing in CSS pixels. Default: by the width, 230 below 335, else 336. */
  @property({ type: Number }) height: number | null = null;

  readonly #redraw = new Redraw(this);
  #bins = new LossBins();

  /** Replaces all losses. */
  @property({ attribute: false })
  set losses(losses: ArrayLike<number>) {
    this.#bins = new LossBins();
    this.extend(losses);
  }

  /** The losses of the steps that follow those shown. */
  extend(losses: ArrayLike<number>): void {
    this.#bins.append(losses);
    this.requestUpdate();
  }

  /** The number of steps shown. */
  get steps(): number {
    return this.#bins.length;
  }

  /** The mean over the latest steps, as it is labelled; null before the first. */
  get latest(): number | null {
    return this.#bins.bins().at(-1)?.mean ?? null;
  }

  override render(): TemplateResult {
    const width = this.#redraw.width;
    const height = this.height ?? (width < 335 ? 230 : 336);
    return html`
      <div class="plot">
        ${width > 0 ? this.#plot(width, height) : nothing}
      </div>
      <div class="foot">
        <span class="key"><i class="line"></i>mean</span>
        <span class="key"><i class="area"></i>10–90 % of steps</span>
        <span class="end">steps, log scale</span>
      </div>`;
  }

  #plot(width: number, height: number): TemplateResult {
    const bins = this.#bins.bins().filter((b) => b.high > 0);
    const positive = (v: number): boolean => v > 0;
    const floor = this.floor !== null && this.floor > 0 ? this.floor : null;
    const values = [...bins.flatMap((b) => [b.low, b.high]), ...(floor === null ? [] : [floor])].filter(
      positive,
    );
    // An empty plot has the axes of a loss that starts near 1.
    const [least, most] = bins.length > 0 ? [Math.min(...values), Math.max(...values)] : [floor ?? 0.1, 1];
    const domain = [least / 1.18, Math.max(most * 1.12, least * 1.6)] as const;
    const end = Math.max(10, this.steps);
    const [left, right, top, bottom] = [
      margin.left,
      width - margin.right,
      margin.top,
      height - margin.bottom,
    ];
    const x = log([1, end], [left, right]);
    const y = log(domain, [bottom, top]);
    const at = (step: number, value: number): string =>
      `${x(step).toFixed(1)} ${y(Math.max(value, domain[0])).toFixed(1)}`;
    const last = bins.at(-1);
    const label = last && significant(last.mean);
    const steps = logTicks(1, end, 7).filter(
      (s, i, all) => all.length < 4 || Number.isInteger(Math.log10(s)) || i === 0,
    );
    return svg`<svg
      role="img" height=${height} viewBox="0 0 ${width} ${height}"
      aria-label=${last ? `Loss over ${thousands(this.steps)} steps, now ${label}` : "Loss: no step yet"}>
      ${logTicks(...domain, 7).map(
        (v) => svg`<line class="grid" x1=${left} x2=${right} y1=${y(v).toFixed(1)} y2=${y(v).toFixed(1)} />
          <text x=${left - 8} y=${(y(v) + 4).toFixed(1)} text-anchor="end">${tick(v)}</text>`,
      )}
      <line class="axis" x1=${left} x2=${right} y1=${bottom} y2=${bottom} />
      ${steps.map(
        (
          s,
        ) => svg`<line class="axis" x1=${x(s).toFixed(1)} x2=${x(s).toFixed(1)} y1=${bottom} y2=${bottom + 4} />
          <text x=${x(s).toFixed(1)} y=${height - 6} text-anchor=${x(s) > right - 8 ? "end" : "middle"}>${tick(s)}</text>`,
      )}
      ${
        last === undefined
          ? nothing
          : svg`<path class="band" d="M${bins.map((b) => at(b.step, b.high)).join("L")}L${bins
              .toReversed()
              .map((b) => at(b.step, b.low))
              .join("L")}Z" />`
      }
      ${
        floor === null
          ? nothing
          : svg`<line class="floor" x1=${left} x2=${right} y1=${y(floor).toFixed(1)} y2=${y(floor).toFixed(1)} />
          <text x=${left + 4} y=${(y(floor) - 5).toFixed(1)}>least possible ${significant(floor)}</text>`
      }
      ${
        last === undefined
          ? nothing
          : svg`<path class="mean" d="M${bins.map((b) => at(b.step, b.mean)).join("L")}" />
        <circle class="last" cx=${x(last.step).toFixed(1)} cy=${y(last.mean).toFixed(1)} r="3.5" />
        <text class="value" x=${Math.min(x(last.step) + 2, right).toFixed(1)} y=${Math.max(top + 6, y(last.high) - 9).toFixed(1)}
          text-anchor=${x(last.step) > right - 30 ? "end" : "middle"}>${label}</text>`
      }
    </svg>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "loss-plot": LossPlot;
  }
}
