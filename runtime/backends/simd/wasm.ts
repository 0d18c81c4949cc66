/** A WebAssembly module as bytes: just enough of the binary format for functions over one imported memory. */

export type ValueType = "i32" | "v128";
export type Code = readonly number[];

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}
/** A function of another module; both come from the import object's `kernels`. */
export interface ImportedFunction {
  readonly name: string;
  readonly type: FunctionType;
}
export interface ModuleOptions {
  /** Whether the memory is shared by threads. */
  readonly shared?: boolean;
}
/** A function without results. Its body is made of `instructions` and needs no last `end`. */
export interface ModuleFunction {
  /** How many i32 it takes; default none. */
  readonly params?: number;
  readonly locals: readonly ValueType[];
  readonly body: Code;
  readonly exportAs?: string;
}

const typeCodes: { readonly [T in ValueType]: number } = { i32: 0x7f, v128: 0x7b };

/** LEB128 of an integer from 0 to 2³² − 1. */
export function unsigned(n: number): number[] {
  const bytes: number[] = [];
  do {
    const rest = Math.floor(n / 128);
    bytes.push((n % 128) + (rest > 0 ? 128 : 0));
    n = rest;
  } while (n > 0);
  return bytes;
}

/** LEB128 of an int32; a number from 2³¹ to 2³² − 1 stands for the int32 of the same bits. */
export function signed(n: number): number[] {
  const bytes: number[] = [];
  for (n |= 0; ; n >>= 7) {
    const last = n >= -64 && n < 64;
    bytes.push((n & 127) | (last ? 0 : 128));
    if (last) return bytes;
  }
}

/** LEB128 of a whole number from 0 to 2⁵³ − 1, as a signed one. */
function signedLong(n: number): number[] {
  const bytes: number[] = [];
  for (; n >= 64; n = Math.floor(n / 128)) bytes.push((n % 128) + 128);
  return [...bytes, n];
}

const atomic = (opcode: number): number[] => [0xfe, opcode, 2, 0];
const memarg = (offset: number): number[] => [0, ...unsigned(offset)];
const simd = (opcode: number, ...immediates: number[]): number[] => [
  0xfd,
  ...unsigned(opcode),
  ...immediates,
];
const float32Bytes = (x: number): number[] => [...new Uint8Array(new Float32Array([x]).buffer)];
/** A vector of four equal int32, or of the same bits. */
const splatInt = (n: number): number[] =>
  simd(0x0c, ...Array.from({ length: 4 }, () => [...new Uint8Array(new Int32Array([n]).buffer)]).flat());
/** A vector of four equal numbers. */
const splat = (x: number): number[] => simd(0x0c, ...Array.from({ length: 4 }, () => float32Bytes(x)).flat());

/** The instructions in use, by the names of the specification. Offsets are in bytes. */
export const instructions = {
  unreachable: [0x00],
  end: [0x0b],
  loop: [0x03, 0x40],
  if: [0x04, 0x40],
  else: [0x05],
  drop: [0x1a],
  branchIf: (depth: number): Code => [0x0d, depth],
  call: (index: number): Code => [0x10, ...unsigned(index)],
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  i32: (value: number): Code => [0x41, ...signed(value)],
  i64: (value: number): Code => [0x42, ...signedLong(value)],
  i32Eq: [0x46],
  i32Add: [0x6a],
  i32Sub: [0x6b],
  atomicNotify: atomic(0x00),
  atomicWait: atomic(0x01),
  atomicLoad: atomic(0x10),
  atomicStore: atomic(0x17),
  atomicAdd: atomic(0x1e),
  memoryCopy: [0xfc, 10, 0, 0],
  memoryFill: [0xfc, 11, 0],
  load: (offset: number): Code => simd(0x00, ...memarg(offset)),
  load32Splat: (offset: number): Code => simd(0x09, ...memarg(offset)),
  store: (offset: number): Code => simd(0x0b, ...memarg(offset)),
  store32Lane: (offset: number, lane: number): Code => simd(0x5a, ...memarg(offset), lane),
  store64Lane: (offset: number, lane: number): Code => simd(0x5b, ...memarg(offset), lane),
  splat,
  splatInt,
  eq: simd(0x41),
  ne: simd(0x42),
  lt: simd(0x43),
  le: simd(0x45),
  and: simd(0x4e),
  bitselect: simd(0x52),
  floor: simd(0x68),
  abs: simd(0xe0),
  neg: simd(0xe1),
  sqrt: simd(0xe3),
  add: simd(0xe4),
  sub: simd(0xe5),
  mul: simd(0xe6),
  div: simd(0xe7),
  min: simd(0xe8),
  max: simd(0xe9),
  pmin: simd(0xea),
  pmax: simd(0xeb),
  shiftLeft: simd(0xab),
  shiftRight: simd(0xac),
  addInt: simd(0xae),
  subInt: simd(0xb1),
  relaxedMadd: simd(0x105),
  truncateToInt: simd(0xf8),
  convertFromInt: simd(0xfa),
} as const;

