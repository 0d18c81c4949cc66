/** A picture as plain data, and its two outlets: markup for files, and a tree of elements that is kept up to date. */

export interface Mark {
  readonly tag: string;
  /** Elements with equal keys stay the same element when the picture changes. */
  readonly key?: string;
  readonly attrs?: Readonly<Record<string, string | number>>;
  readonly children?: readonly (Mark | string)[];
  /** MathML that the dsl has written, its names escaped, in place of children. */
  readonly math?: string;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string =>
  // What XML cannot hold: control characters, halves of surrogate pairs.
  text
    .replace(/[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff]/gu, "\ufffd")
    .replace(/[&<>"]/g, (c) => entities[c] as string);

const xhtml = "http://www.w3.org/1999/xhtml";
const svg = "http://www.w3.org/2000/svg";

/** The picture as XML. */
export function toMarkup({ tag, attrs = {}, children = [], math }: Mark): string {
  const named = tag === "div" ? { xmlns: xhtml, ...attrs } : attrs;
  const words = Object.entries(named).map(([name, value]) => ` ${name}="${escaped(String(value))}"`);
  const inner = math
    ? math.replace("<math", '<math xmlns="http://www.w3.org/1998/Math/MathML"')
    : children.map((child) => (typeof child === "string" ? escaped(child) : toMarkup(child))).join("");
  return inner === "" ? `<${tag}${words.join("")}/>` : `<${tag}${words.join("")}>${inner}</${tag}>`;
}

const made = new WeakMap<Element, Mark>();

const create = ({ tag }: Mark): Element => document.createElementNS(tag === "div" ? xhtml : svg, tag);

/** Makes the children of an element those of the mark, with as few changes as its keys allow. */
export function update(element: Element, mark: Mark): void {
  const before = made.get(element);
  if (before === mark) return;
  made.set(element, mark);
  const { attrs = {}, children = [], math } = mark;
  for (const name of Object.keys(before?.attrs ?? {}))
    if (!Object.hasOwn(attrs, name)) element.removeAttribute(name);
  for (const [name, value] of Object.entries(attrs))
    if (before?.attrs?.[name] !== value) element.setAttribute(name, String(value));
  if (math !== undefined) {
    if (before?.math !== math) element.innerHTML = math;
    return;
  }
  const nameOf = (child: Mark | string, i: number): string =>
    typeof child === "string" ? `text ${i}` : `${child.tag} ${child.key ?? i}`;
  const old = new Map<string, ChildNode>();
  const oldNames = (before?.children ?? []).map(nameOf);
  for (const [i, node] of [...element.childNodes].entries()) old.set(oldNames[i] ?? `? ${i}`, node);
  let at: ChildNode | null = element.firstChild;
  for (const [i, child] of children.entries()) {
    const name = nameOf(child, i);
    const kept = old.get(name);
    old.delete(name);
    const node = kept ?? (typeof child === "string" ? document.createTextNode(child) : create(child));
    if (node === at) at = at.nextSibling;
    else element.insertBefore(node, at);
    if (typeof child !== "string") update(node as Element, child);
    else if (node.textContent !== child) node.textContent = child;
  }
  for (const node of old.values()) node.remove();
}
