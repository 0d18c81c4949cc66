/** The house's order, read from the sources: who imports whom, what is never written. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

/** What a folder may import: folders of ours, and packages. */
const allowed: Record<string, { ours: readonly string[]; packages: readonly string[] }> = {
  dsl: { ours: ["dsl"], packages: ["zod"] },
  runtime: { ours: ["dsl", "runtime"], packages: ["zod", "@tensorflow", "ml-matrix"] },
  workers: { ours: ["dsl", "runtime", "workers"], packages: ["comlink", "zod"] },
  specs: { ours: ["dsl", "runtime", "specs"], packages: [] },
  components: { ours: ["dsl", "runtime", "workers", "specs", "components"], packages: ["lit", "@dagrejs"] },
};

/** Source files of a folder, as paths from the root of the repository. */
const filesOf = (folder: string, pattern: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")))
    .filter((name) => pattern.test(name));
/** What is shipped: neither tests and what they share (files that import uvu) nor the AssemblyScript of the kernels. */
const sources = (folder: string): string[] =>
  filesOf(folder, /\.ts$/).filter(
    (name) => !/\.test\.ts$|\/simd\/kernels\//.test(name) && !/from "uvu/.test(readFileSync(name, "utf8")),
  );

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
}
const statement =
  /^[ \t]*(import|export)\s+(type\s)?(?:[\w*{][^;"']*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;
const importsOf = (file: string): Import[] =>
  [...readFileSync(file, "utf8").matchAll(statement)].map(([, , type, from, dynamic]) => ({
    from: (from ?? dynamic) as string,
    typeOnly: type !== undefined,
    dynamic: dynamic !== undefined,
  }));
/** The file of ours that `file` names as `from`; null for a package. */
const target = (file: string, from: string): string | null =>
  from.startsWith(".") ? posix.join(posix.dirname(file), from).replace(/\.js$/, ".ts") : null;

/** The files that a module loads at once: no type-only and no dynamic imports. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { from, typeOnly, dynamic } of importsOf(file)) {
    if (typeOnly || dynamic) continue;
    const next = target(file, from);
    if (next === null) seen.add(from);
    else if (existsSync(next) && next.endsWith(".ts")) loadedBy(next, seen);
  }
  return seen;
}

for (const [folder, { ours, packages }] of Object.entries(allowed))
  test(`${folder} imports ${[...ours, ...packages].join(", ")} alone`, () => {
    const files = sources(folder);
    assert.ok(files.length > 0, `${folder} has no sources`);
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter(({ from }) => {
          const ourFile = target(file, from);
          if (ourFile !== null) return !ours.includes(ourFile.split("/")[0] as string);
          return !from.startsWith("node:") && !packages.includes(from.split("/")[0] as string);
        })
        .map(({ from }) => `${file} imports ${from}`),
    );
    assert.equal(wrong, []);
  });

test("tfjs is imported under runtime/backends alone", () => {
  const files = [...Object.keys(allowed), "demo"].flatMap(sources);
  const wrong = files.filter((file) => importsOf(file).some(({ from }) => from.startsWith("@tensorflow")));
  assert.equal(
    wrong.filter((file) => !file.startsWith("runtime/backends/")),
    [],
  );
});

for (const entry of ["components/index.ts", "specs/index.ts", "dsl/index.ts"])
  test(`${entry} loads no backend`, () => {
    const loaded = [...loadedBy(entry)];
    assert.ok(loaded.length > 1, `${entry} loads nothing`);
    assert.equal(
      loaded.filter((file) => file.startsWith("runtime/backends/") || file.startsWith("@tensorflow")),
      [],
    );
  });

for (const part of ["data", "diffusion", "metrics"])
  test(`runtime/${part} is pure: it loads no backend`, () => {
    const loaded = sources(`runtime/${part}`).flatMap((file) => [...loadedBy(file)]);
    assert.ok(loaded.length > 0);
    assert.equal(
      loaded.filter((file) => file.startsWith("runtime/backends/")),
      [],
    );
  });

test("no source makes code from text", () => {
  const files = [...Object.keys(allowed), "demo"].flatMap((folder) => [
    ...sources(folder),
    ...filesOf(folder, /\.(mjs|js|html)$/),
  ]);
  const wrong = files.filter((file) =>
    /\beval\(|\bnew Function\(|\sjavascript:|\son(click|load|error)=|<script>/.test(
      readFileSync(file, "utf8"),
    ),
  );
  assert.equal(wrong, []);
});

test("no file names a path of the machine it was written on", () => {
  const folders = [...Object.keys(allowed), "demo", "bench", "test", "docs", "build", ".ci"];
  const top = readdirSync(".").filter((name) => /\.(ts|mjs|json|md)$/.test(name));
  const files = [
    ...top,
    ...folders.flatMap((folder) => filesOf(folder, /\.(ts|mjs|json|md|html|css|txt)$|\/run$/)),
  ];
  const path = /(^|[\s"'`(=:])\/(work|tmp|home|root|Users)\/\w/m;
  assert.equal(
    files.filter((file) => path.test(readFileSync(file, "utf8"))),
    [],
  );
});

test.run();
