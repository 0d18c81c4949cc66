/** Styles that the elements share: type, headings, panels, keys, buttons, menus and sliders. */
import { css } from "lit";
import { installTokens } from "./tokens.js";

installTokens();

/** Type, headings (`.head`), framed pictures (`.panel`), keys under a plot (`.foot`, `.key`), variables in text (`.v`). */
export const base = css`
  :host {
    display: block;
    container-type: inline-size;
    font: 13px/1.45 var(--gf-font);
    color: var(--gf-ink);
    text-align: start;
    -webkit-font-smoothing: antialiased;
  }
  :host([hidden=""]) { display: none; }
  *, ::before, ::after { box-sizing: border-box; }
  :focus-visible { outline: 2px solid var(--gf-focus); outline-offset: 2px; }
  .head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 10px; margin: 0 0 10px; min-height: 20px; line-height: 20px; }
  .head b { font-weight: 600; white-space: nowrap; }
  .head span { color: var(--gf-ink-2); font-variant-numeric: tabular-nums; }
  .v { font-family: var(--gf-var-font); font-style: italic; font-size: 1.08em; line-height: 1; }
  .panel { position: relative; display: block; width: 100%; border: 1px solid var(--gf-line); border-radius: var(--gf-r2); background: var(--gf-bg); }
  .square { aspect-ratio: 1; }
  canvas, svg { display: block; }
  svg { overflow: visible; font: 11px/1 var(--gf-font); font-variant-numeric: tabular-nums; }
  svg text { fill: var(--gf-ink-2); }
  .foot { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 16px; margin-top: 12px; min-height: 32px; font-size: 12px; line-height: 16px; color: var(--gf-ink-2); }
  .key { display: inline-flex; align-items: center; gap: 7px; white-space: nowrap; }
  .key i { flex: none; }
  .end { margin-inline-start: auto; }
  .fault { display: flex; gap: 8px; padding: 10px 12px; border: 1px solid var(--gf-loss-line); border-radius: var(--gf-r2); background: var(--gf-loss-fill); color: var(--gf-loss-text); overflow-wrap: anywhere; }
  .empty { position: absolute; inset: 0 0 auto; padding: 12px; text-align: center; color: var(--gf-ink-2); text-wrap: balance; pointer-events: none; }
  .hush { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

/** Native controls, restyled: `button` (one `.primary`), `.round`, `select` in a `.field`, `input[type=range]` with `--p` as its share. */
export const controls = css`
  button { appearance: none; display: inline-flex; align-items: center; justify-content: center; gap: 8px; height: 36px; margin: 0; padding: 0 14px; font: 500 13px/1 var(--gf-font); color: var(--gf-ink); white-space: nowrap; border: 1px solid var(--gf-line-2); border-radius: var(--gf-r2); background: var(--gf-bg); cursor: pointer; transition: background var(--gf-fast), border-color var(--gf-fast); }
  button:hover { border-color: var(--gf-ink-3); }
  button:disabled { color: var(--gf-ink-3); border-color: var(--gf-line); cursor: default; }
  button.primary { min-width: 92px; color: var(--gf-bg); border-color: var(--gf-ink); background: var(--gf-ink); }
  button.primary:hover:enabled { background: var(--gf-ink-hover); }
  button.primary:disabled { color: var(--gf-ink-2); border-color: var(--gf-line-2); background: var(--gf-surface); }
  button.round { flex: none; width: 32px; height: 32px; padding: 0; border-radius: 50%; }
  button svg { width: 12px; height: 12px; flex: none; fill: currentColor; }
  button svg.stroke { width: 14px; height: 14px; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
  .field { display: flex; align-items: center; gap: 8px; font-size: 12px; line-height: 16px; color: var(--gf-ink-2); }
  .menu { position: relative; display: block; }
  .menu::after { content: ""; position: absolute; right: 12px; top: calc(50% - 4.5px); width: 6px; height: 6px; border: solid var(--gf-ink-2); border-width: 0 1.5px 1.5px 0; transform: rotate(45deg); pointer-events: none; }
  select { appearance: none; width: 100%; height: 36px; margin: 0; padding: 0 30px 0 12px; font: 400 13px/1 var(--gf-font); font-variant-numeric: tabular-nums; color: var(--gf-ink); border: 1px solid var(--gf-line-2); border-radius: var(--gf-r2); background: var(--gf-bg); text-overflow: ellipsis; transition: border-color var(--gf-fast); }
  select:hover { border-color: var(--gf-ink-3); }
  input[type="range"] { appearance: none; flex: 1; min-width: 0; width: 100%; height: 24px; margin: 0; background: none; cursor: pointer; }
  input[type="range"]::-webkit-slider-runnable-track { height: 3px; border-radius: 2px; background: linear-gradient(90deg, var(--gf-ink) var(--p, 0%), var(--gf-line-2) var(--p, 0%)); }
  input[type="range"]::-moz-range-track { height: 3px; border-radius: 2px; background: linear-gradient(90deg, var(--gf-ink) var(--p, 0%), var(--gf-line-2) var(--p, 0%)); }
  input[type="range"]::-webkit-slider-thumb { appearance: none; width: 16px; height: 16px; margin-top: -6.5px; border: 1.5px solid var(--gf-ink); border-radius: 50%; background: var(--gf-bg); }
  input[type="range"]::-moz-range-thumb { width: 13px; height: 13px; border: 1.5px solid var(--gf-ink); border-radius: 50%; background: var(--gf-bg); }
  .slide { display: flex; flex: 1; align-items: center; gap: 12px; min-width: 0; }
  .slide output { min-width: 52px; text-align: end; font-size: 13px; font-variant-numeric: tabular-nums; color: var(--gf-ink); white-space: nowrap; }
  @container (max-width: 599px) {
    button, select { height: 44px; font-size: 14px; }
  }
  @media (pointer: coarse) {
    button.round { width: 44px; height: 44px; }
    input[type="range"] { height: 44px; }
  }
  @media (prefers-reduced-motion: reduce) {
    * { transition: none !important; }
  }
`;
