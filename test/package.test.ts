/** The package as its users get it: built into a folder of its own, then imported by name. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildOptions, BuildResult, Metafile } from "esbuild";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { launch, serve } from "./browser.mjs";
import { contract } from "./contract.js";

interface Build {
  readonly options: BuildOptions;
  buildBundles(outdir: string): Promise<BuildResult<{ metafile: true }>>;
  buildTypes(outdir: string): void;
}
interface FirstStep {
  readonly most: { readonly kilobytes: number };
  firstStep(
    browser: Awaited<ReturnType<typeof launch>>,
    out: string,
    visits: number,
  ): Promise<{
    readonly rows: readonly { readonly unit: string; readonly ours: number }[];
    readonly parts: readonly {
      readonly file: string;
      readonly of: readonly (readonly [source: string, kilobytes: number])[];
    }[];
  }>;
}
// By address, so that it is not bundled into this file: it finds the repository from where it lies.
const build = (await import(pathToFileURL(resolve("esbuild.config.mjs")).href)) as Build;
const consumer = `dist-test/package-${process.pid}`;
const home = join(consumer, "node_modules/graffusion");
const dist = join(home, "dist");

mkdirSync(home, { recursive: true });
process.on("exit", () => rmSync(consumer, { recursive: true, force: true }));
cpSync("package.json", join(home, "package.json"));
writeFileSync(join(consumer, "package.json"), '{ "name": "consumer", "type": "module" }');
const { metafile } = await build.buildBundles(dist);
build.buildTypes(dist);

/** Runs a module of the consumer's and gives what it prints. */
function inNode(source: string): string {
  writeFileSync(join(consumer, "main.mjs"), source);
  const { status, stdout, stderr } = spawnSync(process.execPath, ["main.mjs"], {
    cwd: consumer,
    encoding: "utf8",
    timeout: 60_000,
  });
  // Node prints the failing line, and a minified line is a whole module.
  if (status !== 0) throw new Error(stderr.replaceAll(/^.{400,}$/gm, "…"));
  return stdout;
}
const subpath = (entry: string): string => (entry === "index" ? "graffusion" : `graffusion/${entry}`);

for (const [entry, names] of Object.entries(contract))
  test(`${subpath(entry)} gives what others rely on, in Node`, () => {
    const exported = JSON.parse(
      inNode(`import * as all from "${subpath(entry)}"; console.log(JSON.stringify(Object.keys(all)));`),
    ) as string[];
    assert.equal(
      names.filter((name) => !exported.includes(name)),
      [],
    );
  });

test("importing the package in Node defines no global that pretends to be a page", () => {
  const added = inNode(`
    const before = Object.getOwnPropertyNames(globalThis);
    await import("graffusion");
    console.log(JSON.stringify(Object.getOwnPropertyNames(globalThis).filter((name) => !before.includes(name))));`);
  // Lit and zod note their versions and settings.
  const wrong = (JSON.parse(added) as string[]).filter((name) => !/^(lit|reactiveElement|__zod)/.test(name));
  assert.equal(wrong, []);
});

