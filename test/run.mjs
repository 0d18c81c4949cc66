/**
 * `node test/run.mjs [pattern]`: bundles and runs every test whose path contains the pattern.
 *
 * - `name.test.ts` runs in Node, each file in a process of its own;
 * - `name.page.test.ts` runs in headless Chromium, each file in a fresh page;
 * - `name.backend.test.ts` runs in Node and in a dedicated worker of Chromium;
 * - `name.isolated.test.ts` runs in Node and in a worker of a page that is cross-origin isolated.
 *
 * `biome check` and `tsc` go first, as one test each. A file has `TEST_SECONDS` (default 180) to finish. Bundles lie
 * flat in one folder, with the session's worker beside them, so that `new URL("./…", import.meta.url)` holds there too;
 * tests that read files find them from the root of the repository, which is the working directory.
 */
import { execFile, fork } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";
import { build } from "esbuild";
import { launch, serve } from "./browser.mjs";

process.chdir(resolve(import.meta.dirname, ".."));
const pattern = process.argv[2] ?? "";
const limit = Number(process.env.TEST_SECONDS ?? 180) * 1000;
const out = `dist-test/${process.pid}`;
const harness = "test/harness.mjs";
const workers = ["workers/session.worker.ts", "runtime/backends/simd/thread.worker.ts"].filter((file) =>
  existsSync(file),
);
const total = { passed: 0, failed: 0, skipped: 0 };

const execute = promisify(execFile);
const failure = (report) => ({ passed: 0, failed: 1, skipped: 0, report });
/** `dsl/graph.test.ts` → `dsl.graph.test`: the bundle's name in the flat folder. */
const flat = (file) => file.replaceAll(/[\\/]/g, ".").replace(/\.m?ts$|\.mjs$/, "");

