import { test } from "uvu";
import * as assert from "uvu/assert";
import { chain, graph, linear, type Net, relu } from "../../dsl/index.js";
import { fromJSON, toJSON } from "../../dsl/json.js";
import { initialize } from "../../dsl/parameters.js";
import { all, drawn, frame, mount, one, text } from "../plot/mount.js";
import { training } from "./fixtures.js";
import "./net-diagram.js";
import type { NetDiagram } from "./net-diagram.js";

const net = initialize(training(), { seed: 1 });
const node = (diagram: Element, id: string): SVGGElement =>
  one<SVGGElement>(diagram, `[data-id="${CSS.escape(id)}"]`);
const ids = (diagram: Element): string[] =>
  all<SVGGElement>(diagram, "[data-id]").map(({ dataset }) => dataset.id ?? "");
const press = async (diagram: NetDiagram, key: string): Promise<void> => {
  const target = diagram.shadowRoot?.activeElement ?? one(diagram, "svg.canvas");
  target.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true }),
  );
  await drawn(diagram);
};
const focused = (diagram: Element): string | undefined => {
  const active = diagram.shadowRoot?.activeElement;
  return active instanceof SVGElement ? active.dataset.id : undefined;
};
const click = async (diagram: NetDiagram, target: Element): Promise<void> => {
  target.dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true }));
  await drawn(diagram);
};
/** Details of the events of a kind, as they come. */
const heard = (diagram: NetDiagram, type: string): unknown[] => {
  const details: unknown[] = [];
  diagram.addEventListener(type, (event) => details.push((event as CustomEvent).detail));
  return details;
};

test("a net with room runs to the right, open; in a narrow place it runs down, closed", async () => {
  const wide = await mount("net-diagram", { net }, 1136);
  assert.ok(ids(wide).includes("model.tScale"));
  const x = (id: string): number => node(wide, id).getBoundingClientRect().x;
  assert.ok(x("<x0") < x("xt") && x("xt") < x("model.model.0") && x("model.model.0") < x("loss"));
  const narrow = await mount("net-diagram", { net }, 320);
  assert.not.ok(ids(narrow).includes("model.tScale"));
  const y = (id: string): number => node(narrow, id).getBoundingClientRect().y;
  assert.ok(y("<x0") < y("xt") && y("xt") < y("model") && y("model") < y("loss"));
  assert.ok(narrow.scrollWidth <= narrow.clientWidth, `${narrow.scrollWidth}`);
});

test("the author says what is open and which way it runs", async () => {
  const closed = await mount("net-diagram", { net, open: "none" }, 1136);
  assert.not.ok(ids(closed).includes("model.tScale"));
  const down = await mount("net-diagram", { net, open: "model", direction: "down" }, 1136);
  assert.ok(
    node(down, "model.tScale").getBoundingClientRect().y > node(down, "xt").getBoundingClientRect().y + 60,
  );
});

test("a click opens and closes a nested net and tells it", async () => {
  const diagram = await mount("net-diagram", { net, open: "none" }, 1136);
  const toggles = heard(diagram, "toggle");
  const height = one(diagram, ".window").style.height;
  await click(diagram, node(diagram, "model"));
  assert.ok(ids(diagram).includes("model.model.1"));
  assert.is(node(diagram, "model").getAttribute("aria-expanded"), "true");
  await click(diagram, one(diagram, '[data-id="model"] .head'));
  assert.not.ok(ids(diagram).includes("model.model.1"));
  assert.is(node(diagram, "model").getAttribute("aria-expanded"), "false");
  assert.equal(toggles, [
    { path: "model", open: true },
    { path: "model", open: false },
  ]);
  assert.is(one(diagram, ".window").style.height, height);
});

