import { test } from "uvu";
import * as assert from "uvu/assert";
import { normals } from "../dsl/random.js";
import "./loss-plot.js";
import { drawn, markup, mount, one, text } from "./plot/mount.js";

const losses = normals(60_000, { seed: 1 }).map((z, i) => (0.2 + 1 / (1 + i / 8)) * Math.exp(0.1 * z));
const svg = (plot: Element): SVGElement => one<SVGElement>(plot, "svg");

test("a small plot is this text", async () => {
  const plot = await mount("loss-plot", { losses: [1, 0.5, 0.25, 0.2], floor: 0.1, height: 140 }, 300);
  assert.fixture(markup(svg(plot)), GOLDEN);
});

test("losses that come one report after the other give the plot of all at once", async () => {
  const whole = await mount("loss-plot", { losses });
  const parts = await mount("loss-plot");
  for (let from = 0; from < losses.length; from += 997) parts.extend(losses.subarray(from, from + 997));
  await drawn(parts);
  assert.is(parts.steps, 60_000);
  assert.is(parts.latest, whole.latest);
  assert.is(markup(svg(parts)), markup(svg(whole)));
});

test("60,000 steps are drawn through about a hundred points, and the last mean is told", async () => {
  const plot = await mount("loss-plot", { losses });
  const points = one(plot, ".mean").getAttribute("d")?.split("L") ?? [];
  assert.ok(points.length > 40 && points.length < 150, `${points.length}`);
  assert.match(svg(plot).getAttribute("aria-label") ?? "", /^Loss over 60,000 steps, now 0\.20\d$/);
  assert.match(text(plot), /0\.20\d/);
});

test("a report of some hundred steps takes a few milliseconds", async () => {
  const plot = await mount("loss-plot", { losses });
  const begin = performance.now();
  for (let i = 0; i < 20; i++) {
    plot.extend(losses.subarray(0, 200));
    await plot.updateComplete;
  }
  const each = (performance.now() - begin) / 20;
  assert.ok(each < 25, `${each} ms`);
});

test("before the first step there are axes and no curve", async () => {
  const plot = await mount("loss-plot");
  assert.is(svg(plot).getAttribute("aria-label"), "Loss: no step yet");
  assert.is(plot.latest, null);
  assert.is(plot.shadowRoot?.querySelector(".mean"), null);
});

test("losses that are not finite leave the curve whole, and new losses replace the old", async () => {
  const plot = await mount("loss-plot", { losses: [1, Number.NaN, 0.5] });
  assert.not.match(markup(svg(plot)), /NaN|Infinity/);
  plot.losses = [];
  await drawn(plot);
  assert.is(plot.steps, 0);
  assert.is(plot.shadowRoot?.querySelector(".mean"), null);
});

test("it is as wide as its place", async () => {
  const plot = await mount("loss-plot", { losses }, 500);
  assert.is(svg(plot).getAttribute("viewBox"), "0 0 500 336");
  plot.style.width = "288px";
  await drawn(plot);
  assert.is(svg(plot).getAttribute("viewBox"), "0 0 288 230");
});

/** width 300, height 140; x: 1 … 10 over 34 … 292, y: 0.085 … 1.12 over 114 … 10, both in logarithms. */
const GOLDEN = `<svg role="img" height="140" viewBox="0 0 300 140" aria-label="Loss over 4 steps, now 0.200">
<line class="grid" x1="34" x2="292" y1="107.3" y2="107.3"></line>
<text text-anchor="end" x="26" y="111.3">0.1</text><line class="grid" x1="34" x2="292" y1="79.4" y2="79.4"></line>
<text text-anchor="end" x="26" y="83.4">0.2</text><line class="grid" x1="34" x2="292" y1="42.5" y2="42.5"></line>
<text text-anchor="end" x="26" y="46.5">0.5</text><line class="grid" x1="34" x2="292" y1="14.6" y2="14.6"></line>
<text text-anchor="end" x="26" y="18.6">1</text>
<line class="axis" x1="34" x2="292" y1="114" y2="114"></line>
<line class="axis" x1="34.0" x2="34.0" y1="114" y2="118"></line>
<text x="34.0" y="134" text-anchor="middle">1</text><line class="axis" x1="292.0" x2="292.0" y1="114" y2="118"></line>
<text x="292.0" y="134" text-anchor="end">10</text>
<path class="band" d="M34.0 14.6L111.7 42.5L157.1 70.4L189.3 79.4L189.3 79.4L157.1 70.4L111.7 42.5L34.0 14.6Z"></path>
<line class="floor" x1="34" x2="292" y1="107.3" y2="107.3"></line>
<text x="38" y="102.3">least possible 0.100</text>
<path class="mean" d="M34.0 14.6L111.7 42.5L157.1 70.4L189.3 79.4"></path>
<circle class="last" r="3.5" cx="189.3" cy="79.4"></circle>
<text class="value" x="191.3" y="70.4" text-anchor="middle">0.200</text>
</svg>`;

test.run();
