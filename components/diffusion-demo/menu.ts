import { html, type TemplateResult } from "lit";

/** A labelled native menu. */
export interface Menu {
  readonly label: string;
  readonly value: string;
  /** Values and the words for them. */
  readonly options: readonly (readonly [value: string, words: string])[];
  /** True: without a frame, for headings. */
  readonly quiet?: boolean;
  readonly disabled?: boolean;
  choose(value: string): void;
}

export const menu = ({
  label,
  value,
  options,
  quiet = false,
  disabled = false,
  choose,
}: Menu): TemplateResult => html`
  <label class="field ${quiet ? "quiet" : ""}">
    ${label}<span class="menu"><select ?disabled=${disabled} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      ${options.map(([option, words]) => html`<option value=${option} .selected=${option === value}>${words}</option>`)}
    </select></span>
  </label>`;
