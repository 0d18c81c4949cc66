import { css } from "lit";

/** How a demo is laid out: wide from 1000 pixels of its own, middle from 600, else one column. */
export const layout = css`
  :host([hidden]:not([hidden=""])) { display: block; }
  .bar { position: relative; display: flex; flex-wrap: wrap; align-items: center; gap: 12px 8px; padding: 13px 20px 16px 14px; border-radius: var(--gf-r3); background: var(--gf-surface); overflow: hidden; }
  .fields { display: flex; gap: 16px; margin-left: 20px; }
  .metrics { display: flex; gap: 24px; margin: 0 0 0 auto; font-variant-numeric: tabular-nums; }
  .metrics div { font-size: 12px; line-height: 16px; color: var(--gf-ink-2); white-space: nowrap; }
  .metrics dd { margin: 0; font-size: 15px; font-weight: 500; line-height: 20px; color: var(--gf-ink); }
  .metrics div:nth-child(1) dd { min-width: 54px; }
  .metrics div:nth-child(n + 2) dd { min-width: 40px; }
  .progress { position: absolute; inset: auto 0 0; height: 3px; background: var(--gf-line); }
  .progress i { display: block; height: 100%; background: var(--gf-ink); }
  .progress.busy i { width: 30% !important; animation: busy 1.2s ease-in-out infinite alternate; }
  @keyframes busy { from { transform: translateX(0); } to { transform: translateX(233%); } }
  .row { margin-top: 32px; }
  net-diagram:not(:defined) { display: block; min-height: 240px; }
  .results :not(:defined) { display: block; min-height: 380px; }
  .bar + .fault { margin-top: 16px; white-space: pre-line; }
  .results { display: grid; grid-template-columns: minmax(0, 1fr) 336px 336px; gap: 36px; }
  .pictures { grid-template-columns: minmax(0, 1fr) 336px; }
  .awaited { min-height: 1500px; }
  .picker { margin-top: 16px; font-size: 12px; line-height: 16px; color: var(--gf-ink-2); }
  .picker p { margin: 0; }
  .picker.waiting { display: grid; place-items: center; min-height: 160px; margin-top: 32px; padding: 16px; border: 1px dashed var(--gf-line-2); border-radius: var(--gf-r2); text-align: center; text-wrap: balance; }
  .picker .fault { margin-top: 10px; text-align: start; white-space: pre-line; }
  .choose { position: relative; color: var(--gf-focus); text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; cursor: pointer; }
  .choose:hover { text-decoration-thickness: 2px; }
  .choose:focus-within { outline: 2px solid var(--gf-focus); outline-offset: 2px; }
  :host([over]) { outline: 2px dashed var(--gf-focus); outline-offset: 8px; border-radius: var(--gf-r2); }
  .quiet {
    margin-block: -6px; margin-inline-start: auto; gap: 6px; }
  .quiet select {
    field-sizing: content; height: 24px; padding: 0 14px 0 2px; font-size: 12px; border: 0; border-radius: 3px; background: none; color: var(--gf-ink); }
  .quiet .menu::after { right: 3px; width: 5px; height: 5px; }
  .quiet + .quiet {
    margin-block: -6px; margin-inline-start: 8px; }
  .note { margin: 20px 0 0; max-width: 850px; min-height: 20px; color: var(--gf-ink-2); text-wrap: pretty; }
  .note b { font-weight: 500; color: var(--gf-ink); }
  @container (max-width: 999px) {
    .results { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
    .results:not(.pictures) > :first-child { grid-column: 1 / -1; }
    .metrics { gap: 18px; order: 1; }
    .fields { order: 2; flex-basis: 100%; margin-left: 0; }
  }
  @container (max-width: 599px) {
    .bar { display: grid; grid-template-columns: 1fr 1fr 44px; gap: 10px; padding: 12px 12px 15px; }
    .bar .reset { padding: 0; gap: 0; font-size: 0; }
    .metrics { grid-column: 1 / -1; order: 3; display: grid; grid-template-columns: 1.3fr 1fr 1fr 0.8fr; gap: 8px; margin: 4px 2px 0; }
    .metrics div dd { min-width: 0; line-height: 22px; }
    .fields { grid-column: 1 / -1; order: 4; display: grid; grid-template-columns: 1.4fr 1fr 1fr; gap: 10px; margin: 0; }
    .fields .field { flex-direction: column; align-items: stretch; gap: 4px; }
    .row { margin-top: 30px; }
    .results { grid-template-columns: minmax(0, 1fr); }
    .quiet select {
    field-sizing: content; height: 32px; font-size: 13px; }
  }
  @container (max-width: 330px) {
    .fields select { padding: 0 22px 0 9px; }
    .fields .menu::after { right: 9px; }
  }
  @media (prefers-reduced-motion: reduce) {
    .progress.busy i { animation: none; }
  }
`;
