/** What the table of layers knows about each of them, and what their files are written with. */
import * as z from "zod/mini";
import { takes } from "../message.js";
import type { Layer, LayerName, PortType, Shape } from "../net.js";
import { readAs } from "../read-as.js";
import { merge, show } from "../shape.js";

/** How an array begins. */
export type Init =
  | { readonly kind: "zeros" }
  | { readonly kind: "ones" }
  /** Uniform between −bound and bound. */
  | { readonly kind: "uniform"; readonly bound: number }
  | { readonly kind: "normal"; readonly std: number };

/** An array that a layer learns. */
export interface Parameter {
  readonly shape: readonly number[];
  readonly init: Init;
  /** Not trained, but gathered from what passes in training, as the means of `batchNorm`. */
  readonly statistic?: true;
}

/** What a layer is drawn as. */
export type LayerKind = "layer" | "activation" | "norm" | "loss" | "random" | "function";

/** One row of the table. `O` are the options, after the schema has filled in the defaults. */
export interface LayerDefinition<O = Layer["options"]> {
  readonly kind: LayerKind;
  /** Strict; gives the options with their defaults. */
  readonly options: z.ZodMiniType<O>;
  /** The names of the input ports; a variadic layer has "0", "1", … as many as are wired. */
  ports(options: O): readonly string[] | "variadic";
  /** The output, as far as the inputs tell it, or the sentence that says why there is none. */
  forward(options: O, inputs: readonly PortType[]): PortType | string;
  /** The shapes of the inputs, as far as the output and the other inputs tell them. */
  backward?(options: O, inputs: readonly PortType[], output: Shape | null): readonly (Shape | null)[];
  /** The arrays that it learns, by field; `inputs` are wholly known. */
  parameters?(options: O, inputs: readonly PortType[]): Readonly<Record<string, Parameter>>;
}

/** A row whose functions see the options as its own schema types them. */
export const define = <S extends z.ZodMiniType>(
  definition: { readonly options: S } & Omit<LayerDefinition<z.output<S>>, "options">,
): LayerDefinition => definition as unknown as LayerDefinition;

/** A layer with its options checked and their defaults filled in. Throws a TypeError that names the option. */
export const make = (op: LayerName, definition: LayerDefinition, options: Layer["options"]): Layer => {
  const { data, issues } = readAs(definition.options, options);
  if (data === undefined)
    throw new TypeError(issues.map((i) => `${op}: ${[...i.path, i.message].join(": ")}`).join("\n"));
  return { op, options: data };
};

export const size = z.int().check(z.gte(1));
/** Known sizes, eight at most. */
export const shape = z.readonly(z.array(size).check(z.maxLength(8)));
/** A whole number that an int32 can hold. */
export const whole = z.int().check(z.gte(-(2 ** 31)), z.lte(2 ** 31 - 1));
export const noOptions = z.strictObject({});

export const one = (): readonly string[] => ["input"];
export const none = (): readonly string[] => [];

export const reals = (shape: Shape | null): PortType => ({ dtype: "real", shape });

/** Reals of the one shape that all inputs have, or the sentence about the first that has another. */
export const alike = (who: string, inputs: readonly PortType[]): PortType | string => {
  let common: Shape | null = null;
  for (const input of inputs) {
    const next = merge(common, input.shape);
    if (next === undefined) return takes(who, show(common), show(input.shape));
    common = next;
  }
  return reals(common);
};

/** Backwards through a layer whose inputs and output are of one shape. */
export const sameShape = (
  _options: unknown,
  inputs: readonly PortType[],
  output: Shape | null,
): readonly (Shape | null)[] => {
  const common = alike("", [...inputs, reals(output)]);
  return inputs.map((input) => (typeof common === "string" ? input.shape : common.shape));
};
