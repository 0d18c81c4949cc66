import * as z from "zod/mini";
import type { NDArray } from "../array.js";
import type { Integer } from "../ports.js";
import type { Source, TypedLayer } from "../rule.js";
import { define, type Init, make, none, reals, shape, whole } from "./definition.js";

const finite = z.number();
const positive = z.number().check(z.gte(0));

export const parameterDefinition = define({
  kind: "layer",
  options: z.strictObject({
    shape,
    init: z._default(z.enum(["normal", "uniform", "zeros", "ones"]), "normal"),
  }),
  ports: none,
  forward: ({ shape }) => reals(shape),
  parameters: ({ shape, init }) => ({ value: { shape, init: inits[init] } }),
});

const inits = {
  normal: { kind: "normal", std: 1 },
  uniform: { kind: "uniform", bound: 1 },
  zeros: { kind: "zeros" },
  ones: { kind: "ones" },
} as const satisfies Record<string, Init>;

/** Numbers, nested as deep as the shape or flat. */
export type Numbers = number | readonly Numbers[] | Float32Array;

const flat = (value: Numbers): number[] =>
  typeof value === "number" ? [value] : value instanceof Float32Array ? [...value] : value.flatMap(flat);

/**
 * A learned array, or with `trainable: false` a constant one; it has no inputs, and gives the same for every example.
 * `value`: its numbers, nested or flat, row-major; without them it begins as `init` says: "normal" (standard
 * normal, the default), "uniform" between ±1, "zeros" or "ones".
 * Throws where `value` has not as many numbers as the shape.
 */
export const parameter = <const S extends readonly number[]>(
  shape: S,
  options: {
    readonly init?: keyof typeof inits;
    readonly value?: Numbers;
    readonly trainable?: boolean;
  } = {},
): TypedLayer<Source<S>> => {
  const { init, value, trainable = true } = options;
  const layer = make("parameter", parameterDefinition, init === undefined ? { shape } : { shape, init });
  const frozen = trainable ? {} : ({ frozen: true } as const);
  if (value === undefined) return { ...layer, ...frozen };
  const data = Float32Array.from(flat(value));
  const count = shape.reduce((n, d) => n * d, 1);
  if (data.length !== count)
    throw new TypeError(
      `parameter takes ${count} numbers for [${shape.join(", ")}] but receives ${data.length}`,
    );
  const array: NDArray = { shape: [...shape], dtype: "float32", data };
  return { ...layer, ...frozen, arrays: { value: array } };
};

export const randomNormalDefinition = define({
  kind: "random",
  options: z.strictObject({ shape, mean: z._default(finite, 0), std: z._default(positive, 1) }),
  ports: none,
  forward: ({ shape }) => reals(shape),
});

export const randomUniformDefinition = define({
  kind: "random",
  options: z.strictObject({ shape, min: z._default(finite, 0), max: z._default(finite, 1) }),
  ports: none,
  forward: ({ shape }) => reals(shape),
});

export const randomIntegerDefinition = define({
  kind: "random",
  options: z
    .strictObject({ min: whole, max: whole })
    .check(z.refine(({ min, max }) => min <= max, { message: "takes min <= max", path: ["max"] })),
  ports: none,
  forward: ({ min, max }) => ({ dtype: "integer", shape: [], min, max }),
});

/** Independent normal numbers, drawn anew for each example. `mean`: default 0; `std`: default 1. */
export const randomNormal = <const S extends readonly number[]>(
  shape: S,
  options: { readonly mean?: number; readonly std?: number } = {},
): TypedLayer<Source<S>> => make("randomNormal", randomNormalDefinition, { shape, ...options });

/** Independent uniform numbers from `min` (default 0) to `max` (default 1), drawn anew for each example. */
export const randomUniform = <const S extends readonly number[]>(
  shape: S,
  options: { readonly min?: number; readonly max?: number } = {},
): TypedLayer<Source<S>> => make("randomUniform", randomUniformDefinition, { shape, ...options });

/** A whole number from `min` to `max`, both included and equally likely, drawn anew for each example. */
export const randomInteger = <const Min extends number, const Max extends number>(
  min: Min,
  max: Max,
): TypedLayer<Source<Integer<Min, Max, readonly []>>> =>
  make("randomInteger", randomIntegerDefinition, { min, max });
