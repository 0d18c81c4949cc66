/** Opening and closing: what stays moves to its new place in 200 ms, what is new comes from where it was hidden. */
import type { Layout } from "./layout.js";
import type { View } from "./zoom.js";

const duration = 200;
const easing = "ease-out";

export const wantsMotion = (): boolean => !matchMedia("(prefers-reduced-motion: reduce)").matches;

const moved = (x: number, y: number, k = 1): string => `translate(${x}px, ${y}px) scale(${k})`;

/** Where things were, to move them from. */
export interface Before {
  readonly layout: Layout;
  readonly view: View;
  readonly height: number;
}

/** Animates a drawing that stands in its new places already. */
export function animate(
  drawing: SVGGElement,
  window: HTMLElement,
  layout: Layout,
  view: View,
  before: Before,
): void {
  const options = { duration, easing };
  const old = new Map(before.layout.nodes.map(({ node, x, y }) => [node.path, { x, y }]));
  const from = (path: string): { x: number; y: number } | undefined => {
    for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
      const found = old.get(at);
      if (found) return found;
    }
    return undefined;
  };
  const elements = new Map(
    [...drawing.querySelectorAll<SVGGElement>("[data-id]")].map((el) => [el.dataset.id, el]),
  );
  for (const { node, x, y } of layout.nodes) {
    const start = from(node.path);
    const element = elements.get(node.id);
    if (!element) continue;
    const stays = before.layout.nodes.some(
      (other) => other.node.id === node.id && !other.node.inside === !node.inside,
    );
    if (start && !node.inside)
      element.animate([{ transform: moved(start.x, start.y) }, { transform: moved(x, y) }], options);
    if (!stays) element.animate([{ opacity: 0 }, { opacity: 1 }], options);
  }
  for (const name of ["edges", "dots", "ports", "words", "values"])
    drawing
      .querySelector(`:scope > .${name}`)
      ?.animate([{ opacity: 0 }, { opacity: 1 }], { duration, delay: duration * 0.6, fill: "backwards" });
  drawing.animate(
    [
      { transform: moved(before.view.x, before.view.y, before.view.k) },
      { transform: moved(view.x, view.y, view.k) },
    ],
    options,
  );
  window.animate([{ height: `${before.height}px` }, { height: window.style.height }], options);
}
