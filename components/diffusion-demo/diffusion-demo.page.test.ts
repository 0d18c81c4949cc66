import { test } from "uvu";
import * as assert from "uvu/assert";
import { closeWorkers, setWorkerFactory } from "../../workers/index.js";
import { all, drawn, mount, one, text } from "../plot/mount.js";
import { button, choose, event, metric, press, steps, wait } from "./clicks.js";
import type { DiffusionDemo } from "./diffusion-demo.js";
import "./diffusion-demo.js";

interface Report {
  readonly step: number;
  readonly loss: number;
  readonly distance: number | null;
  readonly stepsPerSecond: number;
}
/** A demo that learns at once: small, on the backend that needs no trial. */
const small = { data: "gaussianMixture", hiddenLayers: "16x1", backend: "simd", seconds: 60 } as const;
const demo = (properties: Partial<DiffusionDemo> = {}, width = 1136) =>
  mount("diffusion-demo", { ...small, ...properties }, width);

test("untrained it shows data, forward process and net, and waits for Train", async () => {
  const element = await demo();
  for (const part of ["forward-process", "net-diagram", "loss-plot", "histogram-plot", "trajectory-player"])
    one(element, part);
  assert.equal(
    ["Train", "Generate", "Reset"].map((words) => button(element, words).disabled),
    [false, true, true],
  );
  assert.is(metric(element, "Step"), "–");
  assert.match(text(element), "Untrained. Press Train");
  element.remove();
});

test("its attributes are there to read, as the data set sets them and as menus change them", async () => {
  document.body.insertAdjacentHTML(
    "beforeend",
    `<diffusion-demo data="moons" steps="100" hidden="8x2" batch-size="64" seed="7" sampler="ddpmBetaTilde" backend="cpu"></diffusion-demo>`,
  );
  const element = document.body.lastElementChild as DiffusionDemo;
  await drawn(element);
  assert.equal(
    [element.data, element.steps, element.hiddenLayers, element.batchSize, element.seed],
    ["moons", 100, "8x2", 64, 7],
  );
  assert.is(getComputedStyle(element).display, "block");
  assert.is(element.getAttribute("model"), null, "what is not given is the data's choice");
  one(element, "density-plot");
  await choose(element, "Data", "ramp");
  assert.is(element.getAttribute("data"), "ramp");
  one(element, "histogram-plot");
  element.remove();
});

test("driven by clicks: train, pause, resume, generate, reset", async () => {
  const element = await demo();
  await press(element, "Train");
  const first = await event<Report>(element, "progress");
  assert.ok(first.step >= 1 && Number.isFinite(first.loss) && first.stepsPerSecond > 0);
  await event<Report>(element, "progress", ({ step }) => step > first.step + 50);
  const sampled = await event<Report & { floor: number }>(element, "samples");
  assert.ok(sampled.distance !== null && sampled.distance > 0 && sampled.floor > 0);
  const later = await event<Report>(element, "progress");
  assert.is(later.distance, sampled.distance);
  await drawn(element);
  assert.match(text(element), /distance 0\.\d{3} ?, floor 0\.\d{3}/);

  await press(element, "Pause");
  await wait(1);
  const held = steps(element);
  await wait(1);
  assert.is(steps(element), held);
  assert.match(text(element), "Paused after");

  const generated = event<{ samples: { shape: readonly number[] }; step: number }>(
    element,
    "samples",
    ({ samples }) => samples.shape[0] === 10_000,
  );
  await press(element, "Generate");
  assert.is((await generated).step, held);
  await drawn(element);
  assert.match(text(one(element, "histogram-plot")), "10,000 samples");
  assert.is.not(one<HTMLElement & { time: number | null }>(element, "trajectory-player").time, null);

  await press(element, "Resume");
  await event<Report>(element, "progress", ({ step }) => step > held);

  await press(element, "Reset");
  assert.is(metric(element, "Step"), "–");
  assert.is(one<HTMLElement & { steps: number }>(element, "loss-plot").steps, 0);
  assert.ok(button(element, "Generate").disabled);
  await wait(0.5);
  assert.is(metric(element, "Step"), "–");
  element.remove();
});

test("methods do what the buttons do, and a finished run ends with 10,000 samples and can go on", async () => {
  const element = await demo({ seconds: 2 });
  const last = event<{ samples: { shape: readonly number[] } }>(
    element,
    "samples",
    ({ samples }) => samples.shape[0] === 10_000,
  );
  const ended = element.train();
  await last;
  await ended;
  await drawn(element);
  assert.match(text(element), /Trained for [\d,]+ steps on simd\. Its samples are 0\.\d+ from the data/);
  const before = steps(element);
  await press(element, "Train more");
  const { step } = await event<Report>(element, "progress");
  assert.ok(step > before, `${step} after ${before}`);
  await element.pause();
  element.reset();
  await drawn(element);
  assert.match(text(element), "Untrained");
  element.remove();
});

