/**
 * The types of the language: what must compile does, what must not is refused in the words that stand above it,
 * the same words come at run time, and large graphs stay cheap to check.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { inferShapes, type Net, NetError } from "../dsl/index.js";
import { laws } from "./type-laws.js";
import * as good from "./types/good.js";

/** The cast hides bad.ts from the compiler, which checks every other file; the bundler sees through it. */
const bad: Readonly<Record<string, Net>> = await import("./types/bad.js" as string);

interface Mistake {
  readonly name: string;
  readonly sentence: string;
  readonly firstLine: number;
}

/** Each export of bad.ts that has a sentence above it. */
const mistakes: readonly Mistake[] = (() => {
  const text = readFileSync("test/types/bad.ts", "utf8");
  return [...text.matchAll(/^\/\*\* (.*) \*\/\nexport const (\w+)/gm)].map((match) => ({
    sentence: match[1] ?? "",
    name: match[2] ?? "",
    firstLine: text.slice(0, match.index).split("\n").length,
  }));
})();

/** A graph of `count` nodes in a row with skips, its nodes and edges written in the order of `places`. */
const row = (name: string, count: number, places: readonly number[]): string => {
  const node = (i: number): string => [`linear(${8 + (i % 5)})`, "relu", "plus()"][i % 3] ?? "";
  const source = (i: number): string => (i === 0 ? "x" : `n${i - 1}`);
  const wires = (i: number): string => (i % 3 === 2 ? `["${source(i)}", "n${i - 2}"]` : `"${source(i)}"`);
  const nodes = places.map((i) => `n${i}: ${node(i)}`);
  const edges = places.map((i) => `n${i}: ${wires(i)}`);
  return `import { graph, linear, plus, relu } from "../../dsl/index.js";
import type { RuleOf } from "../../dsl/rule.js";
export const ${name} = graph({
  inputs: { x: [2] }, nodes: { ${nodes.join(", ")} }, edges: { ${edges.join(", ")} }, outputs: "n${count - 1}",
});
export const out: RuleOf<typeof ${name}>["out"] = [${8 + ((count - 3) % 5)}] as const;
`;
};
/** A UNet of 28 × 28 images written flat, node by node: two levels, residual blocks with a code of t, attention. */
const unet = (): string => {
  const nodes: string[] = [];
  const edges: string[] = [];
  let last = "x";
  const add = (layer: string, ...sources: string[]): string => {
    const name = `n${nodes.length}`;
    nodes.push(`${name}: ${layer}`);
    edges.push(`${name}: ${JSON.stringify(sources.length > 0 ? sources : last)}`);
    last = name;
    return name;
  };
  const block = (channels: number): string => {
    const from = last;
    const h = ["groupNorm(8)", "silu", `conv2d(${channels}, 3)`].map((layer) => add(layer)).at(-1) as string;
    const shift = add(`linear(${channels})`, "t");
    add('thread((h, s) => h.add(s), { broadcast: "trailing" })', h, shift);
    for (const layer of ["groupNorm(8)", "silu", `conv2d(${channels}, 3)`]) add(layer);
    const changed = last;
    return add("plus()", changed, add(`conv2d(${channels}, 1)`, from));
  };
  add("conv2d(32, 3)");
  const skips = [32, 64].map((channels, i) => {
    if (i > 0) add(i === 1 ? "downsample()" : "conv2d(64, 3, { stride: 2 })");
    return block(channels);
  });
  add("conv2d(128, 3, { stride: 2 })");
  block(128);
  add("residual(chain([groupNorm(8), attention({ heads: 4 })]))");
  block(128);
  for (const [i, channels] of [64, 32].entries()) {
    const wide = i === 0 ? add("conv2dTranspose(64, 3, { stride: 2 })") : add("upsample()");
    add("concat()", wide, skips[1 - i] as string);
    block(channels);
  }
  add("groupNorm(8)");
  add("conv2d(1, 3)");
  return `import { attention, chain, concat, conv2d, conv2dTranspose, downsample, graph, groupNorm, linear, plus, residual, silu, thread, upsample } from "../../dsl/index.js";
import type { RuleOf } from "../../dsl/rule.js";
export const unet = graph({
  inputs: { x: [28, 28, 1], t: [64] }, nodes: { ${nodes.join(", ")} }, edges: { ${edges.join(", ")} }, outputs: "${last}",
});
export const count = ${nodes.length};
export const out: RuleOf<typeof unet>["out"] = [28, 28, 1] as const;
// @ts-expect-error what is not known would take this as well
export const other: RuleOf<typeof unet>["out"] = [28, 28, 2] as const;
`;
};
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** What `tsc` prints for files of these texts, by name, and for those of the paths `others`. */
const compile = async (
  name: string,
  texts: Readonly<Record<string, string>>,
  others: readonly string[] = [],
): Promise<string> => {
  const folder = `dist-test/types-${name}-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  try {
    for (const [file, text] of Object.entries(texts)) writeFileSync(`${folder}/${file}`, text);
    const include = ["./*.ts", ...others.map((path) => `../../${path}`)];
    const settings = { extends: "../../test/types/tsconfig.json", include };
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(settings));
    const options = ["--project", folder, "--pretty", "false", "--singleThreaded", "--extendedDiagnostics"];
    const run = promisify(execFile)(process.execPath, ["node_modules/typescript/bin/tsc", ...options], {
      maxBuffer: 1e8,
    });
    return await run.then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Large graphs, of which alone the cost is counted. 37 is prime to 60: every place once, neighbours far apart. */
const graphs = (): Readonly<Record<string, string>> => ({
  "in-order.ts": row("inOrder", 240, upTo(240)),
  "shuffled.ts": row(
    "shuffled",
    60,
    upTo(60).map((i) => (i * 37) % 60),
  ),
  "unet.ts": unet(),
});

let printed = "";
let instantiations = Number.NaN;
/** The errors of a file: the line, and the message with its details. */
const errorsIn = (file: string): { readonly line: number; readonly message: string }[] =>
  printed
    .split(/\n(?=\S)/)
    .map((error) => /^(\S+?)\((\d+),\d+\): (error [\s\S]*)/.exec(error))
    .flatMap((match) =>
      match?.[1]?.endsWith(file) ? [{ line: Number(match[2]), message: match[3] ?? "" }] : [],
    );

test.before(async () => {
  const [small, large] = await Promise.all([
    compile("laws", { "laws.ts": laws() }, ["test/types/*.ts"]),
    compile("graphs", graphs()),
  ]);
  printed = `${small}\n${large}`;
  instantiations = Number(/Instantiations:\s+(\d+)/.exec(large)?.[1]);
});

test("good.ts compiles, and all of its shapes are as stated", () => {
  assert.equal(errorsIn("test/types/good.ts"), []);
});

for (const [i, { name, sentence, firstLine }] of mistakes.entries())
  test(`${name} does not compile: ${sentence}`, () => {
    const end = mistakes[i + 1]?.firstLine ?? Number.POSITIVE_INFINITY;
    const messages = errorsIn("test/types/bad.ts")
      .filter(({ line }) => line >= firstLine && line < end)
      .map(({ message }) => message);
    assert.ok(
      messages.some((message) => message.includes(`"${sentence}"`)),
      `tsc printed:\n${messages.join("\n")}`,
    );
  });

for (const { name, sentence } of mistakes)
  test(`${name} throws: ${sentence}`, () => {
    try {
      inferShapes(bad[name] as Net);
    } catch (error) {
      assert.instance(error, NetError);
      const lines = (error as NetError).message
        .split("\n")
        .map((line) => line.replace(/; did you mean .*/, ""));
      assert.ok(lines.includes(sentence), lines.join("\n"));
      return;
    }
    assert.unreachable("nothing was thrown");
  });

test("for random sizes the compiler gives what run time gives, be it a shape or a sentence", () => {
  assert.equal(errorsIn("laws.ts"), []);
});

test("bad.ts has no other errors, and each mistake is told once", () => {
  assert.is(errorsIn("test/types/bad.ts").length, mistakes.length);
});

test("the nets of good.ts have the same shapes at run time", () => {
  assert.equal(inferShapes(good.trainingNet).model?.outputs.model?.shape, [2]);
  assert.equal(inferShapes(good.trainingNet)["model.model.0"]?.outputs.output?.shape, [3]);
  assert.equal(inferShapes(good.denoiserOf(5, 16, 3))[""]?.outputs.model?.shape, [5]);
  assert.equal(inferShapes(good.scaled)[""]?.outputs.g?.shape, [3]);
  assert.equal(inferShapes(good.numbered)[""]?.outputs.both?.shape, [5]);
  assert.equal(inferShapes(good.outer).second?.outputs.output?.shape, [4]);
  assert.equal(inferShapes(good.outer).interior?.inputs.input?.shape, [16]);
});

test("240 nodes in the order of the data, 60 in any order and a UNet of 70 compile, at a fixed cost a node", () => {
  assert.match(unet(), "export const count = 70;");
  assert.equal(["in-order.ts", "shuffled.ts", "unet.ts"].flatMap(errorsIn), []);
  assert.ok(instantiations < 450_000, `${instantiations} type instantiations`);
});

test.run();
