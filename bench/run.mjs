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
import { buildKernels, options, workers } from "../esbuild.config.mjs";
import { launch, serve } from "../test/browser.mjs";
import { firstStep } from "./first-step.mjs";
import { memoryCases, memoryOf } from "./memory.mjs";
import { startWorker } from "./page.mjs";
import { findPython, startPytorch } from "./pytorch.mjs";
import { median, race, rowsOf } from "./race.mjs";
import { races, rowOf } from "./races.mjs";
import { inWords } from "./table.mjs";

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
  await build({ ...common, entryPoints: { worker: "bench/worker.ts", ...workers } });
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

/** The races that are picked, one after the other: their rows, and how fast ours of simd are. */
async function runRaces(picks, browser, cases, report) {
  const [server, isolated] = await Promise.all([serve(out), serve(out, { isolated: true })]);
  const pytorch = picks.length > 0 ? await startPytorchs() : undefined;
  for (const entry of picks)
    await attempt(rowOf(entry), async () => {
      const worker = await startWorker(browser, (entry.isolated ? isolated : server).url);
      try {
        const results = await race(entry, { worker, pytorch, cases }, { rounds: Number(asked.rounds), say });
        report.rows.push(...rowsOf(entry, results));
        if (entry.ours === "graffusion simd" && !entry.case.startsWith("DDPM"))
          report.rates.push({ row: rowOf(entry), ...(await rateOf(entry, results[0], worker, cases)) });
      } finally {
        await worker.close();
      }
    });
  for (const process of Object.values(pytorch ?? {})) process.close();
  await server.close();
  await isolated.close();
}

/** The operations a second of a step, and of a loop that only multiplies and adds. */
async function rateOf({ case: name }, { times }, worker, cases) {
  const { flops } = await cases.costOf(name);
  const { gflops: peak, fused } = await worker.ask("peak");
  const gflops = flops / 1e6 / median(times);
  return { gigaflop: flops / 1e9, gflops, peak, share: gflops / peak, fused };
}

/** Does a part of the report; what goes wrong is said, fails the run, and leaves the other parts. */
async function attempt(name, part) {
  try {
    await part();
  } catch (error) {
    process.exitCode = 1;
    say(`${name}: ${error.message.slice(0, 2000)}`);
  }
}

async function main() {
  const cases = await bundle();
  const browser = await launch();
  const report = { rows: [], rates: [], sizes: [] };
  try {
    const picks = races.filter((entry) => picked(rowOf(entry)));
    await runRaces(picks, browser, cases, report);
    for (const name of memoryCases.filter((name) => picked(`memory: ${name}, simd`)))
      await attempt(`memory: ${name}`, async () => {
        report.rows.push(...(await memoryOf(name, { browser, out, cases })));
      });
    if (picked("size: toy demo, simd"))
      await attempt("size", async () => {
        const { rows, parts } = await firstStep(browser, out);
        report.rows.push(...rows);
        report.sizes.push(...parts);
      });
  } finally {
    await browser.close();
  }
  const [{ model: processor } = { model: "" }] = cpus();
  const machine = { processor, cores: cpus().length };
  console.log(asked.json ? JSON.stringify({ machine, ...report }) : inWords(machine, report));
}

process.on("exit", () => rmSync(out, { recursive: true, force: true }));
await main();
