/** The gestures that look closer: a drag, a pinch, the wheel with ctrl or meta held; the page's own scrolling stays its own. */
import type { Extent, View } from "./zoom.js";
import { fit, held, zoomed } from "./zoom.js";

const dragFrom = 4;

export class PanZoom {
  /** Null as long as the whole picture is shown as it fits. */
  #view: View | null = null;
  #picture: Extent = { width: 1, height: 1 };
  #window: Extent = { width: 1, height: 1 };
  #scale = 1;
  readonly #fingers = new Map<number, { x: number; y: number }>();
  #start: { x: number; y: number } | null = null;
  /** A drag is under way or has just ended. */
  #dragged = false;

  constructor(private readonly changed: () => void) {}

  /** The picture as it fits is `scale` times its natural size. */
  resize(picture: Extent, window: Extent, scale: number): void {
    [this.#picture, this.#window, this.#scale] = [picture, window, scale];
    if (this.#view) this.#view = held(this.#view, picture, window);
  }

  /** Whether a click is the end of a drag, and so none. */
  endsDrag(): boolean {
    const dragged = this.#dragged;
    this.#dragged = false;
    return dragged;
  }

  get view(): View {
    return this.#view ?? held(fit(this.#scale, this.#picture, this.#window), this.#picture, this.#window);
  }
  /** Whether there is more of the picture than the window shows. */
  get movable(): boolean {
    const { k } = this.view;
    return (
      k * this.#picture.width > this.#window.width + 1 || k * this.#picture.height > this.#window.height + 1
    );
  }

  reset(): void {
    this.#view = null;
    this.changed();
  }
  zoom(
    factor: number,
    at: { x: number; y: number } = { x: this.#window.width / 2, y: this.#window.height / 2 },
  ): void {
    const view = zoomed(this.view, factor, at, this.#scale);
    this.#view = view.k <= this.#scale * 1.001 ? null : held(view, this.#picture, this.#window);
    this.changed();
  }
  move(dx: number, dy: number): void {
    const { k, x, y } = this.view;
    this.#view = held({ k, x: x + dx, y: y + dy }, this.#picture, this.#window);
    this.changed();
  }
  /** Moves a point of the picture into the window. */
  reveal(x: number, y: number, margin: number): void {
    if (!this.movable) return;
    const view = this.view;
    const off = (at: number, room: number): number =>
      Math.max(0, margin - at) + Math.min(0, room - margin - at);
    const [dx, dy] = [
      off(view.k * x + view.x, this.#window.width),
      off(view.k * y + view.y, this.#window.height),
    ];
    if (dx !== 0 || dy !== 0) this.move(dx, dy);
  }

  wheel(event: WheelEvent, at: { x: number; y: number }): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoom(Math.exp(-Math.max(-40, Math.min(40, event.deltaY)) * 0.01), at);
  }
  /** Two fingers are ours, one is the page's as long as there is nothing to move. */
  touch(event: TouchEvent): void {
    if (event.touches.length > 1) event.preventDefault();
  }
  down(event: PointerEvent, at: { x: number; y: number }): void {
    if (event.button !== 0) return;
    this.#fingers.set(event.pointerId, at);
    this.#start = at;
    this.#dragged = false;
  }
  drag(event: PointerEvent, at: { x: number; y: number }): void {
    if (event.pointerType === "mouse" && event.buttons === 0) this.up(event);
    const last = this.#fingers.get(event.pointerId);
    if (!last || !this.#start) return;
    const others = [...this.#fingers].filter(([id]) => id !== event.pointerId).map(([, finger]) => finger);
    const far = Math.hypot(at.x - this.#start.x, at.y - this.#start.y) > dragFrom;
    if (!this.#dragged && (!far || (others.length === 0 && !this.movable))) return;
    if (!this.#dragged) (event.currentTarget as Element).setPointerCapture(event.pointerId);
    this.#dragged = true;
    this.#fingers.set(event.pointerId, at);
    const [other] = others;
    if (!other) {
      this.move(at.x - last.x, at.y - last.y);
      return;
    }
    const between = (a: { x: number; y: number }) => Math.hypot(a.x - other.x, a.y - other.y);
    this.zoom(between(at) / Math.max(1, between(last)), { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
  }
  up(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    if (this.#fingers.size === 0) this.#start = null;
  }
}
