/**
 * Compiles `kernels/` (AssemblyScript) to `kernels.wasm`, which every engine with SIMD takes, and to
 * `kernels-relaxed.wasm`, whose multiply-adds are fused where the machine can.
 */
import { readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const sources = join(folder, "kernels");
const builds = [
  { file: "kernels.wasm", features: ["simd"] },
  { file: "kernels-relaxed.wasm", features: ["simd", "relaxed-simd"] },
];

/** When a file was written, in milliseconds; 0 for a file that does not exist. */
const writtenAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Builds the files that are older than their sources. Throws the compiler's own words where the sources are wrong. */
export async function buildKernels() {
  const newest = Math.max(
    writtenAt(fileURLToPath(import.meta.url)),
    ...readdirSync(sources).map((name) => writtenAt(join(sources, name))),
  );
  const stale = builds.filter(({ file }) => writtenAt(join(folder, file)) < newest);
  if (stale.length === 0) return;
  const { default: asc } = await import("assemblyscript/asc");
  for (const { file, features } of stale) {
    // Written aside and moved, so that whoever else reads the folder finds whole files only.
    const aside = join(folder, `${process.pid}-${file}`);
    const { error, stderr } = await asc.main([
      join(sources, "index.ts"),
      ...["--baseDir", folder, "--outFile", aside],
      ...["--runtime", "stub", "--importMemory", "--maximumMemory", "65536"],
      ...["--noAssert", "-O3"],
      ...features.flatMap((feature) => ["--enable", feature]),
    ]);
    if (error) throw new Error(`buildKernels: ${file} takes valid AssemblyScript but receives\n${stderr}`);
    renameSync(aside, join(folder, file));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernels();
