/** What multiplying and adding can reach on this machine: the yardstick of the kernels. */
import { encodeModule, instructions as wasm } from "../runtime/backends/simd/wasm.js";

const chains = 12;
const rounds = 1 << 20;
/** a·b + c in one instruction, where the engine has relaxed SIMD. */
const relaxedMadd = [0xfd, 0x85, 0x02];

/** A loop of twelve independent chains x ← x·y + z of four numbers each; nothing in it touches memory. */
function moduleOf(fused: boolean): Uint8Array<ArrayBuffer> {
  const [counter, y, z] = [chains, chains + 1, chains + 2];
  const madd = fused ? relaxedMadd : [];
  const body = [
    ...[...wasm.splat(0.999), ...wasm.set(y), ...wasm.splat(1e-3), ...wasm.set(z)],
    ...[...wasm.i32(rounds), ...wasm.set(counter), ...wasm.loop],
    ...Array.from({ length: chains }, (_, i) => [
      ...[...wasm.get(i), ...wasm.get(y)],
      ...(fused ? [...wasm.get(z), ...madd] : [...wasm.mul, ...wasm.get(z), ...wasm.add]),
      ...wasm.set(i),
    ]).flat(),
    ...[...wasm.get(counter), ...wasm.i32(1), ...wasm.i32Sub, ...wasm.tee(counter), ...wasm.branchIf(0)],
    ...wasm.end,
    // The sums are stored, so that no engine leaves the loop out.
    ...Array.from({ length: chains }, (_, i) => [
      ...wasm.i32(16 * i),
      ...wasm.get(i),
      ...wasm.store(0),
    ]).flat(),
  ];
  const locals = [...Array<"v128">(chains).fill("v128"), "i32", "v128", "v128"] as const;
  return encodeModule([], [{ locals, body, exportAs: "run" }]);
}

export interface Peak {
  readonly gflops: number;
  /** Whether multiplication and addition are one instruction here. */
  readonly fused: boolean;
}

/** Floating-point operations a second of one thread, the best of some 10 ms turns; a multiply-add counts two. */
export async function peak(turns = 10): Promise<Peak> {
  const relaxed = moduleOf(true);
  const fused = WebAssembly.validate(relaxed);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(fused ? relaxed : moduleOf(false), {
    kernels: { memory },
  });
  const run = instance.exports.run as () => void;
  run();
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < turns; turn++) {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  }
  return { gflops: (2 * 4 * chains * rounds) / (1e6 * least), fused };
}
