import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { NDArray } from "../dsl/array.js";
import { type Images, imagesOf, inkOf, pixelsOf } from "./plot/images.js";
import { Picture } from "./plot/picture.js";
import { stopsOf } from "./plot/stops.js";
import { base } from "./styles.js";

/** Space between two pictures, in CSS pixels. */
const space = 6;
/** The least width of a picture in CSS pixels: a narrower strip leaves out steps between the first and the last. */
const least = 44;

/**
 * Images on their way from noise to data, as a table of pictures: a row a sample, a column a time step, from T on the
 * left to 0. `trajectory` is [frames, n, h, w, channels], as `generate` gives it, and `times` the t of each frame.
 */
@customElement("denoise-strip")
export class DenoiseStrip extends Picture {
  static override styles = [
    base,
    css`
      table { border-collapse: separate; border-spacing: 6px; margin: -6px; width: calc(100% + 12px); table-layout: fixed; }
      th { font-weight: 400; font-size: 12px; line-height: 16px; color: var(--gf-ink-2); font-variant-numeric: tabular-nums; padding: 0 0 2px; }
      th:last-child { color: var(--gf-ink); font-weight: 600; }
      td { padding: 0; }
      canvas { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: var(--gf-r1); }
    `,
  ];

  /** [frames, n, height, width, channels] from −1 to 1, from x_T to x_0. */
  @property({ attribute: false }) trajectory: NDArray | null = null;
  /** The t of each frame, falling. */
  @property({ attribute: false }) times: readonly number[] = [];
  /** The most rows and columns that are shown. */
  @property({ type: Number }) rows = 5;
  @property({ type: Number }) columns = 10;

  #images: Images | null = null;
  #count = 0;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("trajectory") && !changed.has("times")) return;
    this.clear("trajectory");
    this.#images = null;
    const given = this.trajectory;
    if (!given) return;
    try {
      const [frames = 0, count = 0, ...shape] = given.shape;
      if (frames !== this.times.length)
        throw new Error(
          `<denoise-strip>: times takes ${frames} numbers, one for each frame, but receives ${this.times.length}`,
        );
      this.#images = imagesOf(
        { ...given, shape: [frames * count, ...shape] },
        "<denoise-strip>: a frame of trajectory",
      );
      this.#count = count;
    } catch (error) {
      this.fault("trajectory", error);
    }
  }

  /** Which frames are shown: the first, the last, and as many between as there is room for. */
  get #frames(): readonly number[] {
    const room = this.redraw.width > 0 ? Math.floor(this.redraw.width / (least + space)) : this.columns;
    const most = Math.max(2, Math.min(this.columns, room));
    return stopsOf(this.times, most);
  }

  protected override picture(): TemplateResult {
    if (!this.#images)
      return html`<div class="panel square"><div class="empty">${this.note || nothing}</div></div>`;
    const frames = this.#frames;
    const rows = Array.from({ length: Math.min(this.rows, this.#count) }, (_, i) => i);
    return html`<table aria-label="Samples from noise to data">
      <thead><tr>${frames.map((frame) => html`<th scope="col">t = ${this.times[frame]}</th>`)}</tr></thead>
      <tbody>${rows.map(
        (row) =>
          html`<tr>${frames.map(
            (frame) =>
              html`<td><canvas role="img" data-image=${frame * this.#count + row} aria-label="Sample ${row + 1} at t = ${this.times[frame]}"></canvas></td>`,
          )}</tr>`,
      )}</tbody></table><slot></slot>`;
  }

  protected override updated(): void {
    const shown = this.#images;
    const canvases = this.renderRoot.querySelectorAll("canvas");
    if (!shown || canvases.length === 0) return;
    const ink = inkOf(canvases[0] as HTMLCanvasElement);
    for (const canvas of canvases) {
      [canvas.width, canvas.height] = [shown.width, shown.height];
      canvas.getContext("2d")?.putImageData(pixelsOf(shown, Number(canvas.dataset.image), ink), 0, 0);
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "denoise-strip": DenoiseStrip;
  }
}
