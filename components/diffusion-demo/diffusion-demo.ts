import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { NDArray } from "../../dsl/array.js";
import type { Net } from "../../dsl/net.js";
import { readyWorker } from "../../workers/index.js";
import type { LossPlot } from "../loss-plot.js";
import type { PointsInput } from "../plot/points.js";
import { Redraw } from "../plot/redraw.js";
import { base, controls } from "../styles.js";
import type { TrajectoryPlayer } from "../trajectory-player.js";
import { whenSeen } from "../when-seen.js";
import type { Load } from "./checkpoint.js";
import { controlBar } from "./control-bar.js";
import { giveWay } from "./give-way.js";
import type { imagesBody } from "./images-body.js";
import { layout } from "./layout.js";
import { pointsBody } from "./points-body.js";
import { RunController } from "./run-controller.js";
import { type Raw, settingsOf } from "./settings.js";
import { statusOf } from "./status.js";
import { type Task, taskOf } from "./task.js";

/** A number where the text is one, else the text itself, for the error that tells it. */
const numeric = {
  fromAttribute: (text: string | null) =>
    text === null || text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text),
};
const wordOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The properties whose change makes another run of it. */
const settings = [
  ...["data", "points", "pictures", "model", "schedule", "steps", "hiddenLayers"],
  ...["batchSize", "rate", "seconds", "seed", "backend", "checkpoint"],
] as readonly (keyof DiffusionDemo)[];

/** Demos are drawn for the first time one by one, 100 ms apart: the first can be used before the last is there. */
let turn: Promise<unknown> = Promise.resolve();
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

/**
 * A diffusion model of points or of images, from its data to its samples, trained on the page: the forward process, the
 * training net, and while it trains the loss, samples, and the way from noise to them.
 *
 * Attributes, all checked; a wrong one is told in the element and by `error`. A change of any but `sampler` resets.
 * - `data`: of points gaussianMixture (default), ramp, spiral, moons, circles, checkerboard or swissRoll; of images
 *   strokes (digits drawn by the project itself) or digits (MNIST's files, from `files` or dropped)
 * - `model`: of points mlp (default), sinusoidalMlp or residualMlp; of images unet
 * - `hidden`: width of three hidden layers, or width and number as in 256x4; default 128x3, in the plane 256x4. Of a
 *   UNet its channels and levels, default 32x3
 * - `schedule`: linear (default of points), cosine (default of images), scaledLinear or sigmoid; all but cosine also with
 *   a first and a last β, as in `linear 0.0001 0.02`
 * - `steps`: T, default 200
 * - `sampler`: ddpm (default of points, σ² = β), ddpmBetaTilde (σ² = β̃), ddim (50 steps) or ddim25 (default of images)
 * - `batch-size`: default 256, in the plane 1024, of images 32; `rate`: Adam's learning rate, default 0.001; that of
 *   images rises over a hundred steps
 * - `seconds`: how long Train trains, default 60, in the plane 80, of images 600; `seed`: default 0
 * - `backend`: auto (default), simd, webgpu, webgl or cpu
 * - `checkpoint`: the address of a net with weights, as `toJSON` writes it; samples are drawn of it, and Train goes on
 *   from it
 * - `files`: addresses of pictures or of an IDX file of images, separated by spaces, in place of `data`
 *
 * A demo of images fetches its code, its checkpoint and its files when it is seen, or asked to do something.
 *
 * @fires progress - some times a second while training; detail { step, loss, distance, stepsPerSecond }
 * @fires samples - new samples; detail { step, samples, distance, floor }, the last two null for images
 * @fires error - what is wrong; detail { message, error }
 */
@customElement("diffusion-demo")
export class DiffusionDemo extends LitElement {
  static override styles = [base, controls, layout];

  @property({ reflect: true }) data = "gaussianMixture";
  @property({ reflect: true }) model: string | null = null;
  @property({ reflect: true }) schedule: string | null = null;
  @property({ reflect: true, converter: numeric }) steps: number | string = 200;
  @property({ reflect: true }) sampler: string | null = null;
  /** The attribute `hidden`; the property of that name is HTML's own. */
  @property({ reflect: true, attribute: "hidden" }) hiddenLayers: string | number | null = null;
  @property({ reflect: true, attribute: "batch-size", converter: numeric }) batchSize:
    | number
    | string
    | null = null;
  @property({ reflect: true, converter: numeric }) rate: number | string | null = null;
  @property({ reflect: true, converter: numeric }) seconds: number | string | null = null;
  @property({ reflect: true, converter: numeric }) seed: number | string = 0;
  @property({ reflect: true }) backend = "auto";
  @property({ reflect: true }) checkpoint: string | null = null;
  @property({ reflect: true }) files: string | null = null;
  /** Points of the page's own, [n, 1] or [n, 2], in place of `data`. */
  @property({ attribute: false }) points: PointsInput | null = null;
  /** Images of the page's or its reader's own, [n, size, size, 1 or 3] from −1 to 1, in place of `data`. */
  @property({ attribute: false }) pictures: NDArray | null = null;
  /** The picture of the data whose way to noise is shown. */
  @property({ type: Number }) picture = 0;

