/**
 * `npm run bench:demo [-- DATA …]`: opens the page in headless Chromium, presses Train on each demo and prints a row for every
 * look at the samples: seconds since the press, steps, samples, distance to the data, and that of two fresh samples
 * of the data; then the tasks of more than 50 ms on the page's main thread while it trained.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { launch } from "../test/browser.mjs";

const server = spawn(process.execPath, ["esbuild.config.mjs", "--serve"], {
  stdio: ["ignore", "pipe", "inherit"],
});
const [line] = await once(createInterface(server.stdout), "line");
const [address] = line.match(/http:\S+/);
const browser = await launch();
try {
  for (const data of process.argv.length > 2 ? process.argv.slice(2) : ["gaussianMixture", "spiral"]) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(address);
    const demo = page.locator(`diffusion-demo[data="${data}"]`);
    await demo.getByRole("button", { name: "Train" }).waitFor();
    console.log(`\n${data}\n\n| seconds | step | samples | distance | floor |\n|---:|---:|---:|---:|---:|`);
    await page.exposeFunction("row", (row) => console.log(`| ${row.join(" | ")} |`));
    await demo.evaluate((element) => {
      const start = performance.now();
      const longTasks = [];
      const observer = new PerformanceObserver((list) =>
        longTasks.push(...list.getEntries().map((entry) => Math.round(entry.duration))),
      );
      observer.observe({ entryTypes: ["longtask"] });
      window.looks = 0;
      element.addEventListener("samples", ({ detail: { step, samples, distance, floor } }) => {
        window.looks++;
        window.row([
          ((performance.now() - start) / 1000).toFixed(1),
          step,
          samples.shape[0],
          distance?.toFixed(4) ?? "",
          floor?.toFixed(4) ?? "",
        ]);
      });
      window.longTasks = longTasks;
    });
    await demo.getByRole("button", { name: "Train" }).click();
    await demo.getByRole("button", { name: "Train more" }).waitFor({ timeout: 180_000 });
    // The finished net is sampled once more, in full.
    const looks = await page.evaluate("window.looks");
    await page.waitForFunction((before) => window.looks > before, looks, { timeout: 120_000 });
    const long = await page.evaluate("window.longTasks");
    console.log(`\ntasks longer than 50 ms: ${long.length > 0 ? long.join(", ") : "none"}`);
    await page.close();
  }
} finally {
  await browser.close();
  server.kill();
}
