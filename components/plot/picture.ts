import { html, LitElement, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { base } from "../styles.js";
import { type Points, type PointsInput, pointsOf } from "./points.js";
import { Redraw } from "./redraw.js";

/**
 * What the pictures of points share: their size, the note over an empty picture, and what they say when their
 * data cannot be drawn (a box with the words, in place of the picture).
 */
export abstract class Picture extends LitElement {
  static override styles = [base];

  /** Words over the picture while it has nothing to show. */
  @property() note = "";

  protected readonly redraw = new Redraw(this);
  #faults = new Map<string, string>();

  /** The points of property `name`; null where it is not given or cannot be drawn, which the element then says. */
  protected read(name: string, input: PointsInput | null, most = 2): Points | null {
    this.clear(name);
    if (input === null || input === undefined) return null;
    try {
      return pointsOf(input, `<${this.localName}>: ${name}`, most);
    } catch (error) {
      this.fault(name, error);
      return null;
    }
  }

  /** Says that property `name` cannot be drawn, and why. */
  protected fault(name: string, error: unknown): void {
    this.#faults.set(name, error instanceof Error ? error.message : String(error));
  }

  /** Takes back what was said of property `name`. */
  protected clear(name: string): void {
    this.#faults.delete(name);
  }

  protected abstract picture(): TemplateResult;

  override render(): TemplateResult {
    if (this.#faults.size > 0)
      return html`<div class="fault" role="alert">${[...this.#faults.values()].join("\n")}</div>`;
    return this.picture();
  }
}
