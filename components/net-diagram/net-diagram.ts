import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult, unsafeCSS } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { formulaOf } from "../../dsl/formula.js";
import type { Fault } from "../../dsl/message.js";
import type { Net } from "../../dsl/net.js";
import { Redraw } from "../plot/redraw.js";
import { base } from "../styles.js";
import type { Direction } from "./content.js";
import { type Costs, withCosts } from "./costs.js";
import { countNodes, type Drawing, type DrawnNode, drawingOf } from "./drawing.js";
import { resolver, svgFile } from "./export.js";
import { inspectorLine, inspectorStyle } from "./inspector.js";
import { type Layout, layoutOf, type PlacedEdge } from "./layout.js";
import { update } from "./mark.js";
import type { Measure } from "./measure.js";
import { animate, type Before, wantsMotion } from "./motion.js";
import { pageMeasure } from "./page-measure.js";
import { PanZoom } from "./pan-zoom.js";
import { pictureOf } from "./picture.js";
import { openAtFirst, type Reading, read } from "./reading.js";
import { roomy, type Spacing, tight } from "./spacing.js";
import { pictureCss } from "./style.js";
import { type Tools, tools, toolsStyle } from "./tools.js";
import { edgesAt, frameAround, isArrow, nodeTowards } from "./ways.js";

/** Scales below which a net does not run to the right, and below which nothing is made smaller. */
const leastRight = 0.88;
const leastScale = 0.5;
/** A picture higher than this is looked at through a window of this height. */
const tallest = 2600;
const windowHeight = 640;

/**
 * A net as a drawing: data run to the right where there is room, else down. Nested nets open and close by click or
 * Enter; a click selects a node, and the line under the drawing says what it is.
 *
 * Tab comes into the drawing, arrow keys go along its edges, Escape goes back out; +, − and 0, the wheel with ctrl or
 * meta, and pinches look closer, a drag moves what is larger than its window.
 *
 * Events: `select` (detail: path or null), `toggle` (detail: path, open), `error` (detail: message, faults) where a
 * net cannot be drawn: the faults stand in the element's place.
 * Parts: `drawing` (the svg), `inspector` (the line), `tools` (its buttons), `fault`.
 * Colours and fonts are the tokens `--gf-*` of `tokens.ts`.
 */
@customElement("net-diagram")
export class NetDiagram extends LitElement {
  static override styles = [
    base,
    inspectorStyle,
    toolsStyle,
    unsafeCSS(pictureCss),
    css`
      .window { position: relative; overflow: clip; overflow-clip-margin: 6px; }
      svg.canvas { direction: ltr; width: 100%; height: 100%; touch-action: pan-x pan-y; user-select: none; -webkit-user-select: none; }
      svg.canvas.movable { touch-action: none; cursor: grab; }
      .node, .head { cursor: pointer; outline: none; }
      .open { cursor: inherit; }
      .open > .outline, .open > .ring { pointer-events: none; }
      .node > .outline { transition: stroke var(--gf-fast); }
      .node:not(.open):hover > .outline { stroke: var(--kind-text); stroke-width: 1.75; }
      .node:focus-visible > .ring { visibility: visible; }
      .node:focus-visible > .outline { stroke: var(--gf-focus); stroke-width: 2; }
      .node:not(.open).selected > .outline { stroke: var(--gf-focus); stroke-width: 2; }
      .lit, .words, .values, .ports, .dots { pointer-events: none; }
      .trial { position: absolute; visibility: hidden; width: max-content; height: max-content; }
      .line-below { display: flex; align-items: center; gap: 12px; min-height: 44px; margin-top: 8px; border-top: 1px solid var(--gf-line); }
      .fault ul { margin: 4px 0 0; padding-inline-start: 18px; }
      .blank { min-height: 160px; }
      @media (prefers-reduced-motion: reduce) { .node > .outline { transition: none; } }
    `,
    unsafeCSS(
      ["layer", "activation", "norm", "loss", "random", "function", "io"]
        .map((kind) => `.${kind}${kind === "layer" ? ", .net" : ""} { --kind-text: var(--gf-${kind}-text); }`)
        .join("\n"),
    ),
  ];

