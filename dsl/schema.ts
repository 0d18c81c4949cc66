/** The form of a net that comes from outside, as zod schemas; what it means is checked by `json.ts`. */
import * as z from "zod/mini";
import type { NDArray } from "./array.js";
import { decodeData } from "./base64.js";
import { bodySchema } from "./body.js";
import { outputFault } from "./fn.js";
import { size } from "./layers/definition.js";
import { layers } from "./layers/index.js";
import { hint } from "./message.js";
import type { LayerName, Net } from "./net.js";
import { mostTimes } from "./repeat.js";

const shape = z.readonly(z.array(z.nullable(size)).check(z.maxLength(8)));
const whole = z
  .strictObject({ dtype: z.literal("integer"), shape: z.nullable(shape), min: z.int(), max: z.int() })
  .check(z.refine(({ min, max }) => min <= max, { message: "takes min <= max", path: ["max"] }));
const port = z.discriminatedUnion("dtype", [
  z.strictObject({ dtype: z.literal("real"), shape: z.nullable(shape) }),
  whole,
]);
/** What the result of a traced function is rounded to. */
const output = whole.check(
  z.superRefine((given, context) => {
    const message = outputFault(given);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  }),
);
const name = z.string().check(z.minLength(1), z.maxLength(200), z.regex(/^[^.]+$/, "a name takes no dot"));
const source = z.string().check(z.minLength(1), z.maxLength(10_000));
const ports = z.record(name, port);

const form = { shape: z.readonly(z.array(size).check(z.maxLength(8))), dtype: z.enum(["float32", "int32"]) };

/** The precision in which float32 numbers are written, where it is not their own. */
const stored = z.optional(
  z.literal("float16", { error: ({ input }) => `takes float16 but receives ${String(input)}` }),
);

/** An array whose numbers are written as base64. */
const written = z.pipe(
  z.strictObject({ ...form, stored, data: z.string() }),
  z.transform(({ data, stored, ...rest }, { issues, value }): NDArray => {
    const refuse = (field: string, message: string) =>
      issues.push({ code: "custom", message, path: [field], input: value });
    if (stored && rest.dtype !== "float32") {
      refuse("stored", `${stored} is for float32 arrays`);
      return z.NEVER;
    }
    const numbers = decodeData(data, stored ?? rest.dtype);
    if (numbers !== null) return { ...rest, data: numbers };
    refuse("data", `takes base64 of ${rest.dtype} numbers`);
    return z.NEVER;
  }),
);
/** An array whose numbers are there. */
const held = z.strictObject({
  ...form,
  data: z.union([z.instanceof(Float32Array), z.instanceof(Int32Array)]),
});

const names = [...Object.keys(layers), "fn", "chain", "graph", "map", "nest", "fold"];

function schemaOf(array: z.ZodMiniType<NDArray>): z.ZodMiniType<Net> {
  const inner: z.ZodMiniType<Net> = z.lazy(() => net);
  const layer = (op: LayerName) =>
    z.strictObject({
      op: z.literal(op),
      options: layers[op].options,
      arrays: z.optional(z.record(name, array)),
      frozen: z.optional(z.literal(true)),
      shared: z.optional(z.string().check(z.minLength(1), z.maxLength(10_000))),
    });
  const options = [
    z.strictObject({ op: z.literal("fn"), inputs: ports, body: bodySchema, output: z.optional(output) }),
    z.strictObject({ op: z.literal("chain"), layers: z.readonly(z.array(inner).check(z.minLength(1))) }),
    z.strictObject({
      op: z.literal("graph"),
      inputs: ports,
      nodes: z.record(name, inner),
      edges: z.record(name, z.record(name, source)),
      outputs: z.record(name, source),
    }),
    z.strictObject({ op: z.literal("map"), net: inner }),
    z.strictObject({ op: z.literal("nest"), net: inner, times: z.int().check(z.gte(1), z.lte(mostTimes)) }),
    z.strictObject({ op: z.literal("fold"), net: inner, all: z.optional(z.literal(true)) }),
    ...(Object.keys(layers) as LayerName[]).map(layer),
  ] as const;
  const net = z.discriminatedUnion("op", options, { error: unknownOp }) as unknown as z.ZodMiniType<Net>;
  return net;
}

const unknownOp = ({ input }: { readonly input?: unknown }): string | undefined => {
  if (typeof input !== "object" || input === null) return "takes a net";
  const op: unknown = "op" in input ? input.op : undefined;
  return typeof op === "string" ? `there is no layer ${op}${hint(op, names)}` : "takes the name of a layer";
};

/** A net as in a file, its arrays as base64. */
export const writtenNet = schemaOf(written);
/** A net as in a message, its arrays as they are. */
export const heldNet = schemaOf(held);
