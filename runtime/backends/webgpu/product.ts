/**
 * Products of matrices: C = A·B, where A and B are whatever their addresses say. Matrix products and convolutions, with
 * all their gradients, differ in those addresses alone. A thread keeps a block of C in registers and reads its rows of A
 * and columns of B from the cache: no barriers, no memory of workgroups.
 */
import type { Step } from "../../../dsl/net.js";
import { type Dispatch, dispatchOf } from "./kernel.js";
import { reduce } from "./reduce.js";
import { address, numberOf, type Params, type Place, type View, walk } from "./views.js";
import { bodyOf, type HelperName } from "./wgsl.js";

/**
 * How one of the factors is read. The index that is summed over goes in segments of equal length, in each of which a
 * row of A, or a column of B, lies at equal steps.
 */
export interface Factor {
  readonly space: Place["space"];
  /** Body of a function of the row or column `i` and the group `g`, to `vec4<i32>`: done once. */
  readonly outer: string;
  /** Body of a function of the segment `s`, to `vec4<i32>`: done once a segment. */
  readonly segment: string;
  /**
   * Body of a function of what those give, `o` and `s`, to `vec3<i32>`: the address of the first number, and between
   * which indices of the segment, lo ≤ k < hi, the numbers are there; the others are 0.
   */
  readonly start: string;
  /** WGSL of the step from number to number. */
  readonly step: string;
  /** What may be missing: nothing, all of a segment, or some of it. */
  readonly missing: "nothing" | "all" | "some";
}

/** What is done to a number of C before it is stored: a body of it, "0", and of `inputs`, broadcast to C's shape. */
export interface ProductEpilogue {
  readonly body: readonly Step[];
  readonly shape: readonly number[];
  readonly inputs: readonly View[];
}

export interface Product {
  readonly groups: number;
  readonly m: number;
  readonly n: number;
  /** The numbers that are summed over, and how many of them are a segment. */
  readonly k: number;
  readonly length: number;
  readonly a: Factor;
  readonly b: Factor;
  /** Parameters that the factors read. */
  readonly params: Params;
  /** WGSL of the position in the output of row `row`, column `col` of group `g`. */
  readonly index: string;
  readonly out: Place;
  readonly epilogue?: ProductEpilogue;
}

/** The threads of a workgroup along the columns and along the rows. */
const wide = 16;
const high = 8;
/** So many workgroups keep a device busy; below, long sums are cut into pieces, and blocks get smaller. */
const enough = 64;
/** The least numbers of a piece. */
const shortest = 256;

interface Block {
  /** Rows and columns of a thread. */
  readonly down: number;
  readonly across: number;
  readonly pieces: number;
}

/**
 * Where C is small and the sum long, pieces of the sum are computed apart and added up in order; `scratch` gives room
 * for those.
 */
export function product(what: Product, scratch: (words: number) => Place): Dispatch[] {
  const { m, n, k, length, groups, out } = what;
  const size = m * n * groups;
  if (size === 0) return [];
  let [down, across] = [8, 4];
  while (down > 1 && high * down >= 2 * m) down /= 2;
  while (across > 1 && wide * across >= 2 * n) across /= 2;
  const tiles = (): number => Math.ceil(m / (high * down)) * Math.ceil(n / (wide * across)) * groups;
  const most = what.epilogue ? 1 : Math.max(1, Math.min(Math.ceil(k / length), Math.floor(k / shortest)));
  while (tiles() * most < enough && down > 4) down /= 2;
  const pieces = Math.min(Math.ceil(enough / tiles()), most);
  if (pieces === 1) return [blocked(what, { down, across, pieces })];
  const partial = scratch(size * pieces);
  return [
    blocked({ ...what, out: partial }, { down, across, pieces }),
    ...reduce(
      {
        kind: "sum",
        body: [{ op: "input", name: "0" }],
        results: [0],
        sizes: [pieces, size],
        axes: [0],
        inputs: [{ ...partial, dtype: "float32", strides: [size, 1] }],
        outputs: [out],
      },
      scratch,
    ),
  ];
}

