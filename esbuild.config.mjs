/**
 * `npm run build` writes dist/: the package as plain ES modules, in one flat folder, that work in a page without a
 * bundler and in Node; and their declarations, dist/types. `npm start` serves the demo from memory and rebuilds it at
 * each load; PORT (default 8080, or the next free one) and HOST (default 127.0.0.1) say where.
 */
import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { later } from "./build/later.mjs";
import { throughIndexFiles } from "./build/through-indexes.mjs";

const root = dirname(fileURLToPath(import.meta.url));
const inRoot = (path) => join(root, path);

/** The module of each of the package's `exports`, by the name of its bundle. */
export const entries = {
  index: "index.ts",
  dsl: "dsl/index.ts",
  runtime: "runtime/index.ts",
  workers: "workers/index.ts",
  specs: "specs/index.ts",
  components: "components/index.ts",
};

/**
 * Two of Lit's modules touch `document` or `CSSStyleSheet` when an element is defined; those that it has for Node are
 * the same, with a check whether there is one.
 */
const litEverywhere = {
  name: "lit-everywhere",
  setup(build) {
    const places = {
      "lit-html": "lit-html/node/lit-html.js",
      "css-tag": "@lit/reactive-element/node/css-tag.js",
    };
    build.onResolve({ filter: /(^|\/)(lit-html|css-tag)(\.js)?$/ }, ({ path }) => ({
      path: inRoot(`node_modules/${places[path.match(/(lit-html|css-tag)(\.js)?$/)[1]]}`),
    }));
  },
};

/**
 * WebAssembly as text of one character for each byte: a fifth smaller than base64, once compressed. The shift makes
 * ASCII of the bytes that code has most.
 */
const kernelsAsText = {
  name: "kernels-as-text",
  setup(build) {
    const shift = 45;
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => {
      const text = (await readFile(path)).map((byte) => byte + shift).toString("latin1");
      return {
        contents: `export default Uint8Array.from(${JSON.stringify(text)}, (c) => c.charCodeAt(0) - ${shift});`,
      };
    });
  },
};

/**
 * What every bundle of this package is made with. Chunks lie beside the entries, so that a module's
 * `new URL("./session.worker.js", import.meta.url)` holds from whichever chunk it ends up in.
 */
export const options = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: "es2022",
  splitting: true,
  minify: true,
  sourcemap: true,
  external: ["node:*"],
  alias: { util: "./build/util.mjs" },
  inject: [inRoot("build/dom.mjs")],
  plugins: [litEverywhere, throughIndexFiles, kernelsAsText, later(root)],
  charset: "utf8",
  logOverride: { "import-is-undefined": "silent", "ignored-bare-import": "silent" },
  chunkNames: "[name]-[hash]",
  legalComments: "none",
  logLevel: "warning",
};

/** The workers, which must lie beside what asks for them. */
export const workers = {
  "session.worker": "workers/session.worker.ts",
  "thread.worker": "runtime/backends/simd/thread.worker.ts",
};

/** Compiles the WebAssembly kernels that the bundles hold. */
export const buildKernels = () =>
  execFileSync(process.execPath, [inRoot("runtime/backends/simd/build-kernels.mjs")], {
    stdio: ["ignore", 2, 2],
  });

/** Writes the bundles into `outdir` and returns esbuild's result with its metafile. */
export const buildBundles = (outdir) =>
  esbuild.build({
    ...options,
    entryPoints: { ...entries, ...workers },
    outdir: resolve(outdir),
    metafile: true,
  });

/** Writes the declarations into `outdir`/types. */
export const buildTypes = (outdir) =>
  execFileSync(
    process.execPath,
    [
      inRoot("node_modules/typescript/bin/tsc"),
      "-p",
      inRoot("tsconfig.build.json"),
      "--outDir",
      join(resolve(outdir), "types"),
    ],
    { stdio: ["ignore", 2, 2] },
  );

async function buildAll() {
  const dist = inRoot("dist");
  rmSync(dist, { recursive: true, force: true });
  buildKernels();
  const { metafile } = await buildBundles(dist);
  buildTypes(dist);
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  console.log(`dist: ${Object.keys(metafile.outputs).length} files, ${Math.round(bytes / 1024)} kB`);
}

/** The first port from `port` on that nobody listens to. */
const freePort = (port, host) =>
  new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", (error) =>
      error.code === "EADDRINUSE" ? done(freePort(port + 1, host)) : fail(error),
    );
    probe.listen(port, host, () => probe.close(() => done(port)));
  });

async function serveDemo() {
  buildKernels();
  const host = process.env.HOST ?? "127.0.0.1";
  const context = await esbuild.context({
    ...options,
    entryPoints: { main: "demo/main.ts", ...workers },
    outdir: inRoot("demo"),
    write: false,
  });
  await context.rebuild();
  const { port } = await context.serve({
    servedir: inRoot("demo"),
    host,
    port: await freePort(Number(process.env.PORT ?? 8080), host),
  });
  console.log(`The demo is at http://${host}:${port}/ (Ctrl-C ends it)`);
}

if (existsSync(process.argv[1]) && resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  await (process.argv.includes("--serve") ? serveDemo() : buildAll());
