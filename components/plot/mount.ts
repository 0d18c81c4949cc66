/** For tests: puts an element on the page and waits until it is drawn. */

/** One frame of the page, and what it set off. */
export const frame = (): Promise<void> =>
  new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

/** Waits until size and properties have been drawn. */
export async function drawn(element: HTMLElement): Promise<void> {
  for (let i = 0; i < 3; i++) await frame();
  await (element as { readonly updateComplete?: Promise<boolean> }).updateComplete;
}

/** The element `name` with these properties, `width` pixels wide, drawn. */
export async function mount<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  width = 336,
): Promise<HTMLElementTagNameMap[K]> {
  const element = Object.assign(document.createElement(name), properties);
  element.style.width = `${width}px`;
  document.body.append(element);
  await drawn(element);
  return element;
}

/** All elements in the shadow of `element` that match. */
export const all = <E extends Element = HTMLElement>(element: Element, selector: string): E[] => [
  ...(element.shadowRoot?.querySelectorAll<E>(selector) ?? []),
];

/** The first of them; throws where there is none. */
export function one<E extends Element = HTMLElement>(element: Element, selector: string): E {
  const [found] = all<E>(element, selector);
  if (!found) throw new Error(`<${element.localName}>: ${selector} is not there`);
  return found;
}

/** The text in an element, or in its shadow where it has one, its pieces apart by single spaces. */
export function text(element: Element): string {
  const walker = document.createTreeWalker(element.shadowRoot ?? element, NodeFilter.SHOW_TEXT);
  const pieces: string[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (node.parentElement?.localName !== "style") pieces.push(node.textContent ?? "");
  return pieces.join(" ").replaceAll(/\s+/g, " ").trim();
}

/** The markup of an SVG without Lit's comments, its spaces made single: for golden text. */
export const markup = (svg: Element): string =>
  svg.outerHTML
    .replaceAll(/<!--.*?-->/gs, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/> </g, ">\n<")
    .trim();

/** Red, green, blue and alpha of the pixel at a place of the canvas in CSS pixels. */
export function pixel(canvas: HTMLCanvasElement, x: number, y: number): readonly number[] {
  const ratio = canvas.width / canvas.clientWidth;
  const g = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  g?.drawImage(canvas, -Math.round(x * ratio), -Math.round(y * ratio));
  return [...(g?.getImageData(0, 0, 1, 1).data ?? [])];
}