test("the example of the README trains and samples as it stands, in Node", () => {
  const [, code = ""] = readFileSync("README.md", "utf8").match(/```ts\n([^`]+)```/) ?? [];
  assert.match(code, /steps: 2_000/);
  const lines = inNode(code.replace("steps: 2_000", "steps: 30")).trim().split("\n");
  assert.match(lines.at(-2) ?? "", /^30 [\d.]+$/);
  assert.is(lines.at(-1), "[ 1000, 2 ]");
});

test("the declarations of every subpath compile in a strict project", () => {
  const imports = Object.keys(contract).map((entry) => `import * as ${entry} from "${subpath(entry)}";`);
  const uses = Object.entries(contract).flatMap(([entry, names]) =>
    names.map((name) => `void ${entry}.${name};`),
  );
  writeFileSync(join(consumer, "main.ts"), [...imports, ...uses].join("\n"));
  const compilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: "es2022",
    module: "nodenext",
  };
  writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
  const tsc = resolve("node_modules/typescript/bin/tsc");
  assert.is(spawnSync(process.execPath, [tsc, "-p", consumer], { encoding: "utf8" }).stdout, "");
});

test("the modules work in a page from one folder, without a bundler, under a strict policy", async () => {
  const server = await serve(dist);
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    const exported: Record<string, string[]> = await page.evaluate(async (entries: string[]) => {
      const modules = entries.map(async (entry) => [entry, Object.keys(await import(`/${entry}.js`))]);
      return Object.fromEntries(await Promise.all(modules));
    }, Object.keys(contract));
    for (const [entry, names] of Object.entries(contract))
      assert.equal(
        names.filter((name) => !exported[entry]?.includes(name)),
        [],
        entry,
      );
    const steps = await page.evaluate(async () => {
      const module: string = "/index.js";
      const { chain, graph, linear, meanSquaredLoss, train } = await import(module);
      const nodes = { model: chain([linear(4), 1]), loss: meanSquaredLoss() };
      const edges = { model: "x", loss: ["model", "y"] };
      const net = graph({ inputs: { x: [1], y: [1] }, nodes, edges, outputs: "loss" });
      const data = { x: [[1], [2]], y: [[3], [4]] };
      return (await train(net, { data, batchSize: 2, until: { steps: 5 } }).result).steps;
    });
    assert.is(steps, 5);
  } finally {
    await browser.close();
    await server.close();
  }
});

test("no bundle makes code from text", () => {
  const files = readdirSync(dist).filter((name) => name.endsWith(".js"));
  const wrong = files.filter((name) =>
    /\beval\(|\bnew Function\(/.test(readFileSync(join(dist, name), "utf8")),
  );
  assert.equal(wrong, []);
});

/** The outputs that a module loads at once. */
function loadedAtOnce({ outputs }: Metafile, output: string, seen = new Set<string>()): Set<string> {
  if (seen.has(output)) return seen;
  seen.add(output);
  for (const { path, kind } of outputs[output]?.imports ?? [])
    if (kind === "import-statement" && path in outputs) loadedAtOnce({ inputs: {}, outputs }, path, seen);
  return seen;
}
const inputsOf = ({ outputs }: Metafile, files: Iterable<string>): string[] =>
  [...files].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
const ofTfjs = (path: string): boolean => path.includes("@tensorflow/");

test("tfjs lies in chunks that are loaded when a backend asks for them", () => {
  const all = inputsOf(metafile, Object.keys(metafile.outputs));
  assert.ok(all.some(ofTfjs), "some chunk has tfjs");
  const entries = Object.entries(metafile.outputs).filter(([, { entryPoint }]) =>
    entryPoint?.match(/^(?!node_modules|runtime\/backends\/web).*(index|worker)\.ts$/),
  );
  assert.ok(entries.length >= 7);
  for (const [output] of entries)
    assert.equal(inputsOf(metafile, loadedAtOnce(metafile, output)).filter(ofTfjs), [], output);
});

test("the demo page loads little before its first training step on simd, and nothing of tfjs", async () => {
  const { firstStep, most } = (await import(
    pathToFileURL(resolve("bench/first-step.mjs")).href
  )) as FirstStep;
  const browser = await launch();
  try {
    const { rows, parts } = await firstStep(browser, consumer, 1);
    const kilobytes = rows.find(({ unit }) => unit === "kB")?.ours ?? Number.NaN;
    console.log(`The demo loads ${kilobytes} kB gzipped before its first step, in ${parts.length} files.`);
    assert.ok(
      parts.some(({ file }) => /^basic-/.test(file)),
      "kernels are among it",
    );
    assert.ok(kilobytes < most.kilobytes, `${kilobytes} kB`);
    const wrong = parts.filter(({ of }) => of.some(([source]) => source.startsWith("@tensorflow/")));
    assert.equal(wrong, []);
  } finally {
    await browser.close();
  }
});

test.run();
