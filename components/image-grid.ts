import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { NDArray } from "../dsl/array.js";
import { type Images, imagesOf, inkOf, pixelsOf } from "./plot/images.js";
import { Picture } from "./plot/picture.js";
import { base } from "./styles.js";

/** Free pixels between two images. */
const gap = 2;

/**
 * A sheet of images: [n, h, w, 1 or 3], numbers from −1 to 1. Grey ones are drawn as ink on paper in the colours of
 * the page. `columns`: how many in a row; by default about as many as rows. What stands between its tags is shown
 * under it.
 *
 * Parts: `foot` (what is under it).
 */
@customElement("image-grid")
export class ImageGrid extends Picture {
  static override styles = [
    base,
    css`
      canvas { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: var(--gf-r1); }
    `,
  ];

  /** [n, height, width, channels] from −1 to 1. */
  @property({ attribute: false }) images: NDArray | null = null;
  /** Images in a row; 0: as many as make the sheet nearly square. */
  @property({ type: Number }) columns = 0;

  @query("canvas") private canvas!: HTMLCanvasElement | null;
  #images: Images | null = null;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("images")) return;
    this.clear("images");
    this.#images = null;
    try {
      if (this.images) this.#images = imagesOf(this.images, "<image-grid>: images");
    } catch (error) {
      this.fault("images", error);
    }
  }

  get #perRow(): number {
    const count = this.#images?.count ?? 0;
    return Math.max(1, Math.min(count, Math.round(this.columns) || Math.ceil(Math.sqrt(count))));
  }

  protected override picture(): TemplateResult {
    const shown = this.#images;
    const size = shown ? `${shown.height} by ${shown.width}` : "";
    return html`
      ${
        shown && shown.count > 0
          ? html`<canvas role="img" aria-label="${shown.count} images of ${size} pixels"></canvas>`
          : html`<div class="panel square"><div class="empty">${this.note || nothing}</div></div>`
      }
      <div class="foot" part="foot"><span class="end"><slot></slot></span></div>`;
  }

  protected override updated(): void {
    const [canvas, shown] = [this.canvas, this.#images];
    if (!canvas || !shown) return;
    const perRow = this.#perRow;
    const [w, h] = [shown.width + gap, shown.height + gap];
    canvas.width = perRow * w - gap;
    canvas.height = Math.ceil(shown.count / perRow) * h - gap;
    const g = canvas.getContext("2d");
    const ink = inkOf(canvas);
    for (let i = 0; i < shown.count; i++)
      g?.putImageData(pixelsOf(shown, i, ink), (i % perRow) * w, Math.floor(i / perRow) * h);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "image-grid": ImageGrid;
  }
}
