/** Layers of random literal sizes, as text for the compiler, beside what run time gives for them. */
import * as dsl from "../dsl/index.js";

/** Numbers by a linear congruential generator, the same at every run. */
let state = 1;
const random = (least: number, most: number): number => {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  return least + Math.floor((state / 2 ** 31) * (most - least + 1));
};

type Sizes = readonly number[];
interface Sample {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly input: Sizes;
}

/** One of each layer whose sizes are computed, some of which do not fit their input. */
const samples = (): readonly Sample[] => {
  const pair = (most: number): Sizes => [random(1, most), random(1, most)];
  const padding = (): string => (random(0, 1) === 0 ? "same" : "valid");
  const groups = random(1, 12);
  const channels = random(0, 3) === 0 ? random(1, 64) : groups * random(1, 40);
  const input = [random(1, 300), random(1, 40), channels];
  const moves = { stride: pair(4), padding: padding() };
  const layers: Readonly<Record<string, readonly unknown[]>> = {
    conv2d: [groups * random(1, 99), pair(5), { ...moves, dilation: pair(3), groups }],
    depthwiseConv2d: [pair(5), { ...moves, multiplier: random(1, 12) }],
    conv2dTranspose: [random(1, 512), pair(5), moves],
    averagePool: [pair(4), { padding: padding() }],
    maxPool: [random(1, 4), moves],
    upsample: [pair(12)],
    downsample: [random(1, 3)],
    resize: [pair(99)],
    groupNorm: [groups],
    attention: [{ heads: groups }],
    flatten: [],
    transpose: [[2, 0, 1]],
    part: [random(-40, 40), { axis: random(0, 2) }],
    slice: [random(-40, 20), random(-20, 40), { axis: random(-3, 2) }],
    pad: [
      [random(0, 9), 0, 1],
      [random(0, 99), 7, 0],
    ],
  };
  return Object.entries(layers).map(([name, args]) => ({ name, args, input }));
};

/** What run time gives, as a type: a shape, or a sentence. */
const resultOf = ({ name, args, input }: Sample): string => {
  const make = (dsl as unknown as Readonly<Record<string, (...args: unknown[]) => dsl.Layer>>)[name];
  const layer = make?.(...args) as dsl.Layer;
  const output = dsl.layers[layer.op].forward(layer.options, [{ dtype: "real", shape: input }]);
  return typeof output === "string" ? JSON.stringify(output) : `readonly ${JSON.stringify(output.shape)}`;
};

/** A file that compiles if the compiler computes what run time does. */
export const laws = (): string => {
  const all = Array.from({ length: 12 }, samples).flat();
  const names = [...new Set(all.map(({ name }) => name))];
  const lines = all.map((sample, i) => {
    const text = `${sample.name}(${sample.args.map((arg) => JSON.stringify(arg)).join(", ")})`;
    const given = `Apply<RuleOf<typeof l${i}>, readonly [readonly ${JSON.stringify(sample.input)}]>`;
    return `export const l${i} = ${text};\nholds<Equal<${given}, ${resultOf(sample)}>>();`;
  });
  return `import { ${names.join(", ")} } from "../../dsl/index.js";
import type { Apply, RuleOf } from "../../dsl/rule.js";
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_?: T): void => {};
${lines.join("\n")}
`;
};
