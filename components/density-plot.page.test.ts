import { test } from "uvu";
import * as assert from "uvu/assert";
import { draw, spiral, standardize } from "../runtime/data/index.js";
import "./density-plot.js";
import { all, drawn, mount, one, pixel, text } from "./plot/mount.js";

/** Points around (−1, −1) and (1, 1): the view is 2.32 units wide and 286 pixels. */
const data: [number, number][] = [
  ...Array.from({ length: 400 }, (_, i): [number, number] => [
    -1 + 0.1 * Math.sin(i),
    -1 + 0.1 * Math.cos(i),
  ]),
  [1, 1],
];
const canvas = (plot: Element): HTMLCanvasElement => one<HTMLCanvasElement>(plot, "canvas");
const place = (plot: Element, x: number, y: number): readonly number[] => {
  const { clientWidth: size } = canvas(plot);
  // The view that the element chooses: the extent of the data, from −1.1 to 1, a sixth wider.
  const [middle, half] = [-0.05, 1.05 * 1.16];
  return pixel(canvas(plot), ((x - middle) / half + 1) * (size / 2), (1 - (y - middle) / half) * (size / 2));
};

test("density is blue where the data are and nothing elsewhere", async () => {
  const plot = await mount("density-plot", { data });
  const [r = 0, , b = 0, a] = place(plot, -1, -0.9);
  assert.ok(a === 255 && b > r + 40, `${place(plot, -1, -0.9)}`);
  assert.equal(place(plot, 0.9, -0.9), [255, 255, 255, 255]);
});

test("samples are orange dots over it", async () => {
  const plot = await mount("density-plot", {
    data,
    samples: [
      [0.9, -0.9],
      [0.5, 0.2],
    ],
  });
  for (const [x, y] of [
    [0.9, -0.9],
    [0.5, 0.2],
  ] as const) {
    const [r = 0, , b = 0] = place(plot, x, y);
    assert.ok(r > b + 80, `${place(plot, x, y)}`);
  }
});

test("the margins count both, and the label says how many there are", async () => {
  const plot = await mount("density-plot", { data, samples: [[0, 0]] });
  for (const side of [".top", ".side"]) {
    assert.is(all(plot, `${side} .data`).length, 1);
    assert.is(all(plot, `${side} .samples`).length, 1);
  }
  assert.is(canvas(plot).getAttribute("aria-label"), "Density of 401 data points under 1 samples");
});

test("of many samples some are drawn, and the key says of how many", async () => {
  const many = draw(standardize(spiral(3000)));
  const plot = await mount("density-plot", { data: many, samples: many });
  assert.match(text(plot), "1,000 of 3,000 samples");
});

test("colours follow the theme", async () => {
  const plot = await mount("density-plot", { data });
  document.documentElement.dataset.theme = "dark";
  await drawn(plot);
  assert.equal(place(plot, 0.9, -0.9), [0x14, 0x16, 0x1a, 255]);
  delete document.documentElement.dataset.theme;
  await drawn(plot);
  assert.equal(place(plot, 0.9, -0.9), [255, 255, 255, 255]);
});

test("the picture is square and sharp: a pixel of the canvas for each of the screen's", async () => {
  const plot = await mount("density-plot", { data }, 250);
  assert.is(canvas(plot).clientWidth, canvas(plot).clientHeight);
  assert.is(canvas(plot).width, Math.round(canvas(plot).clientWidth * Math.max(1, devicePixelRatio)));
});

test("numbers on a line are refused in words", async () => {
  const plot = await mount("density-plot", { data: [1, 2, 3] });
  assert.is(
    one(plot, "[role=alert]").textContent,
    "<density-plot>: data takes points of 2 numbers but receives points of 1",
  );
});

test.run();
