import { test } from "uvu";
import * as assert from "uvu/assert";
import type { NDArray } from "../dsl/array.js";
import { drawn, frame, mount, one, pixel, text } from "./plot/mount.js";
import type { TrajectoryPlayer } from "./trajectory-player.js";
import "./trajectory-player.js";

/** All points go from (0, 0) at the largest t to (1, 1) at t = 0; on a line from 0 to 1. */
const way = (dims: number, count = 20, frames = 41): NDArray => {
  const size = count * Math.max(1, dims);
  return {
    shape: dims === 0 ? [frames, count] : [frames, count, dims],
    dtype: "float32",
    data: Float32Array.from({ length: frames * size }, (_, i) => Math.floor(i / size) / (frames - 1)),
  };
};
const slider = (player: Element) => one<HTMLInputElement>(player, "input");
const canvas = (player: Element) => one<HTMLCanvasElement>(player, "canvas");
const button = (player: Element) => one<HTMLButtonElement>(player, "button");
const isOrange = ([r = 0, , b = 0, a = 0]: readonly number[]) => a > 100 && r > b + 60;
/** Whether there is a dot at (x, y) of the view −2.3 … 2.3. */
const dotAt = (player: Element, x: number, y: number): boolean => {
  const size = canvas(player).clientWidth;
  return isOrange(pixel(canvas(player), (x / 4.6 + 0.5) * size, (0.5 - y / 4.6) * size));
};
async function slideTo(player: TrajectoryPlayer, at: number): Promise<void> {
  slider(player).value = String(at);
  slider(player).dispatchEvent(new Event("input"));
  await drawn(player);
}

test("it shows the samples first, and the slider leads back to the noise", async () => {
  const player = await mount("trajectory-player", { trajectory: way(2) });
  assert.is(player.time, 0);
  assert.ok(dotAt(player, 1, 1));
  assert.not(dotAt(player, 0, 0));
  await slideTo(player, 0);
  assert.is(player.time, 40);
  assert.ok(dotAt(player, 0, 0));
  assert.not(dotAt(player, 1, 1));
  assert.is(slider(player).getAttribute("aria-valuetext"), "t = 40");
  assert.match(text(player), "t = 40");
});

test("its stops are finer near t = 0", async () => {
  const player = await mount("trajectory-player", { trajectory: way(2, 20, 201) });
  await slideTo(player, Math.round(Number(slider(player).max) / 2));
  assert.ok((player.time as number) <= 60, `${player.time} of 200`);
});

test("play goes on from the noise to the samples and stops there; pause holds it", async () => {
  const player = await mount("trajectory-player", {
    trajectory: way(2),
    times: Array.from({ length: 41 }, (_, i) => 80 - 2 * i),
  });
  button(player).click();
  await drawn(player);
  assert.is(button(player).getAttribute("aria-label"), "Pause");
  const from = player.time as number;
  assert.ok(from > 40, `${from}`);
  await new Promise((resolve) => setTimeout(resolve, 400));
  button(player).click();
  await drawn(player);
  const held = player.time as number;
  assert.ok(held < from, `${held}`);
  assert.is(button(player).getAttribute("aria-label"), "Play");
  await slideTo(player, Number(slider(player).max) - 1);
  player.play();
  for (let i = 0; i < 120 && player.time !== 0; i++) await frame();
  await drawn(player);
  assert.is(player.time, 0);
  assert.is(button(player).getAttribute("aria-label"), "Play");
});

test("numbers are paths over time, in an array with or without an axis for the one coordinate", async () => {
  for (const dims of [0, 1]) {
    const player = await mount("trajectory-player", { trajectory: way(dims), data: [0, 1, 1] });
    const { clientWidth: width, clientHeight: height } = canvas(player);
    const [end, noise] = [width - 64, 4];
    // ±3.12 over the height above the axis.
    const y = (value: number) => (0.5 - value / 6.24) * (height - 24);
    assert.ok(isOrange(pixel(canvas(player), end, y(1))), "the head of the paths");
    assert.not(isOrange(pixel(canvas(player), end, y(-1))));
    await slideTo(player, 0);
    assert.ok(isOrange(pixel(canvas(player), noise, y(0))));
    assert.not(isOrange(pixel(canvas(player), end, y(1))));
  }
});

test("a newer trajectory of the same times is shown at the time that the slider is at", async () => {
  const player = await mount("trajectory-player", { trajectory: way(2) });
  await slideTo(player, 10);
  const time = player.time;
  player.trajectory = way(2, 30);
  await drawn(player);
  assert.is(player.time, time);
});

test("without a trajectory it waits, with its note", async () => {
  const player = await mount("trajectory-player", { note: "The way appears here" });
  assert.match(text(player), "The way appears here");
  assert.ok(button(player).disabled && slider(player).disabled);
  player.play();
  assert.is(player.time, null);
});

test("a trajectory that does not fit is refused in words", async () => {
  const player = await mount("trajectory-player", { trajectory: way(3) });
  assert.match(
    one(player, "[role=alert]").textContent ?? "",
    /takes \[frames, n, d\].* but receives an array of shape \[41, 20, 3\]/,
  );
  player.trajectory = way(2);
  player.times = [3, 2, 1];
  await drawn(player);
  assert.match(one(player, "[role=alert]").textContent ?? "", /with 3 times$/);
  const broken = way(2);
  broken.data[broken.data.length - 1] = Number.NaN;
  player.times = null;
  player.trajectory = broken;
  await drawn(player);
  assert.match(one(player, "[role=alert]").textContent ?? "", /receives NaN$/);
  player.trajectory = way(2);
  await drawn(player);
  assert.is(player.time, 0);
});

test.run();
