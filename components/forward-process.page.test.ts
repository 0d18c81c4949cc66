import { test } from "uvu";
import * as assert from "uvu/assert";
import { draw, gaussianMixture, spiral, standardize } from "../runtime/data/index.js";
import { linearSchedule } from "../runtime/diffusion/index.js";
import type { ForwardProcess } from "./forward-process.js";
import "./forward-process.js";
import { all, drawn, mount, one, text } from "./plot/mount.js";

const schedule = linearSchedule();
const line = draw(standardize(gaussianMixture(4000)));
const plane = draw(standardize(spiral(2000)));
const captions = (element: Element) => all(element, ".cap").map(text);
async function slideTo(element: ForwardProcess, at: number): Promise<void> {
  const slider = one<HTMLInputElement>(element, "input");
  slider.value = String(at);
  slider.dispatchEvent(new Event("input"));
  await drawn(element);
}
/** The mean colour of what is drawn on a canvas, without the scale bar's corner. */
function meanColour(canvas: HTMLCanvasElement): readonly [number, number, number] {
  const g = canvas.getContext("2d") as CanvasRenderingContext2D;
  const { data } = g.getImageData(0, 0, canvas.width, Math.round(canvas.height * 0.75));
  const sum = [0, 0, 0, 0];
  for (let i = 0; i < data.length; i += 4)
    for (let c = 0; c < 4; c++)
      sum[c] = (sum[c] as number) + (data[i + c] as number) * (c < 3 ? (data[i + 3] as number) / 255 : 1);
  const [r = 0, gr = 0, b = 0, a = 1] = sum;
  return [(r / a) * 255, (gr / a) * 255, (b / a) * 255];
}
/** How far the dots of a canvas lie from its middle, as a share of its half: root of the mean square. */
function spread(canvas: HTMLCanvasElement): number {
  const g = canvas.getContext("2d") as CanvasRenderingContext2D;
  const { data } = g.getImageData(0, 0, canvas.width, canvas.height);
  let [sum, weight] = [0, 0];
  for (let i = 0; i < data.length; i += 4) {
    const [x, y] = [(i / 4) % canvas.width, Math.floor(i / 4 / canvas.width)];
    sum += (data[i + 3] as number) * ((x / canvas.width - 0.5) ** 2 + (y / canvas.height - 0.5) ** 2) * 4;
    weight += data[i + 3] as number;
  }
  return Math.sqrt(sum / weight);
}

test("the six times, each with its share of signal", async () => {
  const element = await mount("forward-process", { data: plane, schedule }, 1136);
  assert.equal(captions(element), [
    "t = 1 99.99 %",
    "t = 5 98.9 %",
    "t = 10 95.5 %",
    "t = 50 28 %",
    "t = 100 0.6 %",
    "t = 200 0 %",
  ]);
  const widths = all(element, ".share i").map((bar) => Number.parseFloat(bar.style.width));
  schedule.alphaBars
    .filter((_, i) => [1, 5, 10, 50, 100, 200].includes(i + 1))
    .forEach((alphaBar, i) => assert.ok(Math.abs((widths[i] as number) - alphaBar * 100) < 0.01));
});

test("other numbers of steps have the same shares of them, each once", async () => {
  const times = async (steps: number) =>
    all<HTMLCanvasElement>(
      await mount("forward-process", { data: plane, schedule: linearSchedule({ steps }) }, 1136),
      ".strip canvas",
    ).map((c) => c.dataset.t);
  assert.equal(await times(1000), ["1", "25", "50", "250", "500", "1000"]);
  assert.equal(await times(4), ["1", "2", "4"]);
});

test("dots go from the colour of data to that of noise", async () => {
  const element = await mount("forward-process", { data: plane, schedule }, 1136);
  const tiles = all<HTMLCanvasElement>(element, ".strip canvas");
  const blueness = tiles.map((tile) => {
    const [r, , b] = meanColour(tile);
    return b - r;
  });
  blueness.slice(1).forEach((value, i) => assert.ok(value <= (blueness[i] as number) + 2, `${blueness}`));
  assert.ok((blueness[0] as number) > 100 && (blueness[5] as number) < 40, `${blueness}`);
});

test("the slider shows the data at any time", async () => {
  const element = await mount("forward-process", { data: plane, schedule }, 1136);
  const [picture] = all<HTMLCanvasElement>(element, ".one canvas") as [HTMLCanvasElement];
  assert.match(text(element), /^Data 1,000 of 2,000/);
  const before = meanColour(picture);
  await slideTo(element, 100);
  assert.match(text(element), /^Noisy data.* t = 200/);
  assert.is(one(element, "input").getAttribute("aria-valuetext"), "t = 200");
  assert.ok(spread(picture) > 0.3);
  assert.ok(meanColour(picture)[0] > before[0] + 60);
  await slideTo(element, 0);
  assert.match(text(element), /^Data 1,000/);
});

test("numbers are histograms that melt into the bell of N(0, 1)", async () => {
  const element = await mount("forward-process", { data: line, schedule }, 1136);
  const tops = all<SVGElement>(element, ".strip svg").map((svg) => {
    const heights = [
      ...(svg.querySelector(".edge")?.getAttribute("d") ?? "").matchAll(/[MV][\d.]* ?([\d.]+)/g),
    ].map(([whole, y]) => Number(whole.startsWith("V") ? whole.slice(1) : y));
    return Math.min(...heights);
  });
  assert.is(tops.length, 6);
  assert.ok((tops[0] as number) < 20 && (tops[5] as number) > 35, `${tops}`);
  assert.is(all(element, ".bell").length, 7);
});

test("a schedule that leaves signal is warned of", async () => {
  const weak = linearSchedule({ betaEnd: 0.02 });
  const element = await mount("forward-process", { data: line, schedule: weak }, 700);
  assert.match(one(element, "[role=status]").textContent ?? "", "√ᾱ = 0.36");
  element.schedule = schedule;
  await drawn(element);
  assert.is(all(element, "[role=status]").length, 0);
});

test("wide it is one row, in between data beside three columns, narrow one column; never wider than its place", async () => {
  const columns = (element: Element) =>
    getComputedStyle(one(element, ".strip")).gridTemplateColumns.split(" ").length;
  for (const [width, want] of [
    [1136, 6],
    [900, 3],
    [320, 3],
  ] as const) {
    const element = await mount("forward-process", { data: plane, schedule }, width);
    assert.is(columns(element), want);
    assert.ok(element.scrollWidth <= width, `${element.scrollWidth} in ${width}`);
  }
});

test("points of three numbers are refused in words", async () => {
  const element = await mount("forward-process", { data: [[1, 2, 3]], schedule });
  assert.match(
    one(element, "[role=alert]").textContent ?? "",
    "<forward-process>: data: takes points of 1 to 2 numbers",
  );
});

test.run();
