import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { NDArray } from "../../dsl/array.js";
import { extract } from "../../dsl/index.js";
import type { Net } from "../../dsl/net.js";
import { ddim } from "../../runtime/diffusion/index.js";
import { generate } from "../../workers/index.js";
import "../image-grid.js";
import { fixed, thousands } from "../plot/format.js";
import { base, controls } from "../styles.js";
import { whenSeen } from "../when-seen.js";
import { first } from "./rows.js";
import { between } from "./slerp.js";
import type { ImagesTask } from "./task.js";

/** Pictures in a row, and DDIM's steps. */
const [perRow, most] = [7, 50];

/** What was drawn of one net. */
interface Drawn {
  /** The steps that the net had been trained. */
  readonly step: number;
  /** Noises on the way from the first to the last, and their images. */
  readonly noises: NDArray;
  readonly images: NDArray;
  /** Pictures of the data, the noise that each comes of, and what comes of that noise. */
  readonly pictures: NDArray;
  readonly backwards: NDArray;
  readonly again: NDArray;
}

/**
 * What an image has to do with its noise, where the sampler is deterministic (DDIM, η = 0): noises on the great circle
 * between two of them with the image of each, and pictures of the data with the noise of each.
 */
@customElement("noise-and-image")
export class NoiseAndImage extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      .columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 20px 36px; }
      p { margin: 0 0 12px; color: var(--gf-ink-2); text-wrap: pretty; }
      p.foot { margin: 8px 0 0; min-height: 0; }
      .rows { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 8px 12px; align-items: center; font-size: 12px; line-height: 16px; color: var(--gf-ink-2); }
      image-grid::part(foot) { display: none; }
      button { margin-inline-start: auto; }
      @container (max-width: 719px) { .columns { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];

  @property({ attribute: false }) task: ImagesTask | null = null;
  /** Gives the training net with its weights as they are; null while there are none. */
  @property({ attribute: false }) net: (() => Promise<Net>) | null = null;
  /** The steps that it has been trained. */
  @property({ type: Number }) step = 0;
  /** Whether nothing trains: then it is drawn unasked, once it is seen. */
  @property({ type: Boolean }) rests = false;
  /** The picture of the data that comes first. */
  @property({ type: Number }) chosen = 0;

  @state() private drawn: Drawn | null = null;
  /** The share that is done; null at rest. */
  @state() private share: number | null = null;
  @state() private fault: string | null = null;
  @state() private seen = false;
  #work = new AbortController();
  #draws = 0;

  protected override firstUpdated(): void {
    whenSeen(this, () => {
      this.seen = true;
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const other = changed.has("task") && changed.get("task")?.model !== this.task?.model;
    if (!other && this.net) return;
    // What was drawn of another model says nothing of this one.
    this.#stop();
    [this.drawn, this.fault] = [null, null];
  }

  protected override updated(): void {
    if (this.seen && this.rests && this.net && !this.drawn && this.share === null && this.fault === null)
      void this.draw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  #stop(): void {
    this.#work.abort();
    this.#work = new AbortController();
    this.share = null;
  }

  /** Draws all of it with the weights as they are, each time from two new noises. Fulfils when it is there or told why not. */
  async draw(): Promise<void> {
    const { task, net } = this;
    if (!task || !net) return;
    this.#stop();
    const { signal } = this.#work;
    [this.share, this.fault] = [0, null];
    try {
      const drawn = await this.#drawn(task, await net(), signal);
      if (!signal.aborted) this.drawn = drawn;
    } catch (error) {
      if (!signal.aborted) this.fault = error instanceof Error ? error.message : String(error);
    } finally {
      if (!signal.aborted) this.share = null;
    }
  }

  async #drawn(task: ImagesTask, net: Net, signal: AbortSignal): Promise<Drawn> {
    const { schedule, backend, shape, seed } = task;
    const steps = Math.min(most, schedule.steps);
    const { step } = this;
    let done = 0;
    const walk = (initial: NDArray, inverse: boolean): Promise<NDArray> => {
      const before = done++;
      return generate(extract(net, "model"), {
        ...{ schedule, backend, signal, initial },
        sampler: ddim({ steps, inverse }),
        clip: 1,
        count: initial.shape[0] as number,
        onProgress: (share) => {
          if (!signal.aborted) this.share = (before + share) / 3;
        },
      });
    };
    const noises = between([perRow, ...shape], seed + 1000 + this.#draws++);
    const images = await walk(noises, false);
    const pictures = this.#pictures(task);
    const backwards = await walk(pictures, true);
    return { step, noises, images, pictures, backwards, again: await walk(backwards, false) };
  }

  /** A row of the data, from the chosen picture on. */
  #pictures({ shown, shape }: ImagesTask): NDArray {
    const width = shape[0] * shape[1] * shape[2];
    const all = shown?.data ?? new Float32Array(width).fill(-1);
    const count = Math.min(perRow, all.length / width);
    const data = new Float32Array(count * width);
    for (let i = 0; i < data.length; i++) data[i] = all[(this.chosen * width + i) % all.length] as number;
    return first({ shape: [count, ...shape], dtype: "float32", data }, perRow);
  }

  override render(): TemplateResult {
    const { net, share, drawn, fault } = this;
    return html`
      <div class="head"><b>What has an image to do with its noise?</b><span>${drawn ? `step ${thousands(drawn.step)}` : net ? nothing : "appears here once the model has weights"}</span>
        <button type="button" ?disabled=${!net || share !== null} @click=${() => this.draw()}>${share === null ? (drawn ? "New noise" : "Show") : `${Math.round(share * 100)} %`}</button></div>
      ${fault === null ? nothing : html`<div class="fault" role="alert">${fault}</div>`}
      <div class="columns">
        <div>
          <p>Without fresh noise on the way (DDIM) each noise has one image of its own. Between two noises the one image turns into the other.</p>
          ${this.#rows([
            ["noise", drawn?.noises],
            ["image", drawn?.images],
          ])}
        </div>
        <div>
          <p>The same way can be gone backwards: a picture of the data leads to its noise, and that noise to the picture again.</p>
          ${this.#rows([
            ["picture", drawn?.pictures],
            ["its noise", drawn?.backwards],
            ["again", drawn?.again],
          ])}
          ${drawn ? html`<p class="foot" role="status">Mean difference of a pixel after there and back: ${fixed(apart(drawn.pictures, drawn.again), 3)} of the 2 from paper to ink.</p>` : nothing}
        </div>
      </div>`;
  }

  #rows(
    rows: readonly (readonly [name: string, images: NDArray | undefined])[],
  ): TemplateResult | typeof nothing {
    if (!this.drawn) return nothing;
    return html`<div class="rows">${rows.map(
      ([name, images]) =>
        html`<span>${name}</span><image-grid columns=${perRow} .images=${images ?? null}></image-grid>`,
    )}</div>`;
  }
}

/** The mean of |a − b|. */
function apart(a: NDArray, b: NDArray): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs((a.data[i] as number) - (b.data[i] as number));
  return sum / a.data.length;
}

declare global {
  interface HTMLElementTagNameMap {
    "noise-and-image": NoiseAndImage;
  }
}
