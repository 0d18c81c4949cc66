/** The line under the drawing: what is selected, or the whole net, in figures. */
import { css, html, nothing, svg, type TemplateResult } from "lit";
import type { Net } from "../../dsl/net.js";
import { netAt } from "../../dsl/walk.js";
import { significant, thousands } from "../plot/format.js";
import { countNodes, type DrawnNode } from "./drawing.js";
import { type Spread, sizesOf, spreadOf } from "./facts.js";
import type { Reading } from "./reading.js";

export const inspectorStyle = css`
  .about { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 22px; flex: 1; min-width: 0; color: var(--gf-ink-2); font-variant-numeric: tabular-nums; }
  .about b { font-weight: 600; color: var(--gf-ink); overflow-wrap: anywhere; }
  .name { display: inline-flex; align-items: center; gap: 9px; min-width: 0; }
  .swatch { flex: none; width: 12px; height: 12px; border-radius: 3px; border: 1.25px solid; }
  .weights { display: inline-flex; align-items: center; gap: 12px; margin-inline-start: auto; }
  .weights svg { width: 132px; height: 28px; fill: var(--gf-layer-line); }
`;

/** Weights do not change under a net: each is counted once. */
const spreads = new WeakMap<Net, Spread | null>();
function spreadAt(net: Net): Spread | null {
  let spread = spreads.get(net);
  if (spread === undefined) {
    spread = spreadOf(net);
    spreads.set(net, spread);
  }
  return spread;
}

const plural = (count: number, word: string): string =>
  `${thousands(count)} ${word}${count === 1 ? "" : "s"}`;

export function inspectorLine(reading: Reading, selected: DrawnNode | null): TemplateResult {
  if (!selected) {
    const total = Object.values(reading.parameters).reduce(
      (n, { shape }) => n + shape.reduce((p, size) => p * size, 1),
      0,
    );
    return html`<div class="about">
      <span>${plural(countNodes(reading.net), "node")}</span>
      ${total > 0 ? html`<span>${plural(total, "parameter")}</span>` : nothing}
    </div>`;
  }
  const { kind, path, parameters } = selected;
  const rim = kind === "io";
  const spread = rim ? null : spreadAt(netAt(reading.net, path));
  const tint = kind === "net" ? "layer" : kind;
  const title = kind === "random" && selected.caption !== "" ? selected.caption : selected.title;
  const ends = rim ? (Object.values(selected.outputs)[0] ?? "") : sizesOf(reading.shapes, path);
  return html`<div class="about">
    <span class="name">
      <i class="swatch" .style=${`background: var(--gf-${tint}-fill); border-color: var(--gf-${tint}-line)`}></i>
      <b>${title}</b>${path === title ? nothing : html`<span>${path}</span>`}
    </span>
    ${ends === "" ? nothing : html`<span>${ends}</span>`}
    ${selected.formula ? html`<span>${selected.formula.text}</span>` : nothing}
    ${kind === "net" ? html`<span>${plural(selected.nodes, "node")}</span>` : nothing}
    ${selected.cost !== "" ? html`<span>${selected.cost}</span>` : nothing}
    ${parameters > 0 ? html`<span>${plural(parameters, "parameter")}</span>` : nothing}
    ${
      spread
        ? html`<span>mean ${significant(spread.mean)}, sd ${significant(spread.sd)}</span>
          <span class="weights">weights ${histogram(spread)}</span>`
        : nothing
    }
  </div>`;
}

function histogram({ bins }: Spread): TemplateResult {
  const most = Math.max(1, ...bins);
  return html`<svg viewBox="0 0 132 28" aria-hidden="true">
    ${bins.map((count, i) => {
      const height = (27 * count) / most;
      return svg`<rect x=${i * 3.3} y=${28 - height} width="2.8" height=${height}></rect>`;
    })}
  </svg>`;
}
