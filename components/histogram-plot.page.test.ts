import { test } from "uvu";
import * as assert from "uvu/assert";
import { normals } from "../dsl/random.js";
import "./histogram-plot.js";
import { all, drawn, markup, mount, one, text } from "./plot/mount.js";

const data = normals(5000, { seed: 1 });
const samples = normals(300, { seed: 2 });

test("a small histogram is this text", async () => {
  const plot = await mount(
    "histogram-plot",
    { data: [0, 1, 1, 3], samples: [0, 3], bins: 4, height: 100 },
    202,
  );
  assert.fixture(markup(one(plot, "svg")), GOLDEN);
});

test("data and samples are counted in the same bins, and how many there are is told", async () => {
  const plot = await mount("histogram-plot", { data, samples, bins: 30 });
  const steps = (selector: string) => one(plot, selector).getAttribute("d")?.match(/H/g)?.length;
  assert.is(steps(".edge"), 30);
  assert.is(steps(".samples"), 30);
  assert.is(one(plot, "svg").getAttribute("aria-label"), "Histogram of 5,000 data points and 300 samples");
});

test("before the first samples the data stand alone, with the note in the key", async () => {
  const plot = await mount("histogram-plot", { data, note: "appear while it trains" });
  assert.is(all(plot, ".samples").length, 0);
  assert.match(text(plot), "appear while it trains");
  plot.samples = samples;
  await drawn(plot);
  assert.is(all(plot, ".samples").length, 1);
  assert.not.match(text(plot), "appear while it trains");
});

test("arrays [n, 1] and plain typed arrays are the same data", async () => {
  const [a, b] = [
    await mount("histogram-plot", { data }),
    await mount("histogram-plot", { data: { shape: [5000, 1], dtype: "float32", data } }),
  ];
  // [n, 1] has points of one number, as [n] has.
  assert.is(markup(one(a, "svg")), markup(one(b, "svg")));
});

test("what cannot be drawn is told in the element, as text, until it is mended", async () => {
  const plot = await mount("histogram-plot", { data: [[1, 2]] });
  assert.match(
    one(plot, "[role=alert]").textContent ?? "",
    "<histogram-plot>: data: takes points of 1 number but receives",
  );
  plot.data = ["<img src=x onerror=alert(1)>"] as unknown as number[];
  await drawn(plot);
  assert.match(one(plot, "[role=alert]").textContent ?? "", "<img src=x");
  assert.is(all(plot, "img").length, 0);
  plot.data = data;
  await drawn(plot);
  assert.is(all(plot, "[role=alert]").length, 0);
  assert.is(all(plot, ".edge").length, 1);
});

/** width 202, height 100: bars over 1 … 201 of the range −0.3 … 3.3, heights from the axis at 76 up to 12. */
const GOLDEN = `<svg role="img" height="100" viewBox="0 0 202 100" aria-label="Histogram of 4 data points and 2 samples">
<path class="data" d="M1.0 44.0H51.0V12.0H101.0V76.0H151.0V44.0H201.0L201 76H1Z"></path>
<path class="edge" d="M1.0 44.0H51.0V12.0H101.0V76.0H151.0V44.0H201.0"></path>
<path class="samples" d="M1.0 12.0H51.0V76.0H101.0V76.0H151.0V12.0H201.0"></path>
<line class="axis" x1="0" x2="202" y1="76" y2="76"></line>
<line class="axis" x1="17.7" x2="17.7" y1="76" y2="80"></line>
<text text-anchor="middle" x="17.7" y="95">0</text><line class="axis" x1="128.8" x2="128.8" y1="76" y2="80"></line>
<text text-anchor="middle" x="128.8" y="95">2</text>
</svg>`;

test.run();
