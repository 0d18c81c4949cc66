/** The TypeScript side of these commands, bundled for Node. */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { build } from "esbuild";
import { buildKernels, options } from "../../esbuild.config.mjs";

/** Node 20 has relaxed SIMD behind a flag; later ones have it, and do not know the flag. */
const hidden = process.versions.node.startsWith("20.");

/** Everything that `library.ts` exports. */
export async function library() {
  if (hidden) setFlagsFromString("--experimental-wasm-relaxed-simd");
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
