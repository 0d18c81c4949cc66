/** The TypeScript side of these commands, bundled for Node. */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildKernels, options } from "../../esbuild.config.mjs";

/** Everything that `library.ts` exports. */
export async function library() {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
  const out = join(root, "dist-test", "digits");
  buildKernels();
  await build({
    ...options,
    entryPoints: { library: "demo/digits/library.ts" },
    outdir: out,
    platform: "node",
    packages: "external",
    logLevel: "error",
  });
  return import(join(out, "library.js"));
}
