import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { Net } from "../../dsl/net.js";
import { draw } from "../../runtime/data/index.js";
import { denoisers, samplers, trainingNet } from "../../specs/index.js";
import "../density-plot.js";
import "../forward-process.js";
import "../histogram-plot.js";
import "../loss-plot.js";
import type { LossPlot } from "../loss-plot.js";
import { fixed, thousands } from "../plot/format.js";
import type { PointsInput } from "../plot/points.js";
import { base, controls } from "../styles.js";
import "../trajectory-player.js";
import type { TrajectoryPlayer } from "../trajectory-player.js";
import { whenSeen } from "../when-seen.js";
import { controlBar } from "./control-bar.js";
import { layout } from "./layout.js";
import { leastLoss } from "./least-loss.js";
import { menu } from "./menu.js";
import { RunController, type Samples, type Task } from "./run-controller.js";
import { keyOf, type Settings, settingsOf } from "./settings.js";

/** A number where the text is one, else the text itself, for the error that tells it. */
const numeric = {
  fromAttribute: (text: string | null) =>
    text === null || text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text),
};

/** The words of the menus. */
const modelWords: Readonly<Record<keyof typeof denoisers, string>> = {
  mlp: "MLP",
  sinusoidalMlp: "MLP, sinusoidal t",
  residualMlp: "Residual MLP",
};
const samplerWords: Readonly<Record<keyof typeof samplers, string>> = {
  ddpm: "DDPM, σ² = β",
  ddpmBetaTilde: "DDPM, σ² = β̃",
};

/** The settings with what follows from them. */
function taskOf(settings: Settings): Task {
  const { dataSet, model, schedule, nDim } = settings;
  const net = trainingNet({ model, schedule, nDim });
  return { ...settings, net, drawn: draw(dataSet), leastLoss: leastLoss(dataSet, schedule) };
}

/** How far samples are from the data, beside what a perfect model would come to. */
const distanceOf = ({ distance, floor }: Samples): TemplateResult =>
  html`<span title="Mean 1-Wasserstein distance of the samples to the data; floor: that of as many fresh points of the data’s own distribution"
    >distance ${fixed(distance, 3)}${floor === null ? nothing : html`, floor ${fixed(floor, 3)}`}</span>`;

/**
 * A diffusion model of points, from its data to its samples, trained on the page: the forward process, the training
 * net, and while it trains the loss, samples over the data, and the way from noise to them.
 *
 * Attributes, all checked; a wrong one is told in the element and by `error`. A change of any but `sampler` resets.
 * - `data`: gaussianMixture (default), ramp, spiral, moons, circles, checkerboard or swissRoll
 * - `model`: mlp (default), sinusoidalMlp or residualMlp
 * - `hidden`: width of three hidden layers, or width and number as in 256x4. Default 128x3, in the plane 256x4
 * - `schedule`: linear (default), or linear with the first and last β, as in `linear 0.0001 0.02`
 * - `steps`: T, default 200
 * - `sampler`: ddpm (default, σ² = β) or ddpmBetaTilde (σ² = β̃)
 * - `batch-size`: default 256, in the plane 1024; `rate`: Adam's learning rate, default 0.001
 * - `seconds`: how long Train trains, default 60, in the plane 80; `seed`: default 0
 * - `backend`: auto (default), simd, webgl or cpu
 *
 * @fires progress - some times a second while training; detail { step, loss, distance, stepsPerSecond }
 * @fires samples - new samples; detail { step, samples, distance, floor }
 * @fires error - what is wrong; detail { message, error }
 */
@customElement("diffusion-demo")
export class DiffusionDemo extends LitElement {
  static override styles = [base, controls, layout];

  @property({ reflect: true }) data = "gaussianMixture";
  @property({ reflect: true }) model = "mlp";
  @property({ reflect: true }) schedule = "linear";
  @property({ reflect: true, converter: numeric }) steps: number | string = 200;
  @property({ reflect: true }) sampler = "ddpm";
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
  /** Points of the page's own, [n, 1] or [n, 2], in place of `data`. */
  @property({ attribute: false }) points: PointsInput | null = null;

