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
/** A function without parameters or results. Its body is made of `instructions` and needs no last `end`. */
export interface ModuleFunction {
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

const memarg = (offset: number): number[] => [0, ...unsigned(offset)];
const simd = (opcode: number, ...immediates: number[]): number[] => [
  0xfd,
  ...unsigned(opcode),
  ...immediates,
];
const float32Bytes = (x: number): number[] => [...new Uint8Array(new Float32Array([x]).buffer)];
/** A vector of four equal numbers. */
const splat = (x: number): number[] => simd(0x0c, ...Array.from({ length: 4 }, () => float32Bytes(x)).flat());

/** The instructions in use, by the names of the specification. Offsets are in bytes. */
export const instructions = {
  end: [0x0b],
  loop: [0x03, 0x40],
  branchIf: (depth: number): Code => [0x0d, depth],
  call: (index: number): Code => [0x10, ...unsigned(index)],
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  i32: (value: number): Code => [0x41, ...signed(value)],
  i32Add: [0x6a],
  i32Sub: [0x6b],
  memoryCopy: [0xfc, 10, 0, 0],
  memoryFill: [0xfc, 11, 0],
  load: (offset: number): Code => simd(0x00, ...memarg(offset)),
  load32Splat: (offset: number): Code => simd(0x09, ...memarg(offset)),
  store: (offset: number): Code => simd(0x0b, ...memarg(offset)),
  store32Lane: (offset: number, lane: number): Code => simd(0x5a, ...memarg(offset), lane),
  store64Lane: (offset: number, lane: number): Code => simd(0x5b, ...memarg(offset), lane),
  splat,
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
  pmax: simd(0xeb),
  truncateToInt: simd(0xf8),
  convertFromInt: simd(0xfa),
} as const;

const vector = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content];
const name = (text: string): number[] => {
  const bytes = [...new TextEncoder().encode(text)];
  return [...unsigned(bytes.length), ...bytes];
};
const typeOf = ({ params, results }: FunctionType): number[] => [
  0x60,
  ...vector(params.map((t) => [typeCodes[t]])),
  ...vector(results.map((t) => [typeCodes[t]])),
];

/** Functions count from `imports.length`. The memory is imported as `kernels.memory`. */
export function encodeModule(
  imports: readonly ImportedFunction[],
  functions: readonly ModuleFunction[],
): Uint8Array<ArrayBuffer> {
  const types = [typeOf({ params: [], results: [] }), ...imports.map(({ type }) => typeOf(type))];
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((t) => [1, typeCodes[t]])), ...body, ...instructions.end];
    return [...unsigned(code.length), ...code];
  });
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(
      2,
      vector([
        [...name("kernels"), ...name("memory"), 2, 0, 0],
        ...imports.map((f, i) => [...name("kernels"), ...name(f.name), 0, ...unsigned(i + 1)]),
      ]),
    ),
    ...section(3, vector(functions.map(() => [0]))),
    ...section(
      7,
      vector(
        functions.flatMap(({ exportAs }, i) =>
          exportAs === undefined ? [] : [[...name(exportAs), 0, ...unsigned(imports.length + i)]],
        ),
      ),
    ),
    ...section(10, vector(bodies)),
  ]);
}
