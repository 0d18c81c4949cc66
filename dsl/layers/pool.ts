/** Pooling: one number for the numbers under a window, channel by channel. */
import * as z from "zod/mini";
import type { LayerName } from "../net.js";
import type { OneInput, TypedLayer } from "../rule.js";
import type { ShapeOf } from "../shape.js";
import { define, type LayerDefinition, make, one } from "./definition.js";
import {
  type NoImage,
  type Padding,
  type Pair,
  paddingSchema,
  pairOf,
  pairSchema,
  unwindowed,
  type Window,
  type Windowed,
  type WindowType,
  windowed,
} from "./image.js";

export interface Pool<Who extends string, W extends WindowType> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? ShapeOf<P> extends readonly [number, number, infer C extends number]
      ? Windowed<Who, W, P, C>
      : NoImage<Who, P>
    : never;
}

type Options = { readonly size: readonly [number, number]; readonly stride: readonly [number, number] } & {
  readonly padding: Padding;
};
const windowOf = ({ size, ...rest }: Options): Window => ({ kernel: size, dilation: [1, 1], ...rest });

const pooling = (who: string): LayerDefinition =>
  define({
    kind: "function",
    options: z.strictObject({
      size: pairSchema,
      stride: pairSchema,
      padding: z._default(paddingSchema, "valid"),
    }),
    ports: one,
    forward: (options, [input]) => windowed(who, windowOf(options), input, (c) => c),
    backward: (options, [input], output) => unwindowed(windowOf(options), input, output, (n) => n),
  });

export const averagePoolDefinition = pooling("averagePool");
export const maxPoolDefinition = pooling("maxPool");

const pool =
  <Who extends LayerName>(who: Who, definition: LayerDefinition) =>
  <const K extends Pair, const S extends Pair = K, const P extends Padding = "valid">(
    size: K,
    options: { readonly stride?: S; readonly padding?: P } = {},
  ): TypedLayer<Pool<Who, { kernel: K; stride: S; dilation: 1; padding: P }>> => {
    const { stride = size, ...rest } = options;
    return make(who, definition, { size: pairOf(size), stride: pairOf(stride), ...rest });
  };

/**
 * The mean under a window, channel by channel: [h, w, c] → [h', w', c]. `size` and `stride` (default `size`) are
 * numbers, or pairs along height and width. `padding`: "valid" (default) gives h' = ⌊(h − size)/stride⌋ + 1; "same"
 * gives h' = ⌈h/stride⌉, and what lies outside of the image is not counted.
 * Refuses what is not [h, w, c], and with "valid" images smaller than the window.
 */
export const averagePool = pool("averagePool", averagePoolDefinition);

/** The largest number under a window, channel by channel; sizes, options and errors as in `averagePool`. */
export const maxPool = pool("maxPool", maxPoolDefinition);