  /** The net, or the text that `toJSON` made of it; as attribute, the text. */
  @property() net: Net | string | null = null;
  /** Where data run: `right`, `down`, or by the room there is. */
  @property() direction: Direction | "auto" = "auto";
  /** Nested nets that are open at first: `all`, `none`, or their paths separated by spaces. By default all where there is room for them. */
  @property() open: string | null = null;
  /** Inputs that data are bound to, separated by spaces; they bear a dot. */
  @property() data = "";
  /** What the drawing is called for those who do not see it, and its file. */
  @property() label = "Net";
  /** Numbers of one example at the ports, by path or `path.port`; null for none, and no room for them. */
  @property({ attribute: false }) values: Readonly<Record<string, readonly number[]>> | null = null;
  /** What nodes cost, by path: `information(net).byNode`, or that of `profile(net, …)`; null to leave it out. */
  @property({ attribute: false }) costs: Costs | null = null;
  /** The path of the selected node. */
  @property({ attribute: false }) selected: string | null = null;

  @query(".window") private readonly windowElement!: HTMLElement | null;
  @query("svg.canvas > g") private readonly drawingElement!: SVGGElement | null;

  readonly #redraw = new Redraw(this);
  readonly #panZoom = new PanZoom(() => this.requestUpdate());
  #measure: Measure | undefined;
  #reading: Reading | null = null;
  #faults: readonly Fault[] = [];
  /** The open nets; null until the width is known. */
  #open: ReadonlySet<string> | null = null;
  #layouts = new Map<string, Layout>();
  #drawing: Drawing | null = null;
  #layout: Layout | null = null;
  #focused: string | null = null;
  #lit: readonly PlacedEdge[] = [];
  #before: Before | null = null;

