/** The drawing as a file of its own: colours and fonts resolved, nothing outside it needed. */
import type { Layout } from "./layout.js";
import { type Mark, toMarkup } from "./mark.js";
import type { State } from "./picture.js";
import { pictureOf } from "./picture.js";
import { pictureCss } from "./style.js";

/** The tokens that a style sheet reads. */
const tokens = (css: string): string[] => [
  ...new Set([...css.matchAll(/var\((--gf-[\w-]+)\)/g)].map(([, name]) => name as string)),
];

/** `resolve` gives the value of a token. */
export function svgFile(
  layout: Layout,
  state: Pick<State, "values">,
  title: string,
  resolve: (token: string) => string,
): string {
  const resolved = tokens(pictureCss).reduce(
    (css, token) => css.replaceAll(`var(${token})`, resolve(token)),
    pictureCss,
  );
  const { width, height } = { width: Math.ceil(layout.width), height: Math.ceil(layout.height) };
  const svg: Mark = {
    tag: "svg",
    attrs: {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
    },
    children: [
      { tag: "title", children: [title] },
      { tag: "style", children: [resolved] },
      { tag: "rect", attrs: { width: "100%", height: "100%", fill: resolve("--gf-bg") } },
      withoutControls(pictureOf(layout, { ...state, selected: null, focused: null, lit: [] })),
    ],
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${toMarkup(svg)}\n`;
}

/** In a file nothing can be pressed. */
function withoutControls(mark: Mark): Mark {
  const { role, tabindex, "aria-pressed": pressed, "aria-expanded": expanded, ...attrs } = mark.attrs ?? {};
  return {
    ...mark,
    attrs: role === "button" ? { ...attrs, role: "img" } : (mark.attrs ?? {}),
    children: (mark.children ?? []).map((child) =>
      typeof child === "string" ? child : withoutControls(child),
    ),
  };
}

/** The value of a token as the page shows it, at an element. */
export function resolver(root: ShadowRoot): (token: string) => string {
  return (token) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${token})`;
    root.append(probe);
    const style = getComputedStyle(probe);
    const value = /font$/.test(token) ? style.getPropertyValue(token).trim() : style.color;
    probe.remove();
    return value;
  };
}
