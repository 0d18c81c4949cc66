/**
 * Compiles each set of `kernels/` (AssemblyScript) twice: to `basic-plain.wasm` and `special-plain.wasm`, which every
 * engine with SIMD takes, and to `basic-relaxed.wasm` and `special-relaxed.wasm`, whose multiply-adds are fused where the
 * machine can.
 */
import { readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const sources = join(folder, "kernels");
/** Both sets live in one memory, the basic one's tables after the room for those of the other. */
const specialEnd = 8192;
const sets = [
  { set: "basic", room: ["--memoryBase", `${specialEnd}`] },
  { set: "special", room: ["--lowMemoryLimit", `${specialEnd}`] },
];
const features = { plain: ["simd"], relaxed: ["simd", "relaxed-simd"] };
const builds = sets.flatMap(({ set, room }) =>
  Object.entries(features).map(([build, features]) => ({
    source: `${set}.ts`,
    file: `${set}-${build}.wasm`,
    options: [...room, ...features.flatMap((feature) => ["--enable", feature])],
  })),
);

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
  for (const { source, file, options } of stale) {
    // Written aside and moved, so that whoever else reads the folder finds whole files only.
    const aside = join(folder, `${process.pid}-${file}`);
    const { error, stderr } = await asc.main([
      join(sources, source),
      ...["--baseDir", folder, "--outFile", aside],
      ...["--runtime", "stub", "--importMemory", "--maximumMemory", "65536"],
      ...["--noAssert", "-O3"],
      ...options,
    ]);
    if (error) throw new Error(`buildKernels: ${file} takes valid AssemblyScript but receives\n${stderr}`);
    renameSync(aside, join(folder, file));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernels();
