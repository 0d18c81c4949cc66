/**
 * Products of matrices by tiles: C = A·B, where A and B are whatever two functions of WGSL read. Matrix products and
 * convolutions, with all their gradients, differ in those functions alone.
 */
import type { Step } from "../../../dsl/net.js";
import { type Dispatch, dispatchOf } from "./kernel.js";
import { reduce } from "./reduce.js";
import { address, numberOf, type Params, type Place, type View, walk } from "./views.js";
import { bodyOf, type HelperName } from "./wgsl.js";

/** How one of the factors is read. What two indices have to do is done apart, each as seldom as it may be. */
export interface Factor {
  /** Body of a function of the row of A or the column of B, `i`, and of the group `g`, to `vec4<i32>`. */
  readonly outer: string;
  /** Body of a function of the index that is summed over, `k`, to `vec4<i32>`. */
  readonly inner: string;
  /** Body of a function of what those two give, `o` and `k`, to `f32`. */
  readonly load: string;
  /** Along which of the two its numbers lie next to one another. */
  readonly along: "outer" | "inner";
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
  readonly k: number;
  readonly a: Factor;
  readonly b: Factor;
  /** Parameters that the factors read, and those of `index`. */
  readonly params: Params;
  /** WGSL of the position in the output of row `row`, column `col` of group `g`. */
  readonly index: string;
  readonly out: Place;
  /** The numbers of the output: m·n·groups. */
  readonly size: number;
  readonly epilogue?: ProductEpilogue;
}

/** The depth of a tile, and the threads along each of its sides. */
const depth = 16;
const side = 16;
const enough = 128;
const shortest = 256;

/**
 * Where C is small and the sum long, the sum is cut into pieces, whose results are added up in order; `scratch` gives
 * room for those.
 */
