/**
 * `npm run bench [-- --json] [--case TEXT] [--who TEXT] [--rounds N]`: one training step of the toy nets, by each
 * contender, in a worker of headless Chromium (PyTorch: natively, where python3 has it).
 *
 * All contenders of a case live at once and take turns, round by round, so that whatever else the machine does slows
 * them alike. In a round each takes as many steps as fill about 25 ms, for the worker's clock ticks in tenths of a
 * millisecond; the figures are the median and the minimum over the rounds. Before that, the losses of the first steps
 * are compared: a contender that computes something else ends the run.
 */
import { spawn } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { buildKernels, options } from "../esbuild.config.mjs";
import { launch, serve } from "../test/browser.mjs";

process.chdir(resolve(dirname(fileURLToPath(import.meta.url)), ".."));
const { values: asked } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    case: { type: "string", default: "" },
    who: { type: "string", default: "" },
    rounds: { type: "string", default: "15" },
  },
});
const out = `bench/out/${process.pid}`;
const warmUp = 3;

const contenders = [
  ["graffusion", "simd"],
  ["jax-js", "wasm"],
  ["tfjs", "wasm"],
  ["layers", "wasm"],
  ["graffusion", "webgl"],
  ["tfjs", "webgl"],
  ["layers", "webgl"],
  ["pytorch", "cpu"],
];

/** Starts pytorch.py; null where python3 or torch is missing. Its methods are those of the worker. */
async function startPytorch() {
  const child = spawn("python3", ["bench/pytorch.py"], { stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.on("error", () => {});
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const gone = new Promise((done) => child.once("error", done).once("close", done)).then(() => ({
    done: true,
  }));
  const answer = async () => {
    const { done, value } = await Promise.race([lines.next(), gone]);
    if (done) throw new Error("pytorch.py ended");
    return JSON.parse(value);
  };
  const ask = (...message) => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    return answer();
  };
  const ready = await answer().catch(() => null);
  return ready && { ask, close: () => child.kill() };
}

/** Opens a page with the worker; `ask(method, ...args)` calls it. */
async function startWorker(browser, url) {
  const page = await browser.newPage();
  await page.goto(url);
  await page.evaluate(() => {
    const worker = new Worker("/worker.js", { type: "module" });
    globalThis.ask = (message) =>
      new Promise((done, fail) => {
        worker.onmessage = ({ data }) => ("error" in data ? fail(new Error(data.error)) : done(data.value));
        worker.onerror = (event) => fail(new Error(event.message ?? "the worker cannot be loaded"));
        worker.postMessage(message);
      });
  });
  return { ask: (...message) => page.evaluate((m) => globalThis.ask(m), message), close: () => page.close() };
}

const median = (list) => {
  const sorted = list.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
const say = (text) => asked.json || console.log(text);

/** Times all contenders of one case, taking turns. */
async function race({ name, sizes, batchSize }, adam, worker, pytorch) {
  const racing = [];
  for (const [who, backend] of contenders) {
    if (!who.includes(asked.who) || (who === "pytorch" && !pytorch)) continue;
    const id = `${who} ${backend}`;
    const native = who === "pytorch";
    const losses = native
      ? await pytorch.ask("make", sizes, batchSize, adam, warmUp)
      : await worker.ask("make", id, who, backend, name, warmUp);
    const time = (steps) => (native ? pytorch.ask("time", steps) : worker.ask("time", id, steps));
    racing.push({ id, who, backend, native, losses, time, samples: [] });
  }
  const [reference] = racing;
  for (const { id, losses } of racing)
    if (losses.some((loss, i) => !(Math.abs(loss / reference.losses[i] - 1) < 1e-3)))
      throw new Error(
        `${name}: ${id} computes the losses ${losses}, but ${reference.id} ${reference.losses}`,
      );

  for (const one of racing) {
    const once = await one.time(1);
    one.steps = Math.max(1, Math.round(25 / (await one.time(Math.max(1, Math.round(10 / once))))));
  }
  for (let round = 0; round < Number(asked.rounds); round++)
    for (const one of racing) one.samples.push(await one.time(one.steps));
  for (const { id, native } of racing) if (!native) await worker.ask("dispose", id);
  return racing.map(({ who, backend, samples, steps }) => ({
    case: name,
    backend,
    who,
    medianMs: Number(median(samples).toPrecision(4)),
    minMs: Number(Math.min(...samples).toPrecision(4)),
    runs: samples.length * steps,
  }));
}

/** The results of a case as a Markdown table; ratios are to graffusion on simd, on webgl to graffusion there. */
function table(results) {
  const ours = (backend) =>
    results.find((r) => r.who === "graffusion" && r.backend === (backend === "webgl" ? "webgl" : "simd"))
      ?.medianMs;
  const rows = results.map(({ who, backend, medianMs, minMs }) => {
    const base = ours(backend);
    const ratio = base ? (medianMs / base).toFixed(2) : "";
    return `| ${who} | ${backend} | ${medianMs.toPrecision(3)} | ${minMs.toPrecision(3)} | ${ratio} |`;
  });
  return ["| who | backend | median ms | min ms | × graffusion |", "|---|---|---:|---:|---:|", ...rows].join(
    "\n",
  );
}

async function main() {
  buildKernels();
  await build({
    ...options,
    entryPoints: { worker: "bench/worker.ts", cases: "bench/cases.ts" },
    outdir: out,
    logLevel: "error",
  });
  const { cases, adam, multiplyAdds } = await import(resolve(out, "cases.js"));
  const tfjsWasm = "node_modules/@tensorflow/tfjs-backend-wasm/dist";
  cpSync(tfjsWasm, join(out, "tfjs-wasm"), {
    recursive: true,
    filter: (path) => path === tfjsWasm || path.endsWith(".wasm"),
  });
  const server = await serve(out);
  const browser = await launch();
  const pytorch = await startPytorch();
  try {
    for (const net of cases.filter(({ name }) => name.includes(asked.case))) {
      const worker = await startWorker(browser, server.url);
      const results = await race(net, adam, worker, pytorch);
      await worker.close();
      if (asked.json) for (const result of results) console.log(JSON.stringify(result));
      say(
        `\n**${net.name}** (${(multiplyAdds(net) / 1e6).toFixed(0)} million multiply-adds a step)\n\n${table(results)}`,
      );
    }
  } finally {
    pytorch?.close();
    await browser.close();
    await server.close();
  }
}

process.on("exit", () => rmSync(out, { recursive: true, force: true }));
await main();
