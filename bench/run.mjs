/**
 * `npm run bench [-- --json] [--rounds N] [PATTERN …]`: everything that the project wants to reach, as a table of what
 * is measured, wanted and met, in a worker of headless Chromium (PyTorch: natively, where a Python has it). A pattern
 * picks the rows whose name has it; `--json` prints the table as one JSON object, with the median and the least time
 * of each contender.
 */
import { cpSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { buildKernels, options } from "../esbuild.config.mjs";
import { launch, serve } from "../test/browser.mjs";
import { startWorker } from "./page.mjs";
import { findPython, startPytorch } from "./pytorch.mjs";
import { race, rowsOf } from "./race.mjs";
import { races, rowOf } from "./races.mjs";
import { table } from "./table.mjs";

process.chdir(resolve(dirname(fileURLToPath(import.meta.url)), ".."));
const { values: asked, positionals: patterns } = parseArgs({
  options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "15" } },
  allowPositionals: true,
});
const out = `bench/out/${process.pid}`;
const say = (text) => process.stderr.write(`${text}\n`);
const picked = (name) =>
  patterns.length === 0 || patterns.some((p) => name.toLowerCase().includes(p.toLowerCase()));

/** Bundles the worker, and what this process itself takes from the sources. */
async function bundle() {
  buildKernels();
  const common = { ...options, outdir: out, logLevel: "error" };
  await build({ ...common, entryPoints: { worker: "bench/worker.ts" } });
  await build({ ...common, entryPoints: { host: "bench/host.ts" }, platform: "node", splitting: false });
  const tfjsWasm = "node_modules/@tensorflow/tfjs-backend-wasm/dist";
  cpSync(tfjsWasm, join(out, "tfjs-wasm"), {
    recursive: true,
    filter: (path) => path === tfjsWasm || path.endsWith(".wasm"),
  });
  return import(resolve(out, "host.js"));
}

/** PyTorch by its number of threads; undefined where no Python has it. */
async function startPytorchs() {
  if (findPython()) return { 1: await startPytorch(1), 2: await startPytorch(2) };
  say("PyTorch: no python3 here has torch (Debian: apt-get install python3-torch); its rows are left out");
}

async function main() {
  const cases = await bundle();
  const server = await serve(out);
  const browser = await launch();
  const wanted = races.filter((entry) => picked(rowOf(entry)));
  const pytorch = wanted.length > 0 ? await startPytorchs() : undefined;
  const rows = [];
  try {
    for (const entry of wanted) {
      const worker = await startWorker(browser, server.url);
      const results = await race(entry, { worker, pytorch, cases }, { rounds: Number(asked.rounds), say });
      await worker.close();
      rows.push(...rowsOf(entry, results));
    }
  } finally {
    for (const process of Object.values(pytorch ?? {})) process.close();
    await browser.close();
    await server.close();
  }
  const [{ model } = { model: "" }] = cpus();
  if (asked.json) console.log(JSON.stringify({ machine: { processor: model, cores: cpus().length }, rows }));
  else console.log(`\n${model}, ${cpus().length} cores\n\n${table(rows)}`);
}

process.on("exit", () => rmSync(out, { recursive: true, force: true }));
await main();