export function product(what: Product, scratch: (words: number) => Place): Dispatch[] {
  const { m, n, k, groups, size, out } = what;
  if (m * n * groups === 0) return [];
  const block = (d: number): number => (d <= side ? 1 : d <= 2 * side ? 2 : 4);
  const [down, across] = [block(m), block(n)];
  const tiles = Math.ceil(m / (side * down)) * Math.ceil(n / (side * across)) * groups;
  const wanted = Math.min(Math.floor(enough / tiles), Math.floor(k / shortest));
  const pieces = what.epilogue ? 1 : Math.max(1, wanted);
  if (pieces === 1) return [tiled(what, { down, across, pieces })];
  const partial = scratch(size * pieces);
  return [
    tiled({ ...what, out: partial }, { down, across, pieces }),
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

interface Tile {
  /** Rows and columns of a thread. */
  readonly down: number;
  readonly across: number;
  readonly pieces: number;
}

function tiled({ a, b, ...what }: Product, { down, across, pieces }: Tile): Dispatch {
  const { groups, m, n, k, index, out, size, epilogue } = what;
  const chunk = Math.ceil(k / pieces / depth) * depth;
  const params: Params = { m, n, k, chunk, groups, size, ...what.params };
  const [rows, cols] = [side * down, side * across];
  const count = <T>(length: number, text: (i: number) => T): T[] => Array.from({ length }, (_, i) => text(i));
  const pairs = count(down * across, (q) => [Math.floor(q / across), q % across] as const);
  const needs = new Set<HelperName>();
  const store = storeOf(out, pieces, epilogue, params, needs);
  const main = [
    `let row0 = group.x * ${rows}u;`,
    `let col0 = group.y * ${cols}u;`,
    "let g = group.z % p.groups;",
    "let piece = group.z / p.groups;",
    `let x = local % ${side}u;`,
    `let y = local / ${side}u;`,
    "let end = min(p.k, (piece + 1u) * p.chunk);",
    ...outerIndices("A", a, rows, "row0", "p.m"),
    ...outerIndices("B", b, cols, "col0", "p.n"),
    ...pairs.map(([i, j]) => `var c${i}${j} = 0.0;`),
    `for (var k0 = piece * p.chunk; k0 < end; k0 += ${depth}u) {`,
    ...[...fill("A", a, rows), ...fill("B", b, cols)].map((line) => `  ${line}`),
    "  workgroupBarrier();",
    `  for (var k = 0u; k < ${depth}u; k++) {`,
    ...count(down, (i) => `    let a${i} = tileA[k * ${rows}u + y + ${side * i}u];`),
    ...count(across, (j) => `    let b${j} = tileB[k * ${cols}u + x + ${side * j}u];`),
    ...pairs.map(([i, j]) => `    c${i}${j} += a${i} * b${j};`),
    "  }",
    "  workgroupBarrier();",
    "}",
    ...pairs.map(([i, j]) => `store(row0 + y + ${side * i}u, col0 + x + ${side * j}u, g, piece, c${i}${j});`),
  ];
  const define = [
    `var<workgroup> tileA: array<f32, ${depth * rows}>;`,
    `var<workgroup> tileB: array<f32, ${depth * cols}>;`,
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
    threads: side * side,
    groups: [Math.ceil(m / rows), Math.ceil(n / cols), groups * pieces],
  });
}

/** The lines that store `value` at position `i`, after the epilogue. */
function storeOf(
  out: Place,
  pieces: number,
  epilogue: ProductEpilogue | undefined,
  params: Params,
  needs: Set<HelperName>,
): string[] {
  if (!epilogue)
    return [
      `${address("y", out, [pieces === 1 ? "i" : "i + piece * p.size"], params)} = bitcast<u32>(value);`,
    ];
  const { body, shape, inputs } = epilogue;
  const { lines, terms } = walk("i", "e", { sizes: shape, strides: inputs.map((v) => v.strides) }, params);
  const last = body.length - 1;
  const steps = bodyOf(body, [last], (q) => {
    if (q === 0) return "value";
    const view = inputs[q - 1] as View;
    return numberOf(address(`x${q}`, view, [terms[q - 1] as string], params), view.dtype);
  });
  for (const name of steps.needs) needs.add(name);
  return [...lines, ...steps.lines, `${address("y", out, ["i"], params)} = bitcast<u32>(s${last});`];
}

const factorText = (name: "A" | "B", { outer, inner, load }: Factor): string =>
  `fn outer${name}(i: i32, g: i32) -> vec4<i32> { ${outer} }
fn inner${name}(k: i32) -> vec4<i32> { ${inner} }
fn load${name}(o: vec4<i32>, k: vec4<i32>) -> f32 { ${load} }`;

/** A thread fills `size`/16 numbers of a tile of `depth` × `size`. */
const filled = (size: number): number => (size * depth) / (side * side);

/** The outer indices of the numbers that a thread reads into its tile: they stay as the tile moves along k. */
function outerIndices(
  name: "A" | "B",
  { along }: Factor,
  size: number,
  first: string,
  end: string,
): string[] {
  const different = along === "inner" ? filled(size) : 1;
  return Array.from({ length: different }, (_, q) => {
    const at = along === "inner" ? `y + ${side * q}u` : `local % ${size}u`;
    return [
      `let at${name}${q} = ${first} + ${at};`,
      `let o${name}${q} = outer${name}(i32(at${name}${q}), i32(g));`,
      `let in${name}${q} = at${name}${q} < ${end};`,
    ];
  }).flat();
}

/** Fills the tile [k][i] of one factor, zeros outside. */
function fill(name: "A" | "B", { along }: Factor, size: number): string[] {
  const lines: string[] = [];
  if (along === "inner") lines.push("{", `  let k = k0 + x;`, `  let inner = inner${name}(i32(k));`);
  for (let q = 0; q < filled(size); q++) {
    const o = along === "inner" ? q : 0;
    const step = (side * side) / size;
    if (along === "outer")
      lines.push(
        "{",
        `  let k = k0 + local / ${size}u + ${step * q}u;`,
        `  let inner = inner${name}(i32(k));`,
      );
    lines.push(
      `  var v${q} = 0.0;`,
      `  if (in${name}${o} && k < end) { v${q} = load${name}(o${name}${o}, inner); }`,
      `  tile${name}[(k - k0) * ${size}u + ${along === "inner" ? `y + ${side * q}u` : `local % ${size}u`}] = v${q};`,
    );
    if (along === "outer") lines.push("}");
  }
  if (along === "inner") lines.push("}");
  return lines;
}