/** Adds one result to the total and prints it; a passing file takes one line. */
function tell(title, seconds, { passed, failed, skipped, report }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  const mark = failed ? "✘" : "•";
  const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`].filter(
    Boolean,
  );
  console.log(`${mark} ${title}: ${counts.join(", ")} (${seconds.toFixed(1)} s)`);
  const text = process.stdout.isTTY ? report : stripVTControlCharacters(report);
  if (text) console.log(text.trimEnd());
}

/** Runs the jobs, `width` at a time, in order. */
async function runAll(jobs, width) {
  const queue = [...jobs];
  const lane = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const start = performance.now();
      const result = await job.run().catch((error) => failure(error.stack));
      tell(job.title, (performance.now() - start) / 1000, result);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** A command that passes when it exits with 0; else what it printed is the report. */
const check = (title, script, ...args) => ({
  title,
  run: () =>
    execute(process.execPath, [script, ...args], { maxBuffer: 1e8 }).then(
      () => ({ passed: 1, failed: 0, skipped: 0, report: "" }),
      (error) => failure(`${error.stdout}${error.stderr}`),
    ),
});

/** Bundles the files for "node" or "browser"; those that cannot be are told as failed. Returns those that can. */
async function bundle(files, platform) {
  const options = {
    bundle: true,
    format: "esm",
    target: "es2022",
    splitting: true,
    platform,
    packages: platform === "node" ? "external" : "bundle",
    outdir: join(out, platform),
    loader: { ".wasm": "binary" },
    sourcemap: "inline",
    logLevel: "silent",
  };
  const entries = (list) => list.map((file) => ({ in: file, out: flat(file) }));
  const own = [
    { in: harness, out: "harness" },
    ...workers.map((file) => ({ in: file, out: file.replace(/^.*\/|\.ts$/g, "") })),
  ];
  try {
    await build({ ...options, entryPoints: [...own, ...entries(files)] });
    return files;
  } catch {
    const good = [];
    for (const file of files)
      await build({ ...options, entryPoints: entries([file]), write: false }).then(
        () => good.push(file),
        (error) => tell(`${file} (${platform})`, 0, failure(`It cannot be bundled: ${error.message}`)),
      );
    await build({ ...options, entryPoints: [...own, ...entries(good)] });
    return good;
  }
}

/** Errors and warnings that were printed go into the report of a failed file. */
const withPrinted = (result, printed) =>
  result.failed ? { ...result, report: result.report + printed } : result;

const inNode = (file) => ({
  title: `${file} in Node`,
  run: () =>
    new Promise((done) => {
      const script = resolve(out, "node", `${flat(file)}.js`);
      const child = fork(join(out, "node", "harness.js"), [pathToFileURL(script).href], {
        silent: true,
        execArgv: ["--enable-source-maps"],
      });
      let printed = "";
      let result;
      child.stdout.resume(); // uvu's dots
      child.stderr.on("data", (text) => (printed += text));
      const timer = setTimeout(() => child.kill("SIGKILL"), limit);
      child.on("message", (message) => (result = message));
      child.on("close", (code, signal) => {
        clearTimeout(timer);
        const why = signal
          ? `It was ended after ${limit / 1000} s (${signal})`
          : `The process ended early (${code})`;
        result ??= failure(`${why}.\n`);
        done(withPrinted(result, printed));
      });
    }),
});

const inBrowser = (file, context, url, inWorker) => ({
  title: `${file} in a ${inWorker ? "worker" : "page"}`,
  run: async () => {
    const page = await context.newPage();
    let printed = "";
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) printed += `  console: ${message.text()}\n`;
    });
    let timer;
    const late = new Promise((done) => {
      timer = setTimeout(() => done(failure(`It was ended after ${limit / 1000} s.\n`)), limit);
    });
    const crash = new Promise((done) => page.once("crash", () => done(failure("The page crashed.\n"))));
    try {
      await page.goto(url);
      const work = page.evaluate(inWorker ? workerTest : pageTest, `/${flat(file)}.js`);
      const result = await Promise.race([work.catch((error) => failure(`${error.message}\n`)), late, crash]);
      return withPrinted(result, printed);
    } finally {
      clearTimeout(timer);
      await page.close();
    }
  },
});

/* These two run in the page. */
const pageTest = async (bundle) => (await import("/harness.js")).runFile(bundle);
const workerTest = (bundle) =>
  new Promise((done, fail) => {
    const worker = new Worker("/harness.js", { type: "module" });
    worker.onmessage = ({ data }) => done(data);
    worker.onerror = (event) => fail(new Error(event.message ?? "the worker cannot be loaded"));
    worker.postMessage(bundle);
  });

async function main() {
  const files = readdirSync(".", { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^\.|^node_modules$|^dist/.test(entry.name))
    .flatMap(({ name }) =>
      readdirSync(name, { recursive: true }).map((file) => join(name, file).replaceAll("\\", "/")),
    )
    .filter((file) => file.endsWith(".test.ts") && file.includes(pattern))
    .sort();
  const kind = (name) => files.filter((file) => file.endsWith(`.${name}.test.ts`));
  const pages = kind("page");
  const backends = kind("backend");
  const isolated = kind("isolated");
  const node = files.filter((file) => !pages.includes(file));
  const checks = [
    check("biome check", "node_modules/@biomejs/biome/bin/biome", "check", "."),
    check("tsc --noEmit", "node_modules/typescript/bin/tsc", "--noEmit"),
  ].filter(({ title }) => title.includes(pattern));
  if (files.length + checks.length === 0) throw new Error(`No test has "${pattern}" in its path.`);

  const kernels = "runtime/backends/simd/build-kernels.mjs";
  if (files.length && existsSync(kernels)) await execute(process.execPath, [kernels]);
  await runAll([...checks, ...(node.length ? await bundle(node, "node") : []).map(inNode)], 2);
  if (pages.length + backends.length + isolated.length === 0) return;

  const bundled = await bundle([...pages, ...backends, ...isolated], "browser");
  const servers = [false, true].map((isolated) => serve(join(out, "browser"), { isolated }));
  const [server, isolating] = await Promise.all(servers);
  const browser = await launch();
  try {
    const context = await browser.newContext();
    const jobs = (list, { url }, inWorker) =>
      list.filter((file) => bundled.includes(file)).map((file) => inBrowser(file, context, url, inWorker));
    await runAll([...jobs(backends, server, true), ...jobs(isolated, isolating, true)], 2);
    await runAll(jobs(pages, server, false), 1); // alone: they measure time
  } finally {
    await browser.close();
    await Promise.all([server.close(), isolating.close()]);
  }
}

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
process.on("exit", () => rmSync(out, { recursive: true, force: true }));
try {
  await main();
} catch (error) {
  tell("test/run.mjs", 0, failure(error.stderr || error.stack));
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed ? 1 : 0);
