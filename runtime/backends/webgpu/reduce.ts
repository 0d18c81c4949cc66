import { sizeOf } from "../../../dsl/array.js";
import type { Step } from "../../../dsl/net.js";
import { type Dispatch, forEach } from "./kernel.js";
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

/** So many threads keep a device busy. */
const enough = 16_384;
/** The most numbers that a thread takes where there could be more threads. */
const share = 16;
/** Lanes that make neighbouring threads read neighbouring numbers, where an output's lie next to one another. */
const together = 16;

/**
 * A thread for each output, or, where outputs are few and numbers many, several lanes for each: a lane takes every
 * so-manieth number, and the lanes' results are reduced again, always in the same order. `scratch` gives room for
 * those. There are no barriers: a program that runs in software would pay dearly for each.
 */
export function reduce(reduction: Reduction, scratch: (words: number) => Place): Dispatch[] {
  const { sizes, axes, outputs, kind, after, ...rest } = reduction;
  const outs = sizeOf(sizes.filter((_, axis) => !axes.includes(axis)));
  const count = sizeOf(axes.map((axis) => sizes[axis] as number));
  if (outs === 0) return [];
  const inner = axes.includes(sizes.findLastIndex((size) => size > 1));
  const wanted = Math.max(Math.ceil(enough / outs), inner ? together : 1);
  const lanes = Math.max(1, Math.min(wanted, Math.floor(count / share)));
  if (lanes === 1) return [pass(reduction, { outs, count, lanes, inner })];
  const partial = outputs.map(() => scratch(outs * lanes));
  return [
    pass({ ...rest, kind, sizes, axes, outputs: partial }, { outs, count, lanes, inner }),
    ...reduce(
      {
        kind,
        body: outputs.map((_, k) => ({ op: "input", name: `${k}` })),
        results: outputs.map((_, k) => k),
        sizes: inner ? [outs, lanes] : [lanes, outs],
        axes: [inner ? 1 : 0],
        inputs: partial.map((place) => ({
          ...place,
          dtype: "float32",
          strides: inner ? [lanes, 1] : [outs, 1],
        })),
        outputs,
        ...(after ? { after } : {}),
      },
      scratch,
    ),
  ];
}

interface Threads {
  readonly outs: number;
  readonly count: number;
  readonly lanes: number;
  /** Whether the lanes of an output are neighbours, or the outputs of a lane. */
  readonly inner: boolean;
}

function pass(
  { kind, body, results, sizes, axes, inputs, outputs, after }: Reduction,
  { outs, count, lanes, inner }: Threads,
): Dispatch {
  const params: Params = { numbers: count, lanes, outs };
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
  const finish = after ? bodyOf(after.body, after.results, (k) => `total${k}`, "f") : undefined;
  for (const name of finish?.needs ?? []) all.add(name);
  const each = (text: (k: number) => string): string[] => results.map((_, k) => text(k));
  return forEach(outs * lanes, { params, needs: all }, [
    ...(lanes === 1
      ? ["let o = i;", "let lane = 0u;"]
      : inner
        ? ["let o = i / p.lanes;", "let lane = i % p.lanes;"]
        : ["let o = i % p.outs;", "let lane = i / p.outs;"]),
    ...kept.lines,
    ...each((k) => `var total${k} = ${sum ? "0.0" : "-infinity()"};`),
    "for (var r = lane; r < p.numbers; r += p.lanes) {",
    ...[...reduced.lines, ...lines].map((line) => `  ${line}`),
    ...each(
      (k) => `  total${k} = ${sum ? `total${k} + s${results[k]}` : `max_(total${k}, s${results[k]})`};`,
    ),
    "}",
    ...(finish?.lines ?? []),
    ...each((k) => {
      const result = after ? `f${after.results[k]}` : `total${k}`;
      return `${address(`y${k}`, outputs[k] as Place, ["i"], params)} = bitcast<u32>(${result});`;
    }),
  ]);
}
