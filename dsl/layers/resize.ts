/** Images made larger and smaller. */
import * as z from "zod/mini";
import type { Divide, IsMultiple, Multiply } from "../arithmetic.js";
import type { Takes } from "../message.js";
import { takes } from "../message.js";
import type { Size } from "../net.js";
import type { OneInput, TypedLayer } from "../rule.js";
import { merge, type ShapeOf, type Show, show } from "../shape.js";
import { define, make, one, reals } from "./definition.js";
import { type Along, exactly, imageOf, type NoImage, type Pair, pairOf, pairSchema } from "./image.js";

const factor = z._default(pairSchema, [2, 2]);

// ---- upsample ------------------------------------------------------------------------------------------------

export interface Upsample<F extends Pair> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? ShapeOf<P> extends readonly [infer H extends number, infer W extends number, infer C extends number]
      ? readonly [Multiply<H, Along<F, 0>>, Multiply<W, Along<F, 1>>, C]
      : NoImage<"upsample", P>
    : never;
}

export const upsampleDefinition = define({
  kind: "function",
  options: z.strictObject({ factor, method: z._default(z.enum(["nearest", "bilinear"]), "nearest") }),
  ports: one,
  forward: ({ factor: [fh, fw] }, [input]) => {
    const image = imageOf(input);
    if (!image) return takes("upsample", "[?, ?, ?]", show(input ?? null));
    const [h, w, c] = image;
    return reals([times(h, fh), times(w, fw), c]);
  },
  backward: ({ factor: [fh, fw] }, [input], output) => {
    const shape = input?.shape ?? null;
    const image = imageOf(reals(output));
    return [
      image ? (merge(shape, [exactly(image[0], fh), exactly(image[1], fw), image[2]]) ?? shape) : shape,
    ];
  },
});

const times = (n: Size, factor: number): Size => (n === null ? null : n * factor);

/**
 * A larger image: [h, w, c] → [factor·h, factor·w, c]. `factor`: default 2, a number or a pair. `method`: "nearest"
 * (default) repeats each pixel, "bilinear" interpolates between pixel centres, the outermost pixels going on for ever.
 * Refuses what is not [h, w, c].
 */
export const upsample = <const F extends Pair = 2>(
  factor?: F,
  options: { readonly method?: "nearest" | "bilinear" } = {},
): TypedLayer<Upsample<F>> =>
  make("upsample", upsampleDefinition, { factor: pairOf(factor ?? 2), ...options });

// ---- downsample ----------------------------------------------------------------------------------------------

export interface Downsample<F extends Pair> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? ShapeOf<P> extends readonly [infer H extends number, infer W extends number, infer C extends number]
      ? [IsMultiple<H, Along<F, 0>>, IsMultiple<W, Along<F, 1>>] extends [true, true]
        ? readonly [Divide<H, Along<F, 0>>, Divide<W, Along<F, 1>>, C]
        : Takes<"downsample", `sizes in multiples of ${Show<readonly [Along<F, 0>, Along<F, 1>]>}`, Show<P>>
      : NoImage<"downsample", P>
    : never;
}

export const downsampleDefinition = define({
  kind: "function",
  options: z.strictObject({
    factor,
    method: z._default(z.enum(["average", "nearest", "bilinear"]), "average"),
  }),
  ports: one,
  forward: ({ factor }, [input]) => {
    const image = imageOf(input);
    if (!image) return takes("downsample", "[?, ?, ?]", show(input ?? null));
    const sizes = factor.map((f, axis) => exactly(image[axis as 0 | 1], f));
    if (sizes.some((n, axis) => n === null && image[axis as 0 | 1] !== null))
      return takes("downsample", `sizes in multiples of ${show(factor)}`, show(input ?? null));
    return reals([...sizes, image[2]]);
  },
  backward: ({ factor: [fh, fw] }, [input], output) => {
    const shape = input?.shape ?? null;
    const image = imageOf(reals(output));
    return [image ? (merge(shape, [times(image[0], fh), times(image[1], fw), image[2]]) ?? shape) : shape];
  },
});

/**
 * A smaller image: [h, w, c] → [h/factor, w/factor, c]. `factor`: default 2, a number or a pair. `method`: "average"
 * (default) is the mean of each block of factor × factor pixels, "nearest" its pixel at (⌊factor/2⌋, ⌊factor/2⌋),
 * "bilinear" interpolates at the block's centre. Refuses what is not [h, w, c], and sizes that `factor` does not divide.
 */
export const downsample = <const F extends Pair = 2>(
  factor?: F,
  options: { readonly method?: "average" | "nearest" | "bilinear" } = {},
): TypedLayer<Downsample<F>> =>
  make("downsample", downsampleDefinition, { factor: pairOf(factor ?? 2), ...options });

// ---- resize --------------------------------------------------------------------------------------------------

export interface Resize<S extends Pair> extends OneInput {
  readonly out: this["in"] extends readonly [infer P]
    ? ShapeOf<P> extends readonly [number, number, infer C extends number]
      ? readonly [Along<S, 0>, Along<S, 1>, C]
      : NoImage<"resize", P>
    : never;
}

export const resizeDefinition = define({
  kind: "function",
  options: z.strictObject({
    size: pairSchema,
    method: z._default(z.enum(["nearest", "bilinear"]), "bilinear"),
  }),
  ports: one,
  forward: ({ size }, [input]) => {
    const image = imageOf(input);
    return image ? reals([...size, image[2]]) : takes("resize", "[?, ?, ?]", show(input ?? null));
  },
  backward: (_, [input], output) => {
    const shape = input?.shape ?? null;
    const image = imageOf(reals(output));
    return [image ? (merge(shape, [null, null, image[2]]) ?? shape) : shape];
  },
});

/**
 * The image in other sizes: [h, w, c] → [...size, c], `size` a number or a pair. `method`: "bilinear" (default), output
 * pixel i at (i + ½)·h/h' − ½ of the input, held within it, as PyTorch's and tfjs's with half-pixel centres;
 * "nearest", the input's pixel ⌊(i + ½)·h/h'⌋. Refuses what is not [h, w, c].
 */
export const resize = <const S extends Pair>(
  size: S,
  options: { readonly method?: "nearest" | "bilinear" } = {},
): TypedLayer<Resize<S>> => make("resize", resizeDefinition, { size: pairOf(size), ...options });