function blocked({ a, b, ...what }: Product, { down, across, pieces }: Block): Dispatch {
  const { groups, m, n, k, length, index, out, epilogue } = what;
  const segments = Math.ceil(k / length);
  const chunk = Math.ceil(segments / pieces);
  const params: Params = { m, n, k, length, segments, chunk, groups, size: m * n * groups, ...what.params };
  const rows = Array.from({ length: down }, (_, i) => i);
  const cols = Array.from({ length: across }, (_, j) => j);
  const pairs = rows.flatMap((i) => cols.map((j) => [i, j] as const));
  const needs = new Set<HelperName>();
  const store = storeOf(out, pieces, epilogue, params, needs);
  const main = [
    `let row0 = (group.x * ${high}u + local / ${wide}u) * ${down}u;`,
    `let col0 = group.y * ${wide * across}u + local % ${wide}u;`,
    "let g = group.z % p.groups;",
    "let piece = group.z / p.groups;",
    // Loops, where the numbers could be written out, keep the text short for those who compile it. What lies outside
    // of C is computed from its last row or column, and not stored.
    `var outersA: array<vec4<i32>, ${down}>;`,
    `var outersB: array<vec4<i32>, ${across}>;`,
    `for (var i = 0u; i < ${down}u; i++) { outersA[i] = outerA(i32(min(row0 + i, p.m - 1u)), i32(g)); }`,
    `for (var j = 0u; j < ${across}u; j++) { outersB[j] = outerB(i32(min(col0 + ${wide}u * j, p.n - 1u)), i32(g)); }`,
    `var startsA: array<vec3<i32>, ${down}>;`,
    `var startsB: array<vec3<i32>, ${across}>;`,
    ...pairs.map(([i, j]) => `var c${i}${j} = 0.0;`),
    "let end = min(p.segments, (piece + 1u) * p.chunk);",
    "for (var s = piece * p.chunk; s < end; s++) {",
    "  let length = i32(min(p.length, p.k - s * p.length));",
    "  let segmentA = segmentA(i32(s));",
    "  let segmentB = segmentB(i32(s));",
    `  for (var i = 0u; i < ${down}u; i++) { startsA[i] = startA(outersA[i], segmentA); }`,
    `  for (var j = 0u; j < ${across}u; j++) { startsB[j] = startB(outersB[j], segmentB); }`,
    ...rows.map((i) => `  let a${i} = startsA[${i}];`),
    ...cols.map((j) => `  let b${j} = startsB[${j}];`),
    "  for (var k = 0; k < length; k++) {",
    `    let stepA = k * ${a.step};`,
    `    let stepB = k * ${b.step};`,
    ...rows.map((i) => `    let x${i} = ${load("A", a, `a${i}`)};`),
    ...cols.map((j) => `    let y${j} = ${load("B", b, `b${j}`)};`),
    ...pairs.map(([i, j]) => `    c${i}${j} += x${i} * y${j};`),
    "  }",
    "}",
    `var block = array<f32, ${pairs.length}>(${pairs.map(([i, j]) => `c${i}${j}`).join(", ")});`,
    `for (var q = 0u; q < ${pairs.length}u; q++) {`,
    `  store(row0 + q / ${across}u, col0 + q % ${across}u * ${wide}u, g, piece, block[q]);`,
    "}",
  ];
  const define = [
    factorText("A", a),
    factorText("B", b),
    `fn store(row: u32, col: u32, g: u32, piece: u32, value: f32) {
  if (row >= p.m || col >= p.n) { return; }
  let i = ${index};
${store.map((line) => `  ${line}`).join("\n")}
}`,
  ].join("\n");
  return dispatchOf({
    params,
    needs,
    define,
    main: `@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>) {
${main.map((line) => `  ${line}`).join("\n")}
}`,
    threads: wide * high,
    groups: [Math.ceil(m / (high * down)), Math.ceil(n / (wide * across)), groups * pieces],
  });
}

const factorText = (name: "A" | "B", { outer, segment, start }: Factor): string =>
  `fn outer${name}(i: i32, g: i32) -> vec4<i32> { ${outer} }
fn segment${name}(s: i32) -> vec4<i32> { ${segment} }
fn start${name}(o: vec4<i32>, s: vec4<i32>) -> vec3<i32> { ${start} }`;

/** The number k of a segment that begins at `start`. */
function load(name: "A" | "B", { space, missing }: Factor, start: string): string {
  const number = `bitcast<f32>(${space}[${start}.x + step${name}])`;
  if (missing === "nothing") return number;
  const there = missing === "all" ? `${start}.z > 0` : `k >= ${start}.y && k < ${start}.z`;
  return `select(0.0, ${number}, ${there})`;
}

/** The lines that store `value` at position `i`, after the epilogue. */
function storeOf(
  out: Place,
  pieces: number,
  epilogue: ProductEpilogue | undefined,
  params: Params,
  needs: Set<HelperName>,
): string[] {
  if (!epilogue) {
    const at = pieces === 1 ? "i" : "i + piece * p.size";
    return [`${address("out", out, [at], params)} = bitcast<u32>(value);`];
  }
  const { body, shape, inputs } = epilogue;
  const { lines, terms } = walk("i", "e", { sizes: shape, strides: inputs.map((v) => v.strides) }, params);
  const last = body.length - 1;
  const steps = bodyOf(body, [last], (q) => {
    if (q === 0) return "value";
    const view = inputs[q - 1] as View;
    return numberOf(address(`in${q}`, view, [terms[q - 1] as string], params), view.dtype);
  });
  for (const name of steps.needs) needs.add(name);
  return [...lines, ...steps.lines, `${address("out", out, ["i"], params)} = bitcast<u32>(s${last});`];
}
