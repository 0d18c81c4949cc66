/** The colours and lines of a diagram, on the page and in exported files: one text, with tokens for colours. */

/** The colours of a kind: its fill, its line and its text. A nested net has those of a layer. */
const colours = ["layer", "activation", "norm", "loss", "random", "function", "io", "net"].map((kind) => {
  const token = (role: string): string => `var(--gf-${kind === "net" ? "layer" : kind}-${role})`;
  return `
.${kind} > .outline { fill: ${token("fill")}; stroke: ${token("line")}; }
.${kind} text { fill: ${token("text")}; }
.${kind} .math { color: ${token("text")}; }
.${kind} .glyph, .${kind} .faint { stroke: ${token("line")}; }
.${kind} .solid { fill: ${token("line")}; }`;
});

export const pictureCss = `
text { font: 13px var(--gf-font); fill: var(--gf-ink); }
.line { fill: none; stroke: var(--gf-edge); stroke-width: 1.25; }
.arrow, .branch { fill: var(--gf-edge); stroke: none; }
.port { fill: var(--gf-bg); stroke: var(--gf-ink-3); stroke-width: 1.25; }
.lit .line { stroke: var(--gf-ink); stroke-width: 1.75; }
.lit .arrow { fill: var(--gf-ink); }
${colours.join("")}
.outline { stroke-width: 1.25; }
.open > .outline { fill: var(--gf-surface); stroke: var(--gf-line-2); stroke-width: 1; }
.node text.bold { fill: var(--gf-ink); font-weight: 600; }
.node text.caption, .open text.small { fill: var(--gf-ink-2); }
text.sign { font-size: 18px; }
text.detail { font-size: 11.5px; }
text.small, text.caption { font-size: 11px; }
text.shape, text.port { font-size: 11px; fill: var(--gf-ink-2); stroke: none; font-variant-numeric: tabular-nums; }
text.value { font-size: 11px; fill: var(--gf-live); font-variant-numeric: tabular-nums; }
.cell { fill: var(--gf-live); }
text.symbol { font-family: var(--gf-var-font); font-size: 16px; font-style: italic; }
text.symbol.small { font-size: 13px; fill: var(--gf-ink); }
.index { font-size: 70%; }
.upright { font-style: normal; }
.math { display: flex; align-items: center; justify-content: center; height: 100%; font: 14.5px var(--gf-math-font); }
.math math { font-family: var(--gf-math-font); font-size: 14.5px; }
.math math:has(mfrac) { math-style: normal; font-size: 12.5px; }
.glyph { fill: none; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.glyph.thin { stroke-width: 1.5; }
.faint { fill: none; opacity: 0.35; }
.data { fill: var(--gf-data); }
.chevron { fill: none; stroke: var(--gf-layer-text); stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
.open .chevron { stroke: var(--gf-ink-2); }
.ring { fill: none; stroke: var(--gf-focus); stroke-width: 5; opacity: 0.25; visibility: hidden; }
.hit { fill: none; pointer-events: all; }
.selected > .outline { stroke: var(--gf-focus); stroke-width: 2; }
.selected > .ring { visibility: visible; }
.open.selected > .outline { stroke-width: 1.25; }
.open.selected > .ring { visibility: hidden; }
`;
