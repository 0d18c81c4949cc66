/** The times of a forward process: which are shown, what is left of the signal, and a slider over them. */
import { css, html, nothing, type TemplateResult } from "lit";
import { type Schedule, scheduleWarning } from "../../runtime/diffusion/schedule.js";
import { percent } from "./format.js";
import { stopsOf } from "./stops.js";

/** ᾱ_t; 1 at t = 0 and where there is no schedule. */
export const alphaBarAt = (schedule: Schedule | null, t: number): number =>
  t === 0 ? 1 : (schedule?.alphaBars[t - 1] ?? 1);

/** The times side by side: 1, 5, 10, 50, 100, 200 of 200 steps, and the same shares of other numbers of steps. */
export const timesShown = (steps: number): readonly number[] => [
  ...new Set([0, 0.025, 0.05, 0.25, 0.5, 1].map((share) => Math.max(1, Math.round(share * steps)))),
];

/** The times at which a slider stops, 0 … T ascending, finer near 0. */
export function sliderTimes(steps: number): readonly number[] {
  const times = Array.from({ length: steps + 1 }, (_, i) => steps - i);
  return stopsOf(times, 101)
    .map((frame) => steps - frame)
    .reverse();
}

/** The share of signal ᾱ_t as a bar, with t and ᾱ_t under it. */
export const shareOf = (t: number, share: number): TemplateResult => html`
  <div class="share" role="img" aria-label="Share of signal ${percent(share)}">
    <i class=${share < 0.004 || share > 0.99 ? "whole" : ""} .style=${`width: ${(share * 100).toFixed(2)}%`}></i></div>
  <div class="cap"><span><span class="v">t</span> = ${t}</span><span>${percent(share)}</span></div>`;

/** A slider over `stops` that stands at time t. */
export function timeSlider(stops: readonly number[], t: number, choose: (t: number) => void): TemplateResult {
  const [last, at] = [Math.max(1, stops.length - 1), Math.max(0, stops.indexOf(t))];
  return html`<div class="slide">
    <input type="range" min="0" max=${last} .value=${String(at)} ?disabled=${stops.length < 2}
      .style=${`--p: ${((at / last) * 100).toFixed(2)}%`} aria-label="Time of the forward process" aria-valuetext="t = ${t}"
      @input=${(event: Event) => choose(stops[(event.target as HTMLInputElement).valueAsNumber] ?? 0)} />
    <output><span class="v">t</span> = ${t}</output>
  </div>`;
}

/** Words where the schedule leaves too much of the data. */
export function warningOf(schedule: Schedule | null): TemplateResult | typeof nothing {
  const warning = schedule && scheduleWarning(schedule);
  return warning ? html`<p class="warning" role="status">${warning}</p>` : nothing;
}

/** One picture with its slider beside six with their shares. */
export const noiseTimes = css`
  .all { display: grid; grid-template-columns: calc((100% - 96px) / 7) minmax(0, 1fr); column-gap: 36px; row-gap: 28px; }
  .strip { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 14px 12px; }
  .share { height: 4px; margin-top: 8px; border-radius: 2px; background: var(--gf-noise); overflow: hidden; }
  .share i { display: block; height: 100%; background: var(--gf-data); border-inline-end: 1.5px solid var(--gf-bg); box-sizing: content-box; }
  .share i.whole { border: 0; }
  .cap { display: flex; justify-content: space-between; gap: 4px; margin-top: 6px; font-size: 12px; line-height: 16px; color: var(--gf-ink-2); font-variant-numeric: tabular-nums; white-space: nowrap; }
  .one .slide { margin-top: 7px; gap: 8px; }
  .one .slide output { min-width: 46px; font-size: 12px; color: var(--gf-ink-2); }
  .warning { display: flex; gap: 8px; margin: 16px 0 0; padding: 10px 12px; border: 1px solid var(--gf-function-line); border-radius: var(--gf-r2); background: var(--gf-function-fill); color: var(--gf-function-text); }
  @container (max-width: 999px) {
    .all { grid-template-columns: minmax(0, calc(40% + 5px)) minmax(0, 1fr); }
    .strip { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  }
  @container (max-width: 599px) {
    .all { grid-template-columns: minmax(0, 1fr); }
    .strip { column-gap: 10px; }
    .one .body { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 16px; align-items: end; }
    .one .slide { flex-direction: column; align-items: stretch; gap: 0; }
    .one .slide input { flex: none; height: 44px; }
    .one .slide output { text-align: start; }
  }
`;
