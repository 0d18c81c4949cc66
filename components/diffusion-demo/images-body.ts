/** What a demo of images shows under its controls. Its code comes when such a demo is seen. */
import { html, nothing, type TemplateResult } from "lit";
import "../denoise-strip.js";
import "../image-grid.js";
import { thousands } from "../plot/format.js";
import "./forward-pictures.js";
import type { ForwardPictures } from "./forward-pictures.js";
import { netRow, samplerMenu } from "./net-row.js";
import "./noise-and-image.js";
import { picker } from "./picker.js";
import type { Body } from "./points-body.js";
import type { ImagesTask } from "./task.js";

/** Below this width of the demo all of the net is closed at first, not only the blocks of the model. */
const narrow = 600;

export interface ImagesBody extends Body<ImagesTask> {
  /** The width of the demo. */
  readonly width: number;
}

export function imagesBody({ demo, run, task, net, width }: ImagesBody): TemplateResult {
  const { samples, trajectory } = run;
  return html`
    ${
      task.shown
        ? html`<forward-pictures class="row" .images=${task.shown} .count=${task.count} .schedule=${task.schedule} .chosen=${demo.picture}
            @choose=${({ target }: Event) => {
              demo.picture = (target as ForwardPictures).chosen;
            }}></forward-pictures>`
        : nothing
    }
    ${picker({ demo, waiting: task.shown === null })}
    ${netRow({
      ...{ demo, task, net },
      words: "the model sees a noisy picture and guesses the noise in it",
      open: width < narrow ? "none" : "model",
    })}
    <div class="row results pictures">
      <section>
        <div class="head"><b>Loss</b><span>mean squared error of the guess</span></div>
        <loss-plot></loss-plot>
      </section>
      <section>
        <div class="head"><b>Samples</b><span>${samples ? "each time from the same noise" : ""}</span></div>
        <image-grid columns="4" .images=${samples?.samples ?? null} note="appear while it trains"><span>${samples ? `step ${thousands(samples.step)}` : nothing}</span></image-grid>
      </section>
    </div>
    <section class="row">
      <div class="head"><b>Generation</b><span>from noise to samples</span>${samplerMenu(demo, task)}</div>
      ${
        trajectory
          ? html`<denoise-strip columns="16" .trajectory=${trajectory.trajectory} .times=${trajectory.times}></denoise-strip>`
          : html`<p class="note">The way from noise to samples appears here with the first of them.</p>`
      }
    </section>
    <noise-and-image class="row" .task=${task} .net=${run.reader(task)} .step=${run.progress?.step ?? 0} .chosen=${demo.picture}
      .rests=${run.rests}></noise-and-image>`;
}
