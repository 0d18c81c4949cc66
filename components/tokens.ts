/**
 * The colours and measures of every element, as custom properties `--gf-*` on the page's root.
 *
 * They stand in a cascade layer of their own, so any rule of the page that sets one of them wins. Light or dark
 * follows the page's `color-scheme` (a page that declares none is light); `data-theme="light"` or `"dark"` on an
 * element settles it for that element and what it holds. With `prefers-contrast: more` outlines and secondary
 * text darken.
 */

/** Colours by name: on a light page, on a dark page. */
const colours: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  bg: ["#ffffff", "#14161a"],
  surface: ["#f6f7f9", "#1b1e23"],
  ink: ["#1b1e24", "#e9ebef"],
  "ink-hover": ["#363b45", "#ffffff"],
  "ink-2": ["#565c68", "#a5abb8"],
  "ink-3": ["#858c99", "#757c8a"],
  line: ["#e6e8ec", "#2a2e35"],
  "line-2": ["#cfd3da", "#3d434d"],
  edge: ["#7b8290", "#858c9a"],
  focus: ["#1f6cb0", "#73b0ee"],
  // Node kinds.
  "layer-fill": ["#f0f6ff", "#1f2533"],
  "layer-line": ["#647dc2", "#7890cf"],
  "layer-text": ["#32447a", "#d0deff"],
  "activation-fill": ["#ecfaf0", "#1a291f"],
  "activation-line": ["#4a9266", "#63a37a"],
  "activation-text": ["#175533", "#c8e7d1"],
  "norm-fill": ["#e8fafc", "#14292c"],
  "norm-line": ["#2b8f9a", "#4ea1aa"],
  "norm-text": ["#00535b", "#c0e6eb"],
  "loss-fill": ["#fff1f2", "#322021"],
  "loss-line": ["#c55865", "#d46f79"],
  "loss-text": ["#7b2432", "#ffced1"],
  "random-fill": ["#fbf2fe", "#2b212e"],
  "random-line": ["#9e68ae", "#ae7cbd"],
  "random-text": ["#5e336b", "#edd3f6"],
  "function-fill": ["#fff4e6", "#2e2313"],
  "function-line": ["#a37734", "#b38a50"],
  "function-text": ["#624000", "#f0dabe"],
  "io-fill": ["#f4f6f8", "#242528"],
  "io-line": ["#7b8189", "#8d929b"],
  "io-text": ["#44484f", "#dbdee3"],
  // What pictures show.
  data: ["#1f6cb0", "#73b0ee"],
  "data-soft": ["#bbd8f4", "#1f3f63"],
  sample: ["#ce5700", "#f0904f"],
  "sample-text": ["#a94700", "#f0a878"],
  noise: ["#cdd1d8", "#454b56"],
  "noise-dot": ["#858c99", "#8d94a3"],
  "loss-band": ["#fbdfe0", "#43262a"],
  live: ["#1b1e24", "#e9ebef"],
  // Density, from nothing (the background) upwards.
  "seq-0": ["#ffffff", "#14161a"],
  "seq-1": ["#e0edfa", "#1a2331"],
  "seq-2": ["#bbd8f4", "#1f3654"],
  "seq-3": ["#8ebde8", "#2a527d"],
  "seq-4": ["#5b9bd6", "#3d76a9"],
  "seq-5": ["#3374b8", "#61a2d4"],
  "seq-6": ["#234c88", "#9fd2f2"],
  // Pixels of a digit's picture, at 0 and at 1.
  "px-0": ["#ffffff", "#14161a"],
  "px-1": ["#1b1e24", "#e9ebef"],
};

/** Fonts, radii and the one duration. */
const measures: Readonly<Record<string, string>> = {
  font: '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif',
  "var-font": '"STIX Two Text", Cambria, "Times New Roman", "Liberation Serif", serif',
  "math-font": '"STIX Two Math", "Cambria Math", "Latin Modern Math", math',
  r1: "3px",
  r2: "6px",
  r3: "10px",
  fast: "120ms ease-out",
};

/** Names a token: a colour of the table above, or a measure. */
export type Token = `--gf-${string}`;

const declarations = [
  ...Object.entries(colours).map(([name, [light, dark]]) => `--gf-${name}: light-dark(${light}, ${dark});`),
  ...Object.entries(measures).map(([name, value]) => `--gf-${name}: ${value};`),
].join("\n");

/** The style sheet of the tokens, as text: for pages that want it in a file, and for pictures that leave the page. */
export const tokenCss = `@layer graffusion {
:root { ${declarations} }
[data-theme="light"] { color-scheme: light; }
[data-theme="dark"] { color-scheme: dark; }
@media (prefers-contrast: more) {
:root {
--gf-line-2: var(--gf-ink-3);
--gf-ink-2: var(--gf-ink);
--gf-ink-3: light-dark(#565c68, #a5abb8);
--gf-edge: var(--gf-ink);
}
}
}`;

let installed = false;

/** Puts the tokens on the page, once. Every element of this folder calls it when its module is loaded; without a page it does nothing. */
export function installTokens(): void {
  if (installed || typeof document === "undefined") return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(tokenCss);
  document.adoptedStyleSheets.push(sheet);
  installed = true;
}
