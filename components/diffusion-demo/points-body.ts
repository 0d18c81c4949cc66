/** What a demo of points shows under its controls. */
import { html, nothing, type TemplateResult } from "lit";
import type { Net } from "../../dsl/net.js";
import "../forward-process.js";
import { fixed, thousands } from "../plot/format.js";
import type { DiffusionDemo } from "./diffusion-demo.js";
import { netRow, samplerMenu } from "./net-row.js";
import type { RunController, Samples } from "./run-controller.js";
import type { PointsTask } from "./task.js";

export interface Body<T> {
  readonly demo: DiffusionDemo;
  readonly run: RunController;
  readonly task: T;
  /** The net of the drawing. */
  readonly net: Net | null;
}

/** How far samples are from the data, beside what a perfect model would come to. */
const distanceOf = ({ distance, floor }: Samples): TemplateResult | typeof nothing =>
  distance === null
    ? nothing
    : html`<span title="Mean 1-Wasserstein distance of the samples to the data; floor: that of as many fresh points of the data’s own distribution"
    >distance ${fixed(distance, 3)}${floor === null ? nothing : html`, floor ${fixed(floor, 3)}`}</span>`;

export const pointsBody = ({ demo, run, task, net }: Body<PointsTask>): TemplateResult => html`
  <forward-process class="row" .data=${task.drawn} .schedule=${task.schedule}></forward-process>
  ${netRow({ demo, task, net, words: "the model sees a noisy point and guesses the noise in it" })}
  <div class="row results">
    <section>
      <div class="head"><b>Loss</b><span>mean squared error of the guess</span></div>
      <loss-plot .floor=${task.leastLoss}></loss-plot>
    </section>
    <section>${samplesAndData(run, task)}</section>
    <section>
      <div class="head"><b>Generation</b>${samplerMenu(demo, task)}</div>
      <trajectory-player .trajectory=${run.trajectory?.trajectory ?? null} .times=${run.trajectory?.times ?? null}
        .data=${task.drawn} note="The way from noise to samples appears here while it trains"></trajectory-player>
    </section>
  </div>`;

function samplesAndData({ samples }: RunController, task: PointsTask): TemplateResult {
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
