import { sizeOf } from "../../../dsl/array.js";
import type { Step } from "../../../dsl/net.js";
import { type Dispatch, dispatchOf } from "./kernel.js";
import { address, numberOf, type Params, type Place, type View, walk } from "./views.js";
import { bodyOf, type HelperName } from "./wgsl.js";

/** Sums or maxima of functions of several arrays, taken in one pass. */
export interface Reduction {
  readonly kind: "sum" | "max";
  /** What is reduced: the steps `results` of a body of the inputs. */
  readonly body: readonly Step[];
  readonly results: readonly number[];
  readonly sizes: readonly number[];
  /** The axes of `sizes` that are reduced. */
  readonly axes: readonly number[];
  readonly inputs: readonly View[];
  /** Where each result goes, dense and row-major over the axes that are not reduced. */
  readonly outputs: readonly Place[];
  /** What is done to the results, its inputs "0", "1", …, before they are stored: as many again. */
  readonly after?: { readonly body: readonly Step[]; readonly results: readonly number[] };
}

const threads = 256;
/** So many workgroups keep a device busy. */
const enough = 256;
/** The least that a thread adds up before the work is split into pieces. */
const share = 16;
const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

/**
 * One workgroup for some outputs: each thread takes every so-manieth number, and the threads' results are joined in a
 * tree, always in the same order. Where outputs are few and numbers many, pieces are reduced first, and then their
 * results; `scratch` gives room for those.
 */
export function reduce(reduction: Reduction, scratch: (words: number) => Place): Dispatch[] {
  const { sizes, axes, outputs, kind } = reduction;
  const outs = sizeOf(sizes.filter((_, axis) => !axes.includes(axis)));
  const count = sizeOf(axes.map((axis) => sizes[axis] as number));
  if (outs === 0) return [];
  // Neighbouring threads read neighbouring numbers: along the outputs where the last axis is kept.
  const last = sizes.findLastIndex((size) => size > 1);
  const columns = !axes.includes(last);
  const across = columns
    ? Math.min(64, powerOfTwo(outs))
    : threads / Math.min(threads, powerOfTwo(Math.ceil(count / 4)));
  const groups = Math.ceil(outs / across);
  const wanted = Math.min(Math.floor(enough / groups), Math.floor(count / (share * (threads / across))));
  const pieces = Math.max(1, wanted);
  if (pieces === 1) return [pass(reduction, { outs, count, across, columns, pieces })];
  const partial = outputs.map(() => scratch(outs * pieces));
  const { after, ...rest } = reduction;
  const second: Reduction = {
    kind,
    body: outputs.map((_, k) => ({ op: "input", name: `${k}` })),
    results: outputs.map((_, k) => k),
    sizes: [pieces, outs],
    axes: [0],
    inputs: partial.map((place) => ({ ...place, dtype: "float32", strides: [outs, 1] })),
    outputs,
    ...(after ? { after } : {}),
  };
  const one = { outs, count: pieces, across: Math.min(64, powerOfTwo(outs)), columns: true, pieces: 1 };
  return [pass({ ...rest, outputs: partial }, { outs, count, across, columns, pieces }), pass(second, one)];
}

interface Shape {
  readonly outs: number;
  readonly count: number;
  /** The outputs of one workgroup. */
  readonly across: number;
  readonly columns: boolean;
  readonly pieces: number;
}

function pass(
  { kind, body, results, sizes, axes, inputs, outputs, after }: Reduction,
  { outs, count, across, columns, pieces }: Shape,
): Dispatch {
  const down = threads / across;
  const chunk = Math.ceil(count / pieces);
  const groups = Math.ceil(outs / across);
  const groupRows = Math.ceil(groups / 65535);
  const params: Params = { outs, count, chunk };
  const part = (kept: boolean): { sizes: number[]; strides: number[][] } => {
    const here = sizes.flatMap((_, axis) => (axes.includes(axis) === kept ? [] : [axis]));
    return {
      sizes: here.map((axis) => sizes[axis] as number),
      strides: inputs.map(({ strides }) => here.map((axis) => strides[axis] as number)),
    };
  };
  const kept = walk("o", "o", part(true), params);
  const reduced = walk("r", "r", part(false), params);
  const { lines, needs } = bodyOf(body, results, (k) => {
    const view = inputs[k] as View;
    const terms = [kept.terms[k] as string, reduced.terms[k] as string];
    return numberOf(address(`x${k}`, view, terms, params), view.dtype);
  });
  const all = new Set<HelperName>(needs);
  const sum = kind === "sum";
  if (!sum) for (const name of ["max", "numbers"] as const) all.add(name);
  const join = (a: string, b: string): string => (sum ? `${a} + ${b}` : `max_(${a}, ${b})`);
  const each = <T>(text: (k: number) => T): T[] => results.map((_, k) => text(k));
  const finish = after ? bodyOf(after.body, after.results, (k) => `total${k}[local]`, "f") : undefined;
  for (const name of finish?.needs ?? []) all.add(name);
  const place = pieces === 1 ? "o" : "piece * p.outs + o";
  const stores = each(
    (k) =>
      `${address(`y${k}`, outputs[k] as Place, [place], params)} = bitcast<u32>(${
        after ? `f${after.results[k]}` : `total${k}[local]`
      });`,
  );
  const main = [
    `let column = ${columns ? `local % ${across}u` : `local / ${down}u`};`,
    `let lane = ${columns ? `local / ${across}u` : `local % ${down}u`};`,
    `let o = (group.x + group.y * groups.x) * ${across}u + column;`,
    "let piece = group.z;",
    ...each((k) => `var sum${k} = ${sum ? "0.0" : "-infinity()"};`),
    "if (o < p.outs) {",
    ...kept.lines.map((line) => `  ${line}`),
    "  let end = min(p.count, (piece + 1u) * p.chunk);",
    `  for (var r = piece * p.chunk + lane; r < end; r += ${down}u) {`,
    ...[...reduced.lines, ...lines].map((line) => `    ${line}`),
    ...each((k) => `    sum${k} = ${join(`sum${k}`, `s${results[k]}`)};`),
    "  }",
    "}",
    ...each((k) => `total${k}[local] = sum${k};`),
    ...(down === 1
      ? []
      : [
          `for (var half = ${down / 2}u; half > 0u; half /= 2u) {`,
          "  workgroupBarrier();",
          "  if (lane < half) {",
          `    let other = local + half${columns ? ` * ${across}u` : ""};`,
          ...each((k) => `    total${k}[local] = ${join(`total${k}[local]`, `total${k}[other]`)};`),
          "  }",
          "}",
        ]),
    "if (lane == 0u && o < p.outs) {",
    ...[...(finish?.lines ?? []), ...stores].map((line) => `  ${line}`),
    "}",
  ];
  return dispatchOf({
    params,
    needs: all,
    define: each((k) => `var<workgroup> total${k}: array<f32, ${threads}>;`).join("\n"),
    main: `@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
${main.map((line) => `  ${line}`).join("\n")}
}`,
    threads,
    groups: [Math.ceil(groups / groupRows), groupRows, pieces],
  });
}