  /** Why the files last given were refused. */
  @state() pictureFault: string | null = null;
  /** Why the checkpoint cannot be used. */
  @state() private checkpointFault: string | null = null;
  @state() private imagesBody: typeof imagesBody | null = null;

  @query("loss-plot") private lossPlot!: LossPlot | null;
  @query("net-diagram") private diagram!: Element | null;
  @query("trajectory-player") private player!: TrajectoryPlayer | null;
  readonly #redraw = new Redraw(this);
  @query(".results") private results!: Element | null;
  readonly #run = new RunController(this, (losses) => {
    if (losses) void this.#plots().then(() => this.lossPlot?.extend(losses));
    else
      void this.#plotted?.then(() => {
        if (this.lossPlot) this.lossPlot.losses = [];
      });
  });
  #task: Task | null = null;
  /** The net of the drawing: it stays while weights change. */
  #drawnNet: Net | null = null;
  /** The code of the diagram and of the plots is half of the page's, and comes when they are seen. */
  #awaited = false;
  #plotted: Promise<unknown> | null = null;
  /** What is wrong with the attributes. */
  #fault: string | null = null;
  /** Puts the checkpoint's weights into a task. */
  #load: Load | null = null;
  /** Fulfils when what comes from elsewhere is there, or told to be missing; null until the demo is seen. */
  #ready: Promise<void> | null = null;
  #fetching = new AbortController();

  /** Trains; after a pause or at the end of a run goes on. Fulfils when the run has ended; `error` tells what went wrong. */
  async train(): Promise<void> {
    await this.#awake();
    if (this.#task) await this.#run.train(this.#task);
  }

  /** Holds the run. Fulfils when no more steps are done. */
  async pause(): Promise<void> {
    await this.#run.pause();
  }

  /** Forgets the trained net and everything drawn from it. */
  reset(): void {
    this.#run.reset();
  }

  /** Draws 10,000 new points or 16 new images of the net as it is, and plays the points' way from noise. */
  async generate(): Promise<void> {
    await this.#awake();
    if (!this.#task) return;
    await this.#run.generate(this.#task, true);
    await this.updateComplete;
    await this.#plots();
    if (this.#run.rests && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.player?.play();
  }

  /** Takes pictures from files in place of the data; those that are none are told where they are dropped, and by `error`. */
  async take(files: readonly (File | URL)[]): Promise<void> {
    try {
      const { readPictures } = await import("./picture-files.js");
      const pictures = await readPictures(files);
      [this.pictures, this.pictureFault] = [pictures, null];
    } catch (error) {
      this.pictureFault = wordOf(error);
      this.#tell(error);
    }
  }

  constructor() {
    super();
    this.addEventListener("dragover", (event) => this.#over(event));
    this.addEventListener("dragleave", () => this.toggleAttribute("over", false));
    this.addEventListener("drop", (event) => {
      if (this.#over(event)) void this.take([...(event.dataTransfer?.files ?? [])]);
      this.toggleAttribute("over", false);
    });
  }

  /** Whether files are dragged that this demo takes. */
  #over(event: DragEvent): boolean {
    const taken = this.#task?.kind === "images" && (event.dataTransfer?.types.includes("Files") ?? false);
    if (taken) event.preventDefault();
    this.toggleAttribute("over", taken);
    return taken;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // it loads while the page draws
    readyWorker();
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#fetching.abort();
  }

  protected override async scheduleUpdate(): Promise<void> {
    if (this.hasUpdated) super.scheduleUpdate();
    else {
      const drawn = turn.then(() => super.scheduleUpdate());
      turn = drawn.then(pause, pause);
      await drawn;
    }
  }

  protected override firstUpdated(): void {
    whenSeen(this, () => void this.#awake());
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const anew = settings.some((name) => changed.has(name));
    if (changed.has("checkpoint")) this.checkpointFault = this.#load = null;
    if (anew || changed.has("sampler")) this.#choose(anew);
    const elsewhere = changed.has("checkpoint") || changed.has("files");
    const bodiless = changed.has("data") && this.#task?.kind === "images" && !this.imagesBody;
    if (this.#ready && (elsewhere || bodiless)) this.#ready = this.#fetch();
    const { net } = this.#run;
    if (anew || this.#run.rests) this.#drawnNet = net ?? this.#task?.net ?? null;
  }
  protected override updated(): void {
    if (this.#awaited || !this.diagram || !this.results) return;
    this.#awaited = true;
    whenSeen(this.diagram, () => void import("../net-diagram/net-diagram.js"));
    whenSeen(this.results, () => void this.#plots());
  }

  /** Loads the plots. */
  #plots(): Promise<unknown> {
    this.#plotted ??= import("./results.js");
    return this.#plotted;
  }

  async #awake(): Promise<void> {
    await this.updateComplete;
    this.#ready ??= this.#fetch();
    await this.#ready;
    await this.updateComplete;
  }

  /** Fetches the code for images, the files and the checkpoint, what of it is asked for. */
  async #fetch(): Promise<void> {
    this.#fetching.abort();
    this.#fetching = new AbortController();
    const { signal } = this.#fetching;
    const { checkpoint, files } = this;
    if (this.#task?.kind === "images" || files)
      this.imagesBody ??= (await import("./images-body.js")).imagesBody;
    if (files && !signal.aborted)
      await this.take(
        files
          .split(/\s+/)
          .filter(Boolean)
          .map((file) => new URL(file, document.baseURI)),
      );
    if (checkpoint === null) return;
    try {
      const { readCheckpoint } = await import("./checkpoint.js");
      const load = await readCheckpoint(checkpoint, signal);
      await giveWay();
      if (signal.aborted) return;
      this.#load = load;
      this.reset();
      if (this.#task) this.#task = this.#withWeights(this.#task);
      await giveWay();
      if (signal.aborted) return;
      this.requestUpdate();
      if (this.#task?.loaded) void this.#run.generate(this.#task);
    } catch (error) {
      if (signal.aborted) return;
      this.checkpointFault = wordOf(error);
      this.#tell(error);
    }
  }

  /** Reads the attributes; `anew`: what was trained with others is forgotten. */
  #choose(anew: boolean): void {
    if (anew) this.reset();
    try {
      const chosen = settingsOf(this.#raw);
      if (anew || !this.#task) this.#task = this.#withWeights(taskOf(chosen));
      else this.#task = { ...this.#task, sampler: chosen.sampler, words: chosen.words };
      this.#run.use(this.#task);
      this.#fault = null;
    } catch (error) {
      this.#task = null;
      this.#fault = wordOf(error);
      this.#tell(error);
    }
  }

  #withWeights(task: Task): Task {
    this.checkpointFault = null;
    try {
      return this.#load ? this.#load(task) : task;
    } catch (error) {
      this.checkpointFault = wordOf(error);
      this.#tell(error);
      return task;
    }
  }

  /** Listeners that are set right after the element is made hear it too. */
  #tell(error: unknown): void {
    const detail = { message: wordOf(error), error };
    queueMicrotask(() => this.dispatchEvent(new CustomEvent("error", { detail })));
  }

  get #raw(): Raw {
    const { data, points, pictures, model, schedule, steps, sampler } = this;
    const { batchSize, rate, seconds, seed, backend } = this;
    const hidden = this.hiddenLayers === "" ? null : this.hiddenLayers;
    return {
      ...{ data, points, pictures, model, schedule, steps, sampler, hidden },
      ...{ batchSize, rate, seconds, seed, backend },
    };
  }

  override render(): TemplateResult {
    const task = this.#task;
    const run = this.#run;
    const faults = [this.#fault, this.checkpointFault, run.error].filter((fault) => fault !== null);
    return html`
      ${controlBar({ demo: this, run, task, loss: this.lossPlot?.latest ?? null })}
      ${faults.length === 0 ? nothing : html`<div class="fault" role="alert">${faults.join("\n")}</div>`}
      ${task ? this.#body(task) : nothing}
      ${task ? html`<p class="note" role="status">${statusOf(this, run, task)}</p>` : nothing}`;
  }

  #body(task: Task): TemplateResult {
    const body = { demo: this, run: this.#run, net: this.#drawnNet };
    if (task.kind === "points") return pointsBody({ ...body, task });
    return this.imagesBody
      ? this.imagesBody({ ...body, task, width: this.#redraw.width })
      : html`<div class="awaited"></div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "diffusion-demo": DiffusionDemo;
  }
}
