/** The training net of a demo, with the menus that choose it. */
import { html, nothing, type TemplateResult } from "lit";
import type { Net } from "../../dsl/net.js";
import type { DiffusionDemo } from "./diffusion-demo.js";
import { menu } from "./menu.js";
import type { Task } from "./task.js";
import { modelWords, samplerWords, scheduleWords } from "./words.js";

export interface NetRow {
  readonly demo: DiffusionDemo;
  readonly task: Task;
  readonly net: Net | null;
  /** What the model does, in words. */
  readonly words: string;
  /** Nested nets that are open at first; by default the diagram decides. */
  readonly open?: string;
}

export function netRow({ demo, task, net, words, open }: NetRow): TemplateResult {
  const models = Object.entries(modelWords[task.kind]);
  const value = `${task.nHidden}x${task.layers}`;
  const usual = task.kind === "points" ? ["64x3", "128x3", "256x3", "256x4"] : ["16x3", "32x3", "64x3"];
  const { schedule } = task.words;
  return html`<section class="row">
    <div class="head">
      <b>Training net</b><span>${words}</span>
      ${menu({
        label: "Noise schedule",
        quiet: true,
        value: schedule,
        options: Object.entries<string>({
          ...(schedule in scheduleWords ? {} : { [schedule]: schedule }),
          ...scheduleWords,
        }),
        choose: (chosen) => {
          demo.schedule = chosen;
        },
      })}
      ${menu({
        label: task.kind === "points" ? "Hidden layers" : "Channels × levels",
        quiet: true,
        value,
        options: [...new Set([...usual, value])].map((size) => [size, size.replace("x", " × ")]),
        choose: (chosen) => {
          demo.hiddenLayers = chosen;
        },
      })}
      ${
        models.length > 1
          ? menu({
              label: "Model",
              quiet: true,
              value: task.words.model,
              options: models,
              choose: (chosen) => {
                demo.model = chosen;
              },
            })
          : nothing
      }
    </div>
    <net-diagram label="Training net" data="x0" .net=${net} .open=${open ?? null}></net-diagram>
  </section>`;
}

export const samplerMenu = (demo: DiffusionDemo, task: Task): TemplateResult =>
  menu({
    label: "Sampler",
    quiet: true,
    value: task.words.sampler,
    options: Object.entries(samplerWords),
    choose: (value) => {
      demo.sampler = value;
    },
  });