  /** The drawing as an SVG file of its own, with the colours that it has now; "" where there is none. */
  exportSVG(): string {
    const root = this.shadowRoot;
    if (!this.#layout || !root) return "";
    return svgFile(this.#layout, { values: this.values }, this.label, resolver(root));
  }

  /** Opens or closes a nested net; `open` says which, by default the other of what it is. */
  toggle(path: string, open = !this.#open?.has(path)): void {
    if (!this.#reading?.nested.includes(path) || this.#open?.has(path) === open) return;
    const window = this.windowElement;
    if (this.#layout && window && wantsMotion())
      this.#before = { layout: this.#layout, view: this.#panZoom.view, height: window.offsetHeight };
    const next = new Set(this.#open);
    if (open) next.add(path);
    else for (const other of next) if (other === path || other.startsWith(`${path}.`)) next.delete(other);
    this.#open = next;
    this.#forget();
    this.requestUpdate();
    this.dispatchEvent(new CustomEvent("toggle", { detail: { path, open } }));
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("net")) this.#take(this.net);
    if (changed.has("open")) this.#open = null;
    const room = changed.has("values") && !changed.get("values") !== !this.values;
    if (changed.has("data") || changed.has("open") || changed.has("costs") || room) this.#forget();
  }

  #forget(): void {
    this.#drawing = null;
    this.#layouts.clear();
  }

  #take(source: unknown): void {
    const kept = this.#reading;
    this.#reading = null;
    this.#faults = [];
    if (source === null || source === undefined) {
      this.#forget();
      return;
    }
    const found = read(source);
    if ("faults" in found) {
      this.#forget();
      this.#faults = found.faults;
      const message = found.faults
        .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`))
        .join("\n");
      this.updateComplete.then(() =>
        this.dispatchEvent(new CustomEvent("error", { detail: { message, faults: found.faults } })),
      );
      return;
    }
    this.#reading = found.reading;
    // The same net with other weights keeps its drawing.
    if (kept?.form !== found.reading.form) this.#forget();
    if (kept?.nested.join() !== found.reading.nested.join()) this.#open = null;
  }

  /** The layout that the width asks for, and its scale. */
  #arrange(reading: Reading, width: number): { readonly layout: Layout; readonly scale: number } {
    this.#open ??= openAtFirst(reading, this.open, width, countNodes(reading.net));
    const scaled = (layout: Layout) => ({
      layout,
      scale: Math.max(leastScale, Math.min(1, width / layout.width)),
    });
    if (this.direction !== "down")
      for (const spacing of [roomy, tight]) {
        const layout = this.#laidOut(reading, "right", spacing);
        if (layout.width * leastRight <= width || (spacing === tight && this.direction === "right"))
          return scaled(layout);
      }
    return scaled(this.#laidOut(reading, "down", roomy));
  }

  #laidOut(reading: Reading, direction: Direction, spacing: Spacing): Layout {
    const key = `${direction} ${spacing.label}`;
    let layout = this.#layouts.get(key);
    if (!layout) {
      this.#measure ??= pageMeasure(this, this.renderRoot as ShadowRoot);
      if (!this.#drawing) {
        const drawing = drawingOf(reading.net, {
          shapes: reading.shapes,
          parameters: reading.parameters,
          open: this.#open ?? new Set(),
          formula: (body, name) => formulaOf(body, name === null ? {} : { name }),
          bound: new Set(this.data.split(/\s+/)),
        });
        this.#drawing = this.costs ? withCosts(drawing, this.costs) : drawing;
      }
      layout = layoutOf(this.#drawing, {
        direction,
        spacing,
        measure: this.#measure,
        values: this.values !== null,
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }

  override render(): TemplateResult {
    const { width } = this.#redraw;
    if (this.#faults.length > 0) return this.#faulty();
    if (!this.#reading || width === 0)
      return html`<div class="panel blank">${this.net === null ? html`<div class="empty">No net yet</div>` : nothing}</div>`;
    const { layout, scale } = this.#arrange(this.#reading, width);
    if (layout !== this.#layout) this.#lit = [];
    this.#layout = layout;
    const whole = Math.ceil(scale * layout.height);
    const height = whole > tallest ? windowHeight : whole;
    this.#panZoom.resize(layout, { width, height }, scale);
    return html`
      <div class="window" .style=${`height: ${height}px`}>
        <svg part="drawing" class="canvas ${this.#panZoom.movable ? "movable" : ""}" role="group" aria-label=${this.label}
          @click=${this.#clicked} @keydown=${this.#pressed} @focusin=${this.#focusMoved}
          @pointerover=${this.#pointed} @pointerleave=${this.#left}
          @pointerdown=${(event: PointerEvent) => this.#panZoom.down(event, this.#at(event))}
          @pointermove=${(event: PointerEvent) => this.#panZoom.drag(event, this.#at(event))}
          @pointerup=${(event: PointerEvent) => this.#panZoom.up(event)}
          @pointercancel=${(event: PointerEvent) => this.#panZoom.up(event)}
          @touchmove=${{ handleEvent: (event: TouchEvent) => this.#panZoom.touch(event), passive: false }}
          @wheel=${{ handleEvent: (event: WheelEvent) => this.#panZoom.wheel(event, this.#at(event)), passive: false }}
        ><g></g></svg>
      </div>
      <div class="line-below" part="inspector">
        ${inspectorLine(this.#reading, this.#nodeAt(this.selected))}
        ${tools(this.#tools)}
      </div>`;
  }

  #faulty(): TemplateResult {
    return html`<div class="fault" part="fault" role="alert"><div>
      <b>This net cannot be drawn.</b>
      <ul>${this.#faults.map(({ path, message }) => html`<li>${path === "" ? nothing : html`<b>${path}</b>: `}${message}</li>`)}</ul>
    </div></div>`;
  }

  readonly #tools: Tools = {
    zoom: (factor) => this.#panZoom.zoom(factor),
    fit: () => this.#panZoom.reset(),
    download: () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([this.exportSVG()], { type: "image/svg+xml" }));
      link.download = `${this.label.replaceAll(/[^\p{L}\p{N}]+/gu, "-").toLowerCase() || "net"}.svg`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href));
    },
  };

  override updated(): void {
    const before = this.#before;
    this.#before = null;
    const [drawing, window, layout] = [this.drawingElement, this.windowElement, this.#layout];
    if (!drawing || !window || !layout || this.#faults.length > 0) return;
    const active = this.shadowRoot?.activeElement;
    const hadFocus = active instanceof SVGElement ? active.dataset.id : undefined;
    this.#paint();
    if (hadFocus !== undefined && this.shadowRoot?.activeElement !== active) this.#focus(hadFocus);
    if (before) animate(drawing, window, layout, this.#panZoom.view, before);
  }

  /** Brings the drawing's elements up to date. */
  #paint(): void {
    const [drawing, layout] = [this.drawingElement, this.#layout];
    if (!drawing || !layout) return;
    const known = (id: string | null): string | null =>
      layout.nodes.some(({ node }) => node.id === id) ? id : null;
    const focused =
      known(this.#focused) ?? this.#nodeAt(this.selected)?.id ?? layout.nodes[0]?.node.id ?? null;
    const selected = this.#nodeAt(this.selected)?.id ?? null;
    const { k, x, y } = this.#panZoom.view;
    const picture = pictureOf(layout, { selected, focused, lit: this.#lit, values: this.values });
    update(drawing, {
      ...picture,
      attrs: { ...picture.attrs, transform: `translate(${x} ${y}) scale(${k})` },
    });
  }

  #nodeAt(path: string | null): DrawnNode | null {
    const { nodes = [] } = this.#layout ?? {};
    return nodes.find(({ node }) => node.path === path)?.node ?? null;
  }

  #select(path: string | null): void {
    if (path === this.selected) return;
    this.selected = path;
    this.dispatchEvent(new CustomEvent("select", { detail: { path } }));
  }

  /** The place of a pointer in the window. */
  #at({ clientX, clientY }: MouseEvent): { x: number; y: number } {
    const { left, top } = this.windowElement?.getBoundingClientRect() ?? { left: 0, top: 0 };
    return { x: clientX - left, y: clientY - top };
  }

  /** The node that an event is in; an open net is its head. */
  #nodeOf({ target }: Event): DrawnNode | null {
    const element = target instanceof Element ? target.closest("[data-id]") : null;
    const id = element?.getAttribute("data-id");
    return this.#layout?.nodes.find(({ node }) => node.id === id)?.node ?? null;
  }

  #clicked(event: MouseEvent): void {
    if (this.#panZoom.endsDrag()) return;
    const node = this.#nodeOf(event);
    this.#enter(node);
    if (node) this.#focused = node.id;
  }

  #enter(node: DrawnNode | null): void {
    this.#select(node?.path ?? null);
    if (node?.kind === "net") this.toggle(node.path);
  }

  #pressed(event: KeyboardEvent): void {
    const node = this.#nodeOf(event);
    if (event.ctrlKey || event.metaKey || event.altKey || !this.#layout) return;
    const { key } = event;
    if (key === "+" || key === "=") this.#panZoom.zoom(1.25);
    else if (key === "-") this.#panZoom.zoom(0.8);
    else if (key === "0") this.#panZoom.reset();
    else if (!node) return;
    else if (key === "Enter" || key === " ") this.#enter(node);
    else if (key === "Escape") {
      const around = frameAround(this.#layout, node.id);
      if (this.selected !== null) this.#select(null);
      else if (around === null) return;
      else {
        this.toggle(around, false);
        this.updateComplete.then(() => this.#focus(around));
      }
    } else if (isArrow(key)) {
      const next = nodeTowards(this.#layout, node.id, key);
      if (next !== null) this.#focus(next);
    } else return;
    event.preventDefault();
  }

  #focus(id: string): void {
    this.#focused = id;
    this.#paint();
    for (const element of this.drawingElement?.querySelectorAll<SVGElement>("[data-id]") ?? [])
      if (element.dataset.id === id) element.focus({ preventScroll: false });
  }

  #focusMoved(event: FocusEvent): void {
    const node = this.#nodeOf(event);
    const placed = this.#layout?.nodes.find((other) => other.node === node);
    if (!node || !placed) return;
    this.#focused = node.id;
    this.#light(node.id);
    if ((event.target as Element).matches(":focus-visible")) this.#panZoom.reveal(placed.x, placed.y, 60);
  }

  #pointed(event: PointerEvent): void {
    const node = this.#nodeOf(event);
    this.#light(node && !node.inside ? node.id : null);
  }
  #left(): void {
    this.#light(null);
  }
  #light(id: string | null): void {
    this.#lit = id === null || !this.#layout ? [] : edgesAt(this.#layout, id);
    this.#paint();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "net-diagram": NetDiagram;
  }
}
