/** Where the reader's own pictures come in: a line under the data that takes files by drop or by choice. */
import { html, nothing, type TemplateResult } from "lit";
import type { DiffusionDemo } from "./diffusion-demo.js";

export interface Picker {
  readonly demo: DiffusionDemo;
  /** Whether there is nothing to learn from until files come. */
  readonly waiting: boolean;
}

export const picker = ({ demo, waiting }: Picker): TemplateResult => html`
  <div class="picker ${waiting ? "waiting" : ""}">
    <p>${waiting ? "This demo learns from files of yours." : "Your own:"} Drop a file of MNIST’s images (IDX, gzipped or not) or pictures of any kind here, or
      <label class="choose"><input class="hush" type="file" multiple @change=${(event: Event) => {
        const input = event.target as HTMLInputElement;
        void demo.take([...(input.files ?? [])]);
        input.value = "";
      }} />choose them</label>. They stay on this page.</p>
    ${demo.pictureFault === null ? nothing : html`<div class="fault" role="alert">${demo.pictureFault}</div>`}
  </div>`;
