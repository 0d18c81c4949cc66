/** Tells an element when its pictures must be drawn anew although its properties stay: its size or its colours changed. */
import type { ReactiveController, ReactiveControllerHost } from "lit";

/** A host whose shadow root has loaded. */
type Host = ReactiveControllerHost & HTMLElement;

/**
 * Requests an update of the host when its width changes, and when the page's colours do, whatever the reason: a
 * style of the page, `data-theme`, the system. (A colour is watched by a transition on a probe: it ends where the
 * colour became another.) `width` is 0 until the host is laid out.
 */
export class Redraw implements ReactiveController {
  width = 0;
  readonly #host: Host;
  readonly #probe: HTMLElement;
  #observer: ResizeObserver | undefined;

  constructor(host: Host) {
    this.#host = host;
    this.#probe = document.createElement("i");
    this.#probe.style.cssText =
      "position:absolute;visibility:hidden;color:var(--gf-ink);transition:color 1ms step-start";
    this.#probe.ariaHidden = "true";
    this.#probe.addEventListener("transitionend", (event) => {
      event.stopPropagation();
      this.#host.requestUpdate();
    });
    host.addController(this);
  }

  hostConnected(): void {
    this.#observer = new ResizeObserver(([entry]) => {
      const width = Math.round(entry?.contentRect.width ?? 0);
      if (width === this.width) return;
      this.width = width;
      // Not within this frame: what is drawn may change the size that is being reported.
      requestAnimationFrame(() => this.#host.requestUpdate());
    });
    this.#observer.observe(this.#host);
  }

  hostUpdated(): void {
    if (!this.#probe.isConnected) this.#host.shadowRoot?.append(this.#probe);
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
  }
}