  @query("loss-plot") private lossPlot!: LossPlot | null;
  @query("net-diagram") private diagram!: Element | null;
  @query("trajectory-player") private player!: TrajectoryPlayer | null;
  readonly #run = new RunController(this, (losses) => {
    if (losses) this.lossPlot?.extend(losses);
    else if (this.lossPlot) this.lossPlot.losses = [];
  });
  #task: Task | null = null;
  /** The net of the drawing: it stays while weights change. */
  #drawnNet: Net | null = null;
  /** The diagram's code is a third of the page's, and comes when the diagram is seen. */
  #awaited = false;
  /** What is wrong with the attributes. */
  #fault: string | null = null;

  /** Trains; after a pause or at the end of a run goes on. Fulfils when the run has ended; `error` tells what went wrong. */
  async train(): Promise<void> {
    await this.updateComplete;
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

  /** Draws 10,000 new samples of the net as it is, and plays their way from noise. */
  async generate(): Promise<void> {
    await this.updateComplete;
    if (!this.#task) return;
    await this.#run.generate(this.#task);
    await this.updateComplete;
    if (this.#run.phase !== "training" && !matchMedia("(prefers-reduced-motion: reduce)").matches)
      this.player?.play();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const settings: readonly (keyof DiffusionDemo)[] = [
      "data",
      "points",
      "model",
      "schedule",
      "steps",
      "hiddenLayers",
      "batchSize",
      "rate",
      "seconds",
      "seed",
      "backend",
    ];
    const anew = settings.some((name) => changed.has(name));
    if (anew || changed.has("sampler")) this.#choose(anew);
    const { phase, net } = this.#run;
    if (anew || (phase !== "training" && phase !== "loading"))
      this.#drawnNet = net ?? this.#task?.net ?? null;
  }

  protected override updated(): void {
    if (this.#awaited || !this.diagram) return;
    this.#awaited = true;
    whenSeen(this.diagram, () => void import("../net-diagram/net-diagram.js"));
  }

  /** Reads the attributes; `anew`: what was trained with others is forgotten. */
  #choose(anew: boolean): void {
    if (anew) this.reset();
    try {
      const chosen = settingsOf(this.#raw);
      this.#task = { ...(anew || !this.#task ? taskOf(chosen) : this.#task), ...chosen };
      this.#fault = null;
    } catch (error) {
      this.#task = null;
      this.#fault = error instanceof Error ? error.message : String(error);
      // Listeners that are set right after the element is made hear it too.
      queueMicrotask(() =>
        this.dispatchEvent(new CustomEvent("error", { detail: { message: this.#fault, error } })),
      );
    }
  }

  get #raw() {
    const { data, points, model, schedule, steps, sampler, batchSize, rate, seconds, seed, backend } = this;
    const hidden = this.hiddenLayers === "" ? null : this.hiddenLayers;
    return { data, points, model, schedule, steps, sampler, hidden, batchSize, rate, seconds, seed, backend };
  }

  override render(): TemplateResult {
    const task = this.#task;
    const fault = this.#fault ?? this.#run.error;
    return html`
      ${controlBar({ demo: this, run: this.#run, task, loss: this.lossPlot?.latest ?? null })}
      ${fault === null ? nothing : html`<div class="fault" role="alert">${fault}</div>`}
      ${task ? this.#body(task) : nothing}`;
  }

  #body(task: Task): TemplateResult {
    return html`
      <forward-process class="row" .data=${task.drawn} .schedule=${task.schedule}></forward-process>
      <section class="row">
        <div class="head">
          <b>Training net</b><span>the model sees a noisy point and guesses the noise in it</span>
          ${this.#hiddenMenu(task)} ${menu({
            label: "Model",
            quiet: true,
            value: keyOf("model", this.model, denoisers),
            options: Object.entries(modelWords),
            choose: (value) => {
              this.model = value;
            },
          })}
        </div>
        <net-diagram label="Training net" data="x0" .net=${this.#drawnNet}></net-diagram>
      </section>
      <div class="row results">
        <section>
          <div class="head"><b>Loss</b><span>mean squared error of the guess</span></div>
          <loss-plot .floor=${task.leastLoss}></loss-plot>
        </section>
        <section>${this.#samples(task)}</section>
        <section>
          <div class="head"><b>Generation</b>${menu({
            label: "Sampler",
            quiet: true,
            value: keyOf("sampler", this.sampler, samplers),
            options: Object.entries(samplerWords),
            choose: (value) => {
              this.sampler = value;
            },
          })}</div>
          <trajectory-player .trajectory=${this.#run.trajectory?.trajectory ?? null} .times=${this.#run.trajectory?.times ?? null}
            .data=${task.drawn} note="The way from noise to samples appears here while it trains"></trajectory-player>
        </section>
      </div>
      <p class="note" role="status">${this.#status(task)}</p>`;
  }

  #hiddenMenu({ nHidden, layers }: Task): TemplateResult {
    const value = `${nHidden}x${layers}`;
    const options = [...new Set(["64x3", "128x3", "256x3", "256x4", value])];
    return menu({
      label: "Hidden layers",
      quiet: true,
      value,
      options: options.map((o) => [o, o.replace("x", " × ")]),
      choose: (chosen) => {
        this.hiddenLayers = chosen;
      },
    });
  }

  #samples(task: Task): TemplateResult {
    const { samples } = this.#run;
    const shown = samples?.samples ?? null;
    const note = "appear while it trains";
    const step = samples && html`step ${thousands(samples.step)}`;
    return html`
      <div class="head"><b>Samples and data</b>${samples && distanceOf(samples)}</div>
      ${
        task.nDim === 1
          ? html`<histogram-plot .data=${task.drawn} .samples=${shown} note=${note}><span>${step}</span></histogram-plot>`
          : html`<density-plot .data=${task.drawn} .samples=${shown} note=${note}><span>${step}</span></density-plot>`
      }`;
  }

  #status(task: Task): TemplateResult | string {
    const { phase, progress, samples } = this.#run;
    const where = progress ? ` on ${progress.backend}` : "";
    const why = progress && this.backend === "auto" ? ` ${progress.backendReason}.` : "";
    if (phase === "loading") return "Starting a worker and choosing the fastest backend.";
    if (phase === "training") return `Training in a worker${where}.${why}`;
    if (phase === "paused") return `Paused after ${thousands(progress?.step ?? 0)} steps.`;
    if (phase === "finished") {
      const result = samples ? ` Its samples are ${fixed(samples.distance, 3)} from the data.` : "";
      return `Trained for ${thousands(progress?.step ?? 0)} steps${where}.${result}`;
    }
    return phase === "untrained"
      ? `Untrained. Press Train: it takes ${Math.round(task.seconds)} seconds, in a worker of this page.`
      : "";
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "diffusion-demo": DiffusionDemo;
  }
}
