import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { NDArray } from "../../dsl/array.js";
import { normals } from "../../dsl/random.js";
import type { Schedule } from "../../runtime/diffusion/schedule.js";
import "../image-grid.js";
import { thousands } from "../plot/format.js";
import { imagesOf, inkOf, pixelsOf } from "../plot/images.js";
import {
  alphaBarAt,
  noiseTimes,
  shareOf,
  sliderTimes,
  timeSlider,
  timesShown,
  warningOf,
} from "../plot/noise-times.js";
import { Redraw } from "../plot/redraw.js";
import { base, controls } from "../styles.js";

/** Pictures in a row of the sheet, and between two of them, as a part of the sheet's width. */
const perRow = 5;
const gap = 0.0135;

/**
 * How pictures turn to noise: x_t = √ᾱ_t·x₀ + √(1−ᾱ_t)·ε, for a whole sheet of the data under a slider, and for the
 * chosen picture at six times side by side, each with its share of signal ᾱ_t. Every picture keeps its ε.
 *
 * @fires choose - a picture of the sheet was chosen; `chosen` says which
 */
@customElement("forward-pictures")
export class ForwardPictures extends LitElement {
  static override styles = [
    base,
    controls,
    noiseTimes,
    css`
      .strip canvas { width: 100%; height: auto; image-rendering: pixelated; border-radius: var(--gf-r1); }
      .sheet { position: relative; }
      .sheet image-grid::part(foot) { display: none; }
      .marks { position: absolute; inset: 0 0 auto; aspect-ratio: 1; display: grid; grid-template-columns: repeat(${perRow}, 1fr); grid-auto-rows: calc((100% - ${perRow - 1} * ${100 * gap}%) / ${perRow}); gap: ${100 * gap}%; }
      .marks input { appearance: none; width: 100%; height: 100%; margin: 0; border-radius: var(--gf-r1); cursor: pointer; }
      .marks input:hover { box-shadow: 0 0 0 1px var(--gf-ink-3); }
      .marks input:checked { box-shadow: 0 0 0 2px var(--gf-focus); }
      .marks input:focus-visible { outline-offset: 3px; }
    `,
  ];

  /** The pictures of the sheet, at most 25: [n, height, width, channels] from −1 to 1. */
  @property({ attribute: false }) images: NDArray | null = null;
  /** How many there are in all. */
  @property({ type: Number }) count = 0;
  @property({ attribute: false }) schedule: Schedule | null = null;
  /** The picture whose way is shown. */
  @property({ type: Number }) chosen = 0;

  /** The time under the slider, 0 … T. */
  @state() private t = 0;
  readonly #redraw = new Redraw(this);
  #noise: Float32Array = new Float32Array();
  #stops: readonly number[] = [0];

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("images") && this.images) {
      this.#noise = normals(this.images.data.length, { seed: 1 });
      this.chosen = Math.min(this.chosen, (this.images.shape[0] ?? 1) - 1);
    }
    if (changed.has("schedule")) {
      this.#stops = sliderTimes(this.schedule?.steps ?? 0);
      this.t = Math.min(this.t, this.schedule?.steps ?? 0);
    }
  }

  /** x_t of the numbers from … to − 1 of the sheet. */
  #at(t: number, { data }: NDArray, from = 0, to = data.length): Float32Array {
    const alphaBar = alphaBarAt(this.schedule, t);
    const [signal, noise] = [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)];
    return Float32Array.from(
      data.subarray(from, to),
      (x, i) => signal * x + noise * (this.#noise[from + i] as number),
    );
  }

  override render(): TemplateResult | typeof nothing {
    const { images, schedule, t } = this;
    if (!images) return nothing;
    const shown = images.shape[0] as number;
    const times = schedule ? timesShown(schedule.steps) : [];
    return html`
      <div class="all">
        <div class="one">
          <div class="head"><b>${t === 0 ? "Data" : "Noisy data"}</b><span>${shown < this.count ? `${shown} of ${thousands(this.count)}` : `${shown} pictures`}</span></div>
          <div class="body">
            <div class="sheet">
              <image-grid columns=${perRow} .images=${{ ...images, data: this.#at(t, images) }}></image-grid>
              <div class="marks" role="radiogroup" aria-label="Picture whose way to noise is shown">${Array.from(
                { length: shown },
                (_, i) =>
                  html`<input type="radio" name="picture" aria-label="Picture ${i + 1}" .checked=${i === this.chosen} @change=${() => this.#choose(i)} />`,
              )}</div>
            </div>
            ${timeSlider(this.#stops, t, (time) => {
              this.t = time;
            })}
          </div>
        </div>
        <div>
          <div class="head"><b>Forward process</b><span>of the chosen picture; bar: share of signal left</span></div>
          <div class="strip">${times.map(
            (time) =>
              html`<div><canvas data-t=${time} role="img" aria-label="Picture ${this.chosen + 1} after ${time} steps of noise"></canvas>${shareOf(time, alphaBarAt(schedule, time))}</div>`,
          )}</div>
        </div>
      </div>
      ${warningOf(schedule)}`;
  }

  #choose(i: number): void {
    this.chosen = i;
    this.dispatchEvent(new CustomEvent("choose"));
  }

  protected override updated(): void {
    const { images } = this;
    if (!images || this.#redraw.width === 0) return;
    const width = images.data.length / (images.shape[0] as number);
    const from = this.chosen * width;
    const ink = inkOf(this);
    for (const canvas of this.renderRoot.querySelectorAll<HTMLCanvasElement>(".strip canvas")) {
      const data = this.#at(Number(canvas.dataset.t), images, from, from + width);
      const one = imagesOf({ ...images, shape: images.shape.with(0, 1), data }, "<forward-pictures>: images");
      [canvas.width, canvas.height] = [one.width, one.height];
      canvas.getContext("2d")?.putImageData(pixelsOf(one, 0, ink), 0, 0);
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "forward-pictures": ForwardPictures;
  }
}