test("a wrong attribute is told in the element and by an event, as text, until it is mended", async () => {
  const element = await demo();
  const told = event<{ message: string }>(element, "error");
  element.setAttribute("data", "<img src=x onerror=alert(1)>");
  assert.match((await told).message, "data takes gaussianMixture, ramp, spiral");
  await drawn(element);
  assert.match(text(one(element, "[role=alert]")), "receives “<img src=x onerror=alert(1)>”");
  assert.is(all(element, "img").length, 0);
  assert.ok(button(element, "Train").disabled);
  element.setAttribute("steps", "many");
  await drawn(element);
  assert.match(
    text(one(element, "[role=alert]")),
    "steps takes a whole number from 2 to 4000 but receives “many”",
  );
  element.setAttribute("data", "ramp");
  element.setAttribute("steps", "50");
  await drawn(element);
  assert.is(all(element, "[role=alert]").length, 0);
  assert.not(button(element, "Train").disabled);
  element.remove();
});

test("a batch larger than the data is told, and the demo can be set right", async () => {
  const element = await demo({ points: [[0], [1], [2], [3]], batchSize: 64 });
  const told = event<{ message: string }>(element, "error");
  await press(element, "Train");
  const { message } = await told;
  await drawn(element);
  assert.match(text(one(element, "[role=alert]")), message.split("\n")[0] as string);
  assert.match(message, /64/);
  element.batchSize = 4;
  await drawn(element);
  assert.is(all(element, "[role=alert]").length, 0);
  await press(element, "Train");
  await event(element, "progress");
  element.remove();
});

test("samples of a net that is not trained are refused in words", async () => {
  const element = await demo();
  const told = event<{ message: string }>(element, "error");
  await element.generate();
  assert.match((await told).message, "generate: takes a net that has been trained");
  await drawn(element);
  one(element, "[role=alert]");
  element.remove();
});

test("a loss that stops being finite ends the run with its step and node, and the last good net can be sampled", async () => {
  const element = await demo({ rate: 1e30 });
  const told = event<{ message: string }>(element, "error");
  await press(element, "Train");
  assert.match((await told).message, /step \d+/);
  await drawn(element);
  one(element, "[role=alert]");
  assert.not(button(element, "Generate").disabled);
  assert.not(button(element, "Train").disabled);
  element.remove();
});

test("a worker that cannot be loaded is told, and a later one works", async () => {
  setWorkerFactory(() => new Worker("nowhere.js", { type: "module" }));
  const element = await demo();
  const told = event<{ message: string }>(element, "error");
  await press(element, "Train");
  assert.match((await told).message, /could not be loaded/);
  await drawn(element);
  assert.match(text(one(element, "[role=alert]")), "could not be loaded");
  setWorkerFactory(undefined);
  await press(element, "Train");
  await event(element, "progress");
  await drawn(element);
  assert.is(all(element, "[role=alert]").length, 0);
  element.remove();
});

test("an element that leaves the page stops its work", async () => {
  const element = await demo();
  await press(element, "Train");
  await event(element, "progress");
  element.remove();
  let reports = 0;
  element.addEventListener("progress", () => reports++);
  await wait(1);
  assert.is(reports, 0);
});

test("from wide to narrow nothing is wider than its place", async () => {
  for (const [width, columns] of [
    [1136, 3],
    [700, 2],
    [320, 1],
  ] as const) {
    const element = await demo({}, width);
    assert.is(getComputedStyle(one(element, ".results")).gridTemplateColumns.split(" ").length, columns);
    for (const child of all(element, ".bar *, section, section > *, forward-process, .note"))
      assert.ok(
        child.getBoundingClientRect().right <= element.getBoundingClientRect().right + 0.5,
        child.className,
      );
    element.remove();
  }
});

test("while it trains and samples, the page's thread has no task longer than 50 ms", async () => {
  const element = await demo({ data: "spiral", hiddenLayers: "64x3" });
  const long: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => long.push(...list.getEntries()));
  await press(element, "Train");
  await event(element, "samples");
  observer.observe({ type: "longtask" });
  // Other programs of this machine can hold the thread up; in one window of four there is to be none.
  const found: number[] = [];
  for (let i = 0; i < 4; i++) {
    long.length = 0;
    await event(element, "samples");
    await wait(1);
    if (long.length === 0) break;
    found.push(Math.max(...long.map(({ duration }) => duration)));
  }
  observer.disconnect();
  element.remove();
  assert.ok(found.length < 4, `longest tasks: ${found.join(", ")} ms`);
});

test.after(closeWorkers);
test.run();
