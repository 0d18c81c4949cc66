/** What the UNet needs of memory: its plan beside the sum of all its values, and the browser's process at its peak. */
import { existsSync, readFileSync } from "node:fs";
import { serve } from "../test/browser.mjs";
import { startWorker } from "./page.mjs";

export const memoryCases = ["UNet, batch 32", "UNet, batch 256"];
const megabytes = (bytes) => Number((bytes / 1e6).toPrecision(4));

/** Rows of a case, after a training step of it on simd in a page of its own. */
export async function memoryOf(name, { browser, out, cases }) {
  const server = await serve(out);
  const worker = await startWorker(browser, server.url);
  const [loss] = await worker.ask("make", name, "graffusion", "simd", name, 1);
  const peak = await peakOf(browser);
  await worker.close();
  await server.close();
  if (!Number.isFinite(loss)) throw new Error(`memory: ${name} gives the loss ${loss}`);
  const { microBatch, memory } = await cases.costOf(name);
  const ours = megabytes(memory.planned);
  const theirs = megabytes(memory.values);
  const row = `memory: ${name}, simd`;
  const plan = `plan of ${microBatch} examples at a time`;
  return [
    {
      ...{ row: `${row}, ${plan}`, against: "all values, each in a place of its own", unit: "MB" },
      ...{ ours, theirs, ratio: Number((theirs / ours).toPrecision(3)) },
    },
    ...(peak
      ? [{ row: `${row}, the page's process at its peak`, against: "", unit: "MB", ours: megabytes(peak) }]
      : []),
  ];
}

/** The most bytes that the largest page's process has had in memory; undefined where there is no /proc. */
async function peakOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const peaks = processInfo
    .filter(({ type, id }) => type === "renderer" && existsSync(`/proc/${id}/status`))
    .map(
      ({ id }) => 1024 * Number(readFileSync(`/proc/${id}/status`, "utf8").match(/VmHWM:\s*(\d+)/)?.[1] ?? 0),
    );
  return peaks.length > 0 ? Math.max(...peaks) : undefined;
}