test("a click selects a node, and the line under the drawing says what it is", async () => {
  const diagram = await mount("net-diagram", { net }, 1136);
  const selects = heard(diagram, "select");
  assert.match(text(one(diagram, ".about")), /11 nodes 370 parameters/);
  await click(diagram, node(diagram, "model.model.1"));
  assert.equal(selects, [{ path: "model.model.1" }]);
  assert.ok(node(diagram, "model.model.1").classList.contains("selected"));
  assert.match(
    text(one(diagram, ".about")),
    /^Linear model\.model\.1 3 → 16 64 parameters mean \S+ , sd 0\.\d+ weights$/,
  );
  assert.is(all(diagram, ".weights rect").length, 40);
  await click(diagram, node(diagram, "xt"));
  assert.match(text(one(diagram, ".about")), "xₜ = √ᾱₜ x₀ + √(1 − ᾱₜ) ε");
  await click(diagram, one(diagram, "svg.canvas"));
  assert.is(diagram.selected, null);
  assert.equal(selects.at(-1), { path: null });
});

test("by keyboard: one stop for Tab, arrows along the edges, Enter opens, Escape closes and keeps the focus", async () => {
  const diagram = await mount("net-diagram", { net, open: "none" }, 1136);
  const stops = (): string[] =>
    all<SVGGElement>(diagram, '[data-id][tabindex="0"]').map(({ dataset }) => dataset.id ?? "");
  assert.is(stops().length, 1);
  node(diagram, stops()[0] as string).focus();
  for (let i = 0; i < 4 && focused(diagram) !== "xt"; i++) await press(diagram, "ArrowRight");
  assert.is(focused(diagram), "xt");
  assert.equal(stops(), ["xt"]);
  await press(diagram, "ArrowRight");
  assert.is(focused(diagram), "model");
  await press(diagram, "Enter");
  assert.ok(ids(diagram).includes("model.tScale"));
  assert.is(focused(diagram), "model");
  await press(diagram, "ArrowDown");
  assert.is(focused(diagram), "model.tScale");
  await press(diagram, "Enter");
  assert.is(diagram.selected, "model.tScale");
  await press(diagram, "Escape");
  assert.is(diagram.selected, null);
  await press(diagram, "Escape");
  assert.not.ok(ids(diagram).includes("model.tScale"));
  assert.is(focused(diagram), "model");
});

test("every node is a button with a name", async () => {
  const diagram = await mount("net-diagram", { net }, 1136);
  for (const element of all(diagram, "[data-id]")) {
    assert.is(element.getAttribute("role"), "button");
    assert.ok((element.getAttribute("aria-label") ?? "").length > 2);
  }
});

test("the wheel zooms with ctrl alone, so that the page scrolls; keys zoom and fit", async () => {
  const diagram = await mount("net-diagram", { net, open: "none" }, 1136);
  const wheel = (ctrlKey: boolean): boolean =>
    one(diagram, "svg.canvas").dispatchEvent(
      new WheelEvent("wheel", { deltaY: -30, ctrlKey, cancelable: true, bubbles: true }),
    );
  const scale = (): string => one(diagram, "svg.canvas > g").getAttribute("transform") ?? "";
  const whole = scale();
  assert.ok(wheel(false), "the page's own scrolling is left alone");
  await drawn(diagram);
  assert.is(scale(), whole);
  assert.not.ok(wheel(true));
  await drawn(diagram);
  assert.is.not(scale(), whole);
  node(diagram, "xt").focus();
  await press(diagram, "0");
  assert.is(scale(), whole);
  await press(diagram, "+");
  assert.is.not(scale(), whole);
  await press(diagram, "-");
  assert.is(scale(), whole);
});

test("a drag moves what is larger than its window, and is no click", async () => {
  const diagram = await mount("net-diagram", { net, open: "none" }, 600);
  const svg = one<SVGSVGElement>(diagram, "svg.canvas");
  svg.setPointerCapture = () => {};
  all<HTMLButtonElement>(diagram, ".tools button")[1]?.click();
  all<HTMLButtonElement>(diagram, ".tools button")[1]?.click();
  await drawn(diagram);
  const { x, y } = node(diagram, "xt").getBoundingClientRect();
  const point = (type: string, dx: number): boolean =>
    svg.dispatchEvent(
      new PointerEvent(type, {
        pointerId: 1,
        button: 0,
        clientX: x + 20 + dx,
        clientY: y + 10,
        bubbles: true,
      }),
    );
  point("pointerdown", 0);
  point("pointermove", -30);
  point("pointerup", -30);
  await click(diagram, node(diagram, "xt"));
  assert.is(diagram.selected, null);
  assert.ok(node(diagram, "xt").getBoundingClientRect().x < x - 20);
});

