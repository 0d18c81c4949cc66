import { css, html, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { NDArray } from "../dsl/array.js";
import { pauseIcon, playIcon } from "./icons.js";
import { sheet } from "./plot/canvas.js";
import { Picture } from "./plot/picture.js";
import type { PointsInput } from "./plot/points.js";
import { stopsOf } from "./plot/stops.js";
import { drawLine, drawPlane, type Process } from "./plot/trails.js";
import { base, controls } from "./styles.js";

/** How long each stop stays on the screen while playing, in milliseconds. */
const pace = 60;

/**
 * The reverse process: a slider from noise (left) to samples (right), with play and pause. Its stops are finer near
 * t = 0, where the picture forms. Points of the plane are dots with fading trails; numbers are paths over time with
 * their histogram at the present time.
 *
 * Keys: arrows, Page Up and Page Down, Home and End move the slider; space on the button plays and pauses.
 */
@customElement("trajectory-player")
export class TrajectoryPlayer extends Picture {
  static override styles = [
    base,
    controls,
    css`
      canvas { width: 100%; height: 100%; border-radius: 5px; }
      .line { border-color: transparent; border-radius: 0; height: 336px; }
      .line canvas { border-radius: 0; }
      @container (max-width: 334px) { .line { height: 260px; } }
    `,
  ];

  /** The points at every time, noise first: [frames, n] or [frames, n, d] with d from 1 to 2. */
  @property({ attribute: false }) trajectory: NDArray | null = null;
  /** The time t of each frame, descending. Default: frames − 1 … 0. */
  @property({ attribute: false }) times: ArrayLike<number> | null = null;
  /** The data that the samples are to be like, whose histogram lies under theirs (numbers only). */
  @property({ attribute: false }) data: PointsInput | null = null;

  @state() private at = 0;
  @state() private playing = false;
  @query("canvas") private canvas!: HTMLCanvasElement | null;

  #process: Process | null = null;
  #data: Float32Array | null = null;
  #frame = 0;

  /** The time t that is shown; null while there is no trajectory. */
  get time(): number | null {
    return this.#stops[this.at]?.t ?? null;
  }

  /** Plays from the present stop on; from the noise when it stands at the end. */
  play(): void {
    if (this.#stops.length < 2) return;
    if (this.at === this.#stops.length - 1) this.at = 0;
    this.playing = true;
    let due = performance.now() + pace;
    const tick = (now: number): void => {
      if (now >= due) {
        due = now + pace;
        this.at++;
      }
      if (this.at >= this.#stops.length - 1) this.pause();
      else this.#frame = requestAnimationFrame(tick);
    };
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(tick);
  }

  pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.pause();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("data")) this.#data = this.#line();
    if (!changed.has("trajectory") && !changed.has("times")) return;
    const before = this.#stops.length;
    this.#process = this.trajectory && this.#read(this.trajectory);
    // Another trajectory of the same times is shown at the same time, and plays on.
    if (this.#stops.length === before) return;
    this.pause();
    this.at = Math.max(0, this.#stops.length - 1);
  }

  #line(): Float32Array | null {
    const points = this.read("data", this.data);
    return points?.dims === 1 ? points.values : null;
  }

  #read({ shape, data }: NDArray): Process | null {
    this.clear("trajectory");
    const [frames = 0, count = 0, dims = 1] = shape;
    const times = this.times ?? Array.from({ length: frames }, (_, i) => frames - 1 - i);
    const fits = shape.length === 2 || (shape.length === 3 && dims >= 1 && dims <= 2);
    // What is not finite on the way is not finite at its end.
    const bad = data.subarray(-count * dims).find((x) => !Number.isFinite(x));
    if (
      fits &&
      frames > 0 &&
      times.length === frames &&
      data.length === frames * count * dims &&
      bad === undefined
    )
      return {
        count,
        dims,
        data,
        stops: stopsOf(times).map((frame) => ({ t: times[frame] as number, frame })),
      };
    const got =
      bad === undefined ? `an array of shape [${shape.join(", ")}] with ${times.length} times` : String(bad);
    const want = "[frames, n, d] of finite numbers, d from 1 to 2, and a time for each frame";
    this.fault("trajectory", `<trajectory-player>: trajectory takes ${want}, but receives ${got}`);
    return null;
  }

  /** The stops of the slider. */
  get #stops(): Process["stops"] {
    return this.#process?.stops ?? [];
  }

  protected override picture(): TemplateResult {
    const stops = this.#stops;
    const last = Math.max(1, stops.length - 1);
    const dims = this.#process?.dims ?? (this.#data ? 1 : 2);
    const t = this.time;
    return html`
      <div class="panel ${dims === 1 ? "line" : "square"}">
        <canvas role="img" aria-label="Points on their way from noise to samples${t === null ? "" : `, at time ${t}`}"></canvas>
        ${stops.length > 0 || !this.note ? "" : html`<div class="empty"><span>${this.note}</span></div>`}
      </div>
      <div class="foot">
        <div class="slide">
          <button class="round" type="button" ?disabled=${stops.length < 2} aria-label=${this.playing ? "Pause" : "Play"}
            @click=${() => (this.playing ? this.pause() : this.play())}>${this.playing ? pauseIcon : playIcon}</button>
          <input type="range" min="0" max=${last} .value=${String(this.at)} ?disabled=${stops.length < 2}
            .style=${`--p: ${((stops.length < 2 ? 0 : this.at / last) * 100).toFixed(2)}%`}
            aria-label="Step of the reverse process" aria-valuetext="t = ${t ?? "none"}" @input=${this.#slide} />
          <output>${t === null ? "" : html`<span class="v">t</span> = ${t}`}</output>
        </div>
      </div>`;
  }

  #slide(event: Event): void {
    this.pause();
    this.at = (event.target as HTMLInputElement).valueAsNumber;
  }

  protected override updated(): void {
    const paper = this.canvas && sheet(this.canvas);
    if (!this.canvas || !paper || !this.#process) return;
    if (this.#process.dims === 1) drawLine(this.canvas, paper, this.#process, this.at, this.#data);
    else drawPlane(this.canvas, paper, this.#process, this.at);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "trajectory-player": TrajectoryPlayer;
  }
}
