/** The bar on top of a demo: what to do, what with, and how far it is. */
import { html, type TemplateResult } from "lit";
import { demos } from "../../specs/index.js";
import { pauseIcon, playIcon, resetIcon } from "../icons.js";
import { duration, significant, thousands } from "../plot/format.js";
import { keyOf } from "./attributes.js";
import type { DiffusionDemo } from "./diffusion-demo.js";
import { menu } from "./menu.js";
import type { Phase, RunController } from "./run-controller.js";
import { allDemos } from "./settings.js";
import type { Task } from "./task.js";

export interface ControlBar {
  readonly demo: DiffusionDemo;
  readonly run: RunController;
  /** Null while an attribute is wrong: nothing can be done then. */
  readonly task: Task | null;
  /** The latest mean of the loss. */
  readonly loss: number | null;
}

const words: Readonly<Record<Phase, string>> = {
  untrained: "Train",
  loading: "Starting",
  training: "Pause",
  paused: "Resume",
  finished: "Train more",
  failed: "Train",
};

/** The values of a menu, with the present one among them. */
const among = (values: readonly number[], present: number): [string, string][] =>
  [...new Set([...values, present])].sort((a, b) => a - b).map((v) => [String(v), String(v)]);

/** Data of another kind bring their own settings. */
const unset: Partial<DiffusionDemo> = {
  ...{ model: null, schedule: null, sampler: null, hiddenLayers: null },
  ...{ batchSize: null, rate: null, seconds: null, checkpoint: null },
};

export function controlBar({ demo, run, task, loss }: ControlBar): TemplateResult {
  const { phase, progress, generating } = run;
  const busy = phase === "loading";
  const given = demo.points ?? demo.pictures;
  const batches = task?.kind === "images" ? [8, 16, 32, 64, 128] : [128, 256, 512, 1024, 2048];
  const share = generating ?? progress?.fraction ?? 0;
  const none = "–";
  const metrics = [
    ["Step", progress ? thousands(progress.step) : none],
    ["Loss", loss === null ? none : significant(loss)],
    ["Steps/s", progress ? thousands(progress.stepsPerSecond) : none],
    [
      "Left",
      progress && phase !== "finished" && progress.secondsLeft !== null
        ? duration(progress.secondsLeft)
        : none,
    ],
  ];
  return html`<div class="bar" role="group" aria-label="Training">
    <button class="primary" type="button" ?disabled=${!task || task.dataSet === null || busy} aria-busy=${busy}
      @click=${() => (phase === "training" ? demo.pause() : demo.train())}>
      ${phase === "training" ? pauseIcon : playIcon}${words[phase]}</button>
    <button type="button" ?disabled=${!task || !run.canGenerate(task)} @click=${() => demo.generate()}>${generating === null ? "Generate" : `${Math.round(generating * 100)} %`}</button>
    <button class="reset" type="button" aria-label="Reset" ?disabled=${!task || phase === "untrained"} @click=${() => demo.reset()}>${resetIcon}Reset</button>
    <div class="fields">
      ${menu({
        label: "Data",
        value: given || !task ? "" : keyOf("data", demo.data, allDemos),
        options: [
          ...(given ? [["", demo.pictures ? "Your pictures" : "Your points"] as const] : []),
          ...Object.entries(allDemos).map(([value, { label }]) => [value, label] as const),
        ],
        choose: (value) => {
          const kind = value in demos ? "points" : "images";
          Object.assign(
            demo,
            { points: null, pictures: null, data: value },
            task?.kind === kind ? {} : unset,
          );
        },
      })}
      ${menu({
        label: "Rate",
        value: String(task?.rate ?? ""),
        options: among([0.0005, 0.001, 0.002, 0.005], task?.rate ?? 0.001),
        choose: (value) => {
          demo.rate = Number(value);
        },
      })}
      ${menu({
        label: "Batch",
        value: String(task?.batchSize ?? ""),
        options: among(batches, task?.batchSize ?? 256),
        choose: (value) => {
          demo.batchSize = Number(value);
        },
      })}
    </div>
    <dl class="metrics">${metrics.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    <div class="progress ${busy ? "busy" : ""}" role="progressbar" aria-label=${generating === null ? "Training" : "Sampling"}
      aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(share * 100)}>
      <i .style=${`width: ${(share * 100).toFixed(2)}%`}></i></div>
  </div>`;
}