test("pointing at a node lights the lines into it and out of it", async () => {
  const diagram = await mount("net-diagram", { net, open: "none" }, 1136);
  node(diagram, "xt").dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
  await frame();
  assert.is(all(diagram, ".lit .line").length, 4);
  one(diagram, "svg.canvas").dispatchEvent(new PointerEvent("pointerleave"));
  await frame();
  assert.is(all(diagram, ".lit .line").length, 0);
});

test("live values change without a new layout", async () => {
  const diagram = await mount("net-diagram", { net, values: { x0: [0.25, 1] } }, 1136);
  const before = node(diagram, "xt");
  const place = before.getAttribute("transform");
  assert.ok(all(diagram, ".value").some(({ textContent }) => textContent === "0.25"));
  diagram.values = { x0: [0.5, -1] };
  await drawn(diagram);
  assert.ok(all(diagram, ".value").some(({ textContent }) => textContent === "−1"));
  assert.is(node(diagram, "xt"), before);
  assert.is(before.getAttribute("transform"), place);
});

test("the same net with other weights keeps its drawing, and tells the new weights", async () => {
  const diagram = await mount("net-diagram", { net }, 1136);
  await click(diagram, node(diagram, "model.model.1"));
  await click(diagram, one(diagram, '[data-id="model"] .head'));
  await click(diagram, node(diagram, "model"));
  await click(diagram, node(diagram, "model.model.1"));
  const [element, about] = [node(diagram, "model.model.1"), text(one(diagram, ".about"))];
  diagram.net = initialize(training(), { seed: 2 });
  await drawn(diagram);
  assert.is(node(diagram, "model.model.1"), element);
  assert.is.not(text(one(diagram, ".about")), about);
});

test("formulas are drawn as MathML that fits its node", async () => {
  const diagram = await mount("net-diagram", { net }, 1136);
  const math = one(diagram, '[data-id="xt"] math').getBoundingClientRect();
  const outline = one(diagram, '[data-id="xt"] .outline').getBoundingClientRect();
  assert.ok(math.width > 40 && math.width < outline.width && math.height < outline.height);
  assert.ok(
    math.left > outline.left &&
      math.right < outline.right &&
      math.top > outline.top &&
      math.bottom < outline.bottom,
  );
});

test("words fit their nodes", async () => {
  for (const width of [320, 1136]) {
    const diagram = await mount("net-diagram", { net, open: "all" }, width);
    for (const element of all(diagram, ".node:not(.open)")) {
      const outline = element.querySelector(".outline")?.getBoundingClientRect() as DOMRect;
      for (const word of element.querySelectorAll("text:not(.caption)")) {
        const { left, right, width } = word.getBoundingClientRect();
        if (width > 0)
          assert.ok(left > outline.left && right < outline.right, `${word.textContent} at ${width}`);
      }
    }
  }
});

test("a file of the drawing is an SVG of its own, in the colours of the page, and a browser shows it", async () => {
  const diagram = await mount("net-diagram", { net, label: "Training & net" }, 1136);
  const light = diagram.exportSVG();
  diagram.dataset.theme = "dark";
  const dark = diagram.exportSVG();
  assert.is.not(light, dark);
  assert.match(dark, "rgb(20, 22, 26)");
  assert.not.match(light, /var\(|light-dark/);
  const parsed = new DOMParser().parseFromString(light, "image/svg+xml");
  assert.is(parsed.querySelector("parsererror"), null);
  assert.is(parsed.querySelector("title")?.textContent, "Training & net");
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([light], { type: "image/svg+xml" }));
  await image.decode();
  assert.ok(image.naturalWidth > 600);
});