/** Bytes in pieces, put together once. */
type Bytes = readonly (Code | Uint8Array)[];
const lengthOf = (bytes: Bytes): number => bytes.reduce((n, piece) => n + piece.length, 0);
function join(bytes: Bytes): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(lengthOf(bytes));
  let at = 0;
  for (const piece of bytes) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Bytes): Bytes => [[id, ...unsigned(lengthOf(content))], ...content];
const name = (text: string): Code => {
  const bytes = [...new TextEncoder().encode(text)];
  return [...unsigned(bytes.length), ...bytes];
};
const typeOf = ({ params, results }: FunctionType): Code => [
  0x60,
  ...vector(params.map((t) => [typeCodes[t]])),
  ...vector(results.map((t) => [typeCodes[t]])),
];
function bodyOf({ locals, body }: ModuleFunction): Bytes {
  const declared = vector(locals.map((t) => [1, typeCodes[t]]));
  const length = declared.length + body.length + instructions.end.length;
  return [[...unsigned(length), ...declared], body, instructions.end];
}

/** The most pages that a memory of 32-bit addresses has. */
export const mostPages = 65536;

/** Functions count from `imports.length`. The memory is imported as `kernels.memory`. */
export function encodeModule(
  imports: readonly ImportedFunction[],
  functions: readonly ModuleFunction[],
  { shared = false }: ModuleOptions = {},
): Uint8Array<ArrayBuffer> {
  const most = functions.reduce((n, { params = 0 }) => Math.max(n, params), 0);
  // The types of our own functions, by the number of their parameters, come first.
  const own = Array.from({ length: most + 1 }, (_, n) =>
    typeOf({ params: Array.from({ length: n }, () => "i32" as const), results: [] }),
  );
  const types = [...own, ...imports.map(({ type }) => typeOf(type))];
  const limits = shared ? [3, 0, ...unsigned(mostPages)] : [0, 0];
  const imported = [
    [...name("kernels"), ...name("memory"), 2, ...limits],
    ...imports.map((f, i) => [...name("kernels"), ...name(f.name), 0, ...unsigned(own.length + i)]),
  ];
  const exported = functions.flatMap(({ exportAs }, i) =>
    exportAs === undefined ? [] : [[...name(exportAs), 0, ...unsigned(imports.length + i)]],
  );
  return join([
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [vector(types)]),
    ...section(2, [vector(imported)]),
    ...section(3, [vector(functions.map(({ params = 0 }) => unsigned(params)))]),
    ...section(7, [vector(exported)]),
    ...section(10, [unsigned(functions.length), ...functions.flatMap(bodyOf)]),
  ]);
}

/** The same module over a shared memory: its import of one, with a least and a most size, gets the flag for it. */
export function withSharedMemory(module: Uint8Array, from: string): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(module);
  const wanted = [...name(from), ...name("memory"), 2];
  const at = bytes.findIndex((_, i) => wanted.every((byte, j) => bytes[i + j] === byte)) + wanted.length;
  if (at < wanted.length || bytes[at] !== 1)
    throw new Error(`simd: ${from}.memory takes a most size, but the module that imports it has none`);
  bytes[at] = 3;
  return bytes;
}
