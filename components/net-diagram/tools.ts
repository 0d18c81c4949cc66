/** The small buttons beside the line under the drawing. */
import { css, html, type TemplateResult } from "lit";

export interface Tools {
  zoom(factor: number): void;
  fit(): void;
  download(): void;
}

export const toolsStyle = css`
  .tools { display: flex; flex: none; }
  .tools button { display: grid; place-items: center; width: 28px; height: 28px; margin: 0; padding: 0; border: 0; border-radius: var(--gf-r2); background: none; color: var(--gf-ink-2); cursor: pointer; transition: background var(--gf-fast), color var(--gf-fast); }
  .tools button:hover { background: var(--gf-surface); color: var(--gf-ink); }
  .tools svg { width: 14px; height: 14px; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
  @media (pointer: coarse) { .tools button { width: 44px; height: 44px; } .tools .zoom { display: none; } }
`;

const icon = (d: string): TemplateResult =>
  html`<svg viewBox="0 0 14 14" aria-hidden="true"><path d=${d}></path></svg>`;

export const tools = ({ zoom, fit, download }: Tools): TemplateResult => html`
  <div class="tools" part="tools">
    <button class="zoom" title="Smaller" aria-label="Smaller" @click=${() => zoom(0.8)}>${icon("M3 7h8")}</button>
    <button class="zoom" title="Larger" aria-label="Larger" @click=${() => zoom(1.25)}>${icon("M3 7h8M7 3v8")}</button>
    <button title="Fit" aria-label="Fit" @click=${fit}>${icon("M2 5V2h3M9 2h3v3M12 9v3H9M5 12H2V9")}</button>
    <button title="Save as SVG" aria-label="Save as SVG" @click=${download}>${icon("M7 2v7M4 6.5l3 3 3-3M2.5 12h9")}</button>
  </div>`;