test("names of hostile nets stay text", async () => {
  const name = `<img src=x onerror="broken=1">`;
  const hostile = graph({
    inputs: { [name]: [3] },
    nodes: {
      [`${name}2`]: graph({
        inputs: { [name]: [3] },
        nodes: { [`${name}3`]: linear(2) },
        edges: { [`${name}3`]: name },
        outputs: `${name}3`,
      } as never),
    },
    edges: { [`${name}2`]: { [name]: name } },
    outputs: { "<script>": `${name}2` },
  } as never) as Net;
  const diagram = await mount("net-diagram", { net: hostile, open: "all" }, 1136);
  await click(diagram, one(diagram, ".node:not(.open)"));
  assert.is(all(diagram, "img, script").length, 0);
  assert.match(text(diagram), "<img src=x onerror=");
  assert.is((globalThis as { broken?: number }).broken, undefined);
  assert.is(
    new DOMParser()
      .parseFromString(diagram.exportSVG(), "image/svg+xml")
      .querySelector("img, script, parsererror"),
    null,
  );
});

test("a net that cannot be drawn says why, by name and in its place, fires error, and a good one takes its place", async () => {
  const faulty = graph({
    inputs: { x: [2] },
    nodes: { a: linear(2) },
    edges: { a: "x" },
    outputs: "a",
  } as never) as Net;
  const broken = JSON.parse(JSON.stringify(faulty).replace('"input":"x"', '"input":"y"'));
  const diagram = document.createElement("net-diagram");
  const errors = heard(diagram, "error") as { message: string; faults: unknown[] }[];
  diagram.style.width = "600px";
  document.body.append(diagram);
  diagram.net = broken;
  await drawn(diagram);
  assert.is(errors.length, 1);
  assert.match(errors[0]?.message ?? "", /a: .*y/);
  assert.is(one(diagram, ".fault").getAttribute("role"), "alert");
  assert.match(text(one(diagram, ".fault")), "This net cannot be drawn.");
  assert.is(diagram.exportSVG(), "");
  diagram.net = faulty;
  await drawn(diagram);
  assert.equal(ids(diagram), ["<x", "a", ">a"]);
});

test("whatever is given, the element stays whole", async () => {
  const diagram = await mount("net-diagram", {}, 600);
  assert.match(text(diagram), "No net yet");
  for (const value of ["", "{", "[]", 7, {}, { op: "graph" }, { op: "nothing", options: {} }, [], () => 1]) {
    diagram.net = value as Net;
    await drawn(diagram);
    assert.ok(one(diagram, ".fault"), JSON.stringify(value));
  }
  diagram.net = null;
  await drawn(diagram);
  assert.match(text(diagram), "No net yet");
});

test("the text of a net, as property or attribute, is drawn like the net", async () => {
  const diagram = await mount("net-diagram", {}, 1136);
  diagram.setAttribute("net", toJSON(net));
  await drawn(diagram);
  const other = await mount("net-diagram", { net: fromJSON(toJSON(net)) }, 1136);
  assert.is(diagram.exportSVG(), other.exportSVG());
});

test("a single layer and a chain are drawn as they are", async () => {
  for (const bare of [chain([linear(4), relu, linear(2)]), chain([linear(3)])] as Extract<
    Net,
    { op: "chain" }
  >[]) {
    const whole = graph({
      inputs: { x: [2] },
      nodes: { all: bare },
      edges: { all: "x" },
      outputs: "all",
    } as never) as Net;
    const diagram = await mount("net-diagram", { net: whole }, 600);
    assert.is(ids(diagram).length, 2 + bare.layers.length);
  }
});

test("opening and closing a toy net takes no long task", async () => {
  const diagram = await mount("net-diagram", { net, open: "none" }, 1136);
  const long: number[] = [];
  const observer = new PerformanceObserver((list) =>
    long.push(...list.getEntries().map(({ duration }) => duration)),
  );
  const times: number[] = [];
  for (let i = 0; i < 10; i++) {
    const begin = performance.now();
    diagram.toggle("model");
    await diagram.updateComplete;
    times.push(performance.now() - begin);
    await frame();
  }
  observer.disconnect();
  times.sort((a, b) => a - b);
  assert.ok((times[5] ?? 0) < 50, times.map((t) => t.toFixed(0)).join());
});

test.run();
