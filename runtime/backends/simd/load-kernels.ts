/** The kernels of `kernels/`, instantiated over a memory. */
import { usualThreads } from "./thread-count.js";
import { type FunctionType, withSharedMemory } from "./wasm.js";

export type KernelBuild = "plain" | "relaxed";
/** `basic`: what every program may call; `special`: what images and sequences need beside. */
export type KernelSet = "basic" | "special";
type Loader = () => Promise<{ readonly default: Uint8Array<ArrayBuffer> }>;
/** Each is loaded when it is asked for, so that a page loads one build, and what its programs need. */
const loaders: { readonly [S in KernelSet]: { readonly [B in KernelBuild]: Loader } } = {
  basic: {
    plain: () => import("./basic-plain.wasm"),
    relaxed: () => import("./basic-relaxed.wasm"),
  },
  special: {
    plain: () => import("./special-plain.wasm"),
    relaxed: () => import("./special-relaxed.wasm"),
  },
};

const numbers = (count: number): FunctionType => ({ params: Array(count).fill("i32"), results: [] });
const vectors = (count: number): FunctionType => ({ params: Array(count).fill("v128"), results: ["v128"] });

/** What the emitted code may call; the kernels' sources say what the parameters are. */
const basicTypes = {
  matmul: numbers(13),
  reduceSum: numbers(7),
  reduceMax: numbers(7),
  gather: numbers(7),
  scatterAdd: numbers(7),
  randomNormal: numbers(5),
  randomUniform: numbers(5),
  randomInteger: numbers(7),
  log: vectors(1),
  sin: vectors(1),
  cos: vectors(1),
  softplus: vectors(1),
  erf: vectors(1),
  gelu: vectors(1),
  sign: vectors(1),
  pow: vectors(2),
} as const satisfies Readonly<Record<string, FunctionType>>;
const specialTypes = {
  conv2d: numbers(21),
  conv2dInput: numbers(21),
  conv2dFilter: numbers(22),
  fewFilter: numbers(21),
  winograd: numbers(15),
  winogradFilter: numbers(15),
  depthwise: numbers(19),
  depthwiseInput: numbers(19),
  depthwiseFilter: numbers(20),
  softmax: numbers(5),
  normalizeRows: numbers(9),
  normalizeRowsGradient: numbers(8),
  normalizeColumns: numbers(12),
  normalizeColumnsGradient: numbers(11),
  attention: numbers(14),
  attentionGradient: numbers(18),
} as const satisfies Readonly<Record<string, FunctionType>>;
export const kernelTypes = { ...basicTypes, ...specialTypes };
export type KernelName = keyof typeof kernelTypes;
export const basicNames = Object.keys(basicTypes) as readonly KernelName[];
const specialNames = Object.keys(specialTypes) as readonly KernelName[];
/** What code that needs these sets imports, the basic ones first. */
export const kernelNames = (sets: readonly KernelSet[]): readonly KernelName[] =>
  sets.includes("special") ? [...basicNames, ...specialNames] : basicNames;

/** The functions that JavaScript calls too; those of a set that is loaded. */
export interface Kernels {
  heapBase(): number;
  matmulParts(m: number, n: number): number;
  matmulScratch(m: number, n: number, k: number): number;
  convolutionScratch(taps: number, channels: number, columns: number): number;
  conv2dFilterScratch(columns: number): number;
  depthwiseScratch(): number;
  fewFilterScratch(c: number): number;
  winogradScratch(c: number, n: number): number;
  winogradFilterScratch(own: number, c: number, n: number): number;
  normalizeParts(groups: number, width: number): number;
  normalizeScratch(width: number): number;
  attentionParts(n: number, m: number): number;
  attentionScratch(n: number, m: number, d: number, e: number): number;
}

/** A module with one function, which multiplies and adds in one relaxed instruction. */
const fusing = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0],
  ...[
    10, 19, 1, 17, 0, 0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x85, 0x02, 0x0b,
  ],
);

/** The fused build where this engine takes it. */
export const bestBuild = (): KernelBuild => (WebAssembly.validate(fusing) ? "relaxed" : "plain");

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** Compiles each set of each build once, and once more for shared memory. */
export function compileKernels(
  set: KernelSet,
  build: KernelBuild,
  shared: boolean,
): Promise<WebAssembly.Module> {
  const key = `${set} ${build} ${shared}`;
  const module = compiled.get(key) ?? compile(loaders[set][build], shared);
  compiled.set(key, module);
  return module;
}

/** Begins to load what every program calls, for whoever will soon need it. */
export const readyKernels = (): Promise<unknown> =>
  compileKernels("basic", bestBuild(), usualThreads() > 1).catch(() => compiled.clear());

async function compile(load: Loader, shared: boolean): Promise<WebAssembly.Module> {
  const { default: bytes } = await load();
  return WebAssembly.compile(shared ? withSharedMemory(bytes, "env") : bytes);
}

/** The functions of these sets, in a build, over a memory. */
export async function loadKernels(
  memory: WebAssembly.Memory,
  sets: readonly KernelSet[],
  build: KernelBuild = bestBuild(),
): Promise<Kernels & WebAssembly.Exports> {
  const instances = sets.map(async (set) => {
    const module = await compileKernels(set, build, isShared(memory));
    return (await WebAssembly.instantiate(module, { env: { memory } })).exports;
  });
  return Object.assign({}, ...(await Promise.all(instances))) as Kernels & WebAssembly.Exports;
}

/** Whether threads may share the memory. */
export const isShared = ({ buffer }: WebAssembly.Memory): boolean => !(buffer instanceof ArrayBuffer);
