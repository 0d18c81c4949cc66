/**
 * The page as its first visitor meets it: what is loaded until the first training step of the first demo, on simd, and
 * when the first frame with content and that step come. Train is pressed as soon as it is there.
 */
import { cpSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { options, workers } from "../esbuild.config.mjs";
import { serve } from "../test/browser.mjs";
import { median, met } from "./race.mjs";

export const most = { kilobytes: 120, frame: 1, step: 1.5 };

/**
 * Presses Train once it is there; resolves with the times of the first frame and of the first reported step, in ms since
 * navigation began, at `origin` of the clock.
 */
const visit = () =>
  new Promise((done) => {
    const frame = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
    const demo = document.querySelector("diffusion-demo");
    demo.backend = "simd";
    demo.addEventListener(
      "progress",
      () => done({ frame: frame(), step: performance.now(), origin: performance.timeOrigin }),
      {
        once: true,
      },
    );
    const press = () => {
      const button = [...(demo.shadowRoot?.querySelectorAll("button") ?? [])].find((b) =>
        b.textContent.includes("Train"),
      );
      if (button && !button.disabled) button.click();
      else requestAnimationFrame(press);
    };
    press();
  });

/**
 * Rows: kilobytes, seconds to the first frame, seconds to the first step, medians of so many visits; and what the kilobytes
 * are made of.
 */
export async function firstStep(browser, out, visits = 5) {
  const folder = join(out, "demo");
  cpSync("demo", folder, { recursive: true });
  const { metafile } = await build({
    ...options,
    entryPoints: { main: "demo/main.ts", ...workers },
    outdir: folder,
    metafile: true,
    logLevel: "error",
  });
  const server = await serve(folder);
  const asked = new Set();
  const times = [];
  try {
    for (let i = 0; i < visits; i++) {
      const context = await browser.newContext();
      const requests = [];
      context.on("request", (request) => requests.push(request));
      const page = await context.newPage();
      await page.goto(server.url, { waitUntil: "commit" });
      await page.waitForSelector("diffusion-demo", { state: "attached" });
      const time = await page.evaluate(visit);
      times.push(time);
      // What the step itself asks for, such as the plot of its loss, comes after it; or never, and has no start then.
      const before = ({ startTime }) => startTime > 0 && startTime < time.origin + time.step;
      for (const request of requests.filter((r) => before(r.timing())))
        asked.add(new URL(request.url()).pathname);
      await context.close();
    }
  } finally {
    await server.close();
  }
  const files = [...asked].map((path) => join(folder, path === "/" ? "index.html" : path));
  const parts = files.map((file) => ({ file, bytes: gzipSync(readFileSync(file)).length }));
  const kilobytes = parts.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
  const row = (name, unit, ours, limit) => ({
    ...{ row: `size: toy demo, simd, ${name}`, against: "", unit, ours: Number(ours.toPrecision(4)) },
    ...{ most: limit, met: met(limit, ours) },
  });
  return {
    rows: [
      row("gzipped until the first training step", "kB", kilobytes, most.kilobytes),
      row("first contentful frame", "s", median(times.map((t) => t.frame)) / 1000, most.frame),
      row("first training step", "s", median(times.map((t) => t.step)) / 1000, most.step),
    ],
    parts: parts.map(({ file, bytes }) => ({
      file: file.slice(folder.length + 1),
      kilobytes: bytes / 1000,
      of: sourcesOf(metafile.outputs[file.slice(resolve(".").length + 1)] ?? metafile.outputs[file]),
    })),
  };
}

/** The folders and packages that a bundle is made of, the largest first, in minified kilobytes. */
function sourcesOf(output) {
  const sums = new Map();
  for (const [path, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    const name =
      path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? path.split("/").slice(0, 2).join("/");
    sums.set(name, (sums.get(name) ?? 0) + bytesInOutput / 1000);
  }
  return [...sums].sort((a, b) => b[1] - a[1]).slice(0, 12);
}
