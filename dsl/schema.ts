/** The form of a net that comes from outside, as zod schemas; what it means is checked by `json.ts`. */
import * as z from "zod";
import type { NDArray } from "./array.js";
import { decodeData } from "./base64.js";
import { bodySchema } from "./body.js";
import { outputFault } from "./fn.js";
import { size } from "./layers/definition.js";
import { layers } from "./layers/index.js";
import { hint } from "./message.js";
import type { LayerName, Net } from "./net.js";
import { mostTimes } from "./repeat.js";

const shape = z.array(size.nullable()).max(8).readonly();
const whole = z
  .strictObject({ dtype: z.literal("integer"), shape: shape.nullable(), min: z.int(), max: z.int() })
  .refine(({ min, max }) => min <= max, { message: "takes min <= max", path: ["max"] });
const port = z.discriminatedUnion("dtype", [
  z.strictObject({ dtype: z.literal("real"), shape: shape.nullable() }),
  whole,
]);
/** What the result of a traced function is rounded to. */
const output = whole.superRefine((given, context) => {
  const message = outputFault(given);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});
const name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^.]+$/, "a name takes no dot");
const source = z.string().min(1).max(10_000);
const ports = z.record(name, port);

const form = { shape: z.array(size).max(8).readonly(), dtype: z.enum(["float32", "int32"]) };

/** The precision in which float32 numbers are written, where it is not their own. */
const stored = z
  .literal("float16", { error: ({ input }) => `takes float16 but receives ${String(input)}` })
  .optional();

/** An array whose numbers are written as base64. */
const written = z
  .strictObject({ ...form, stored, data: z.string() })
  .transform(({ data, stored, ...rest }, context): NDArray => {
    if (stored && rest.dtype !== "float32") {
      context.addIssue({ code: "custom", message: `${stored} is for float32 arrays`, path: ["stored"] });
      return z.NEVER;
    }
    const numbers = decodeData(data, stored ?? rest.dtype);
    if (numbers !== null) return { ...rest, data: numbers };
    context.addIssue({ code: "custom", message: `takes base64 of ${rest.dtype} numbers`, path: ["data"] });
    return z.NEVER;
  });
/** An array whose numbers are there. */
const held = z.strictObject({
  ...form,
  data: z.union([z.instanceof(Float32Array), z.instanceof(Int32Array)]),
});

const names = [...Object.keys(layers), "fn", "chain", "graph", "map", "nest", "fold"];

function schemaOf(array: z.ZodType<NDArray>): z.ZodType<Net> {
  const inner: z.ZodType<Net> = z.lazy(() => net);
  const layer = (op: LayerName) =>
    z.strictObject({
      op: z.literal(op),
      options: layers[op].options,
      arrays: z.record(name, array).optional(),
      frozen: z.literal(true).optional(),
      shared: z.string().min(1).max(10_000).optional(),
    });
  const options = [
    z.strictObject({ op: z.literal("fn"), inputs: ports, body: bodySchema, output: output.optional() }),
    z.strictObject({ op: z.literal("chain"), layers: z.array(inner).min(1).readonly() }),
    z.strictObject({
      op: z.literal("graph"),
      inputs: ports,
      nodes: z.record(name, inner),
      edges: z.record(name, z.record(name, source)),
      outputs: z.record(name, source),
    }),
    z.strictObject({ op: z.literal("map"), net: inner }),
    z.strictObject({ op: z.literal("nest"), net: inner, times: z.int().min(1).max(mostTimes) }),
    z.strictObject({ op: z.literal("fold"), net: inner, all: z.literal(true).optional() }),
    ...(Object.keys(layers) as LayerName[]).map(layer),
  ] as const;
  const net = z.discriminatedUnion("op", options, { error: unknownOp }) as unknown as z.ZodType<Net>;
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
